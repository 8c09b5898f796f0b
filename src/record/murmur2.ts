const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** The hash of Kafka's default partitioner (org.apache.kafka.common.utils.Utils.murmur2): signed, 32 bits. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  const tail = start + (length & ~3);
  let h = SEED ^ length;
  for (let i = start; i < tail; i += 4) {
    const word = byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24);
    const k = Math.imul(word, M);
    h = Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M);
  }
  if (tail < end) {
    for (let i = end - 1; i >= tail; i--) h ^= byte(bytes, i) << (8 * (i - tail));
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

/** The partition that Kafka's clients give to a key: its hash without the sign, modulo `partitions`. */
export function partitionFor(bytes: Uint8Array, start: number, end: number, partitions: number): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
}

function byte(bytes: Uint8Array, i: number): number {
  return bytes[i] as number;
}
