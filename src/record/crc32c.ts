import { loadPackage } from './load-package.ts';

/** CRC-32C (Castagnoli), reflected. `zlib.crc32` is another polynomial. */
const POLYNOMIAL = 0x82f63b78;

/** Below this many bytes a call into the native package costs more than it saves. */
const NATIVE_BLOCK = 1024;

/**
 * The native package is loaded once this many bytes were asked for: loading takes 3.5 ms, as long as JavaScript that is not
 * compiled yet takes for about 200 KB, and a command that writes one record would only ever pay for it.
 */
const NATIVE_AFTER = 128 * 1024;

type NativeCrc = (bytes: Uint8Array, seed?: number) => number;

let summed = 0;
let native: NativeCrc | null | undefined;
let table: Int32Array | undefined;

/** CRC-32C of `bytes[start … end)`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  if (length >= NATIVE_BLOCK) {
    summed += length;
    if (summed >= NATIVE_AFTER) native = native === undefined ? loadNative() : native;
    if (native) return native(bytes.subarray(start, end));
  }
  return crc32cSlicing(bytes, start, end);
}

/** The same in JavaScript alone (slicing by 8): the fallback, and what small blocks take. */
export function crc32cSlicing(bytes: Uint8Array, start = 0, end = bytes.length): number {
  table ??= makeTable();
  const t = table;
  let crc = -1;
  let i = start;
  for (const words = end - 7; i < words; i += 8) {
    const low =
      crc ^ (byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24));
    crc =
      entry(t, 0x700 + (low & 0xff)) ^
      entry(t, 0x600 + ((low >>> 8) & 0xff)) ^
      entry(t, 0x500 + ((low >>> 16) & 0xff)) ^
      entry(t, 0x400 + (low >>> 24)) ^
      entry(t, 0x300 + byte(bytes, i + 4)) ^
      entry(t, 0x200 + byte(bytes, i + 5)) ^
      entry(t, 0x100 + byte(bytes, i + 6)) ^
      entry(t, byte(bytes, i + 7));
  }
  for (; i < end; i++) crc = entry(t, (crc ^ byte(bytes, i)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** One function for each kind of array: shared, it would be compiled for both and take half as long again. */
function byte(bytes: Uint8Array, i: number): number {
  return bytes[i] as number;
}

function entry(table: Int32Array, i: number): number {
  return table[i] as number;
}

/** Eight tables in one array: the n-th steps a byte over n further zero bytes. */
function makeTable(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
    made[n] = crc;
  }
  for (let n = 256; n < made.length; n++) {
    const before = entry(made, n - 256);
    made[n] = entry(made, before & 0xff) ^ (before >>> 8);
  }
  return made;
}

function loadNative(): NativeCrc | null {
  try {
    return loadPackage<{ crc32c: NativeCrc }>('@node-rs/crc32').crc32c;
  } catch {
    return null; // Optional: no binary for this platform is no failure.
  }
}
