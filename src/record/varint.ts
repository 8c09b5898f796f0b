/** Zigzag varints as in Protocol Buffers (org.apache.kafka.common.utils.ByteUtils): 7 bits a byte, the lowest first. */

/** Bytes of a 32-bit signed integer as a zigzag varint: 1 to 5. */
export function varintSize(value: number): number {
  const n = (value << 1) ^ (value >> 31);
  if (n >>> 7 === 0) return 1;
  if (n >>> 14 === 0) return 2;
  if (n >>> 21 === 0) return 3;
  return n >>> 28 === 0 ? 4 : 5;
}

/** Bytes of a safe integer as a zigzag varlong: 1 to 8. */
export function varlongSize(value: number): number {
  if (value === (value | 0)) return varintSize(value);
  let rest = magnitude(value) / 64;
  let size = 1;
  for (; rest >= 1; rest /= 128) size++;
  return size;
}

/** Writes a 32-bit signed integer at `at`; returns where the next byte goes. The room must be there. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let n = (value << 1) ^ (value >> 31);
  while (n >>> 7 !== 0) {
    out[at++] = (n & 0x7f) | 0x80;
    n >>>= 7;
  }
  out[at++] = n;
  return at;
}

/** Writes a safe integer at `at`; returns where the next byte goes. Without BigInt: 6 bits and the sign, then 7 by 7. */
export function writeVarlong(out: Uint8Array, at: number, value: number): number {
  if (value === (value | 0)) return writeVarint(out, at, value);
  const whole = magnitude(value);
  let seven = (whole % 64) * 2 + (value < 0 ? 1 : 0);
  let rest = Math.floor(whole / 64);
  while (rest > 0) {
    out[at++] = seven | 0x80;
    seven = rest % 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = seven;
  return at;
}

/** What zigzag keeps beside the sign: 0, -1 → 0; 1, -2 → 1. */
function magnitude(value: number): number {
  return value < 0 ? -value - 1 : value;
}
