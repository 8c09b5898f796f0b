import { loadPackage, PackageMissing } from './load-package.ts';
import { decodeSnappyBlock, plainLength } from './snappy-block.ts';

interface Snappy {
  compressSync(plain: Uint8Array): Buffer;
  uncompressSync(block: Uint8Array, options: { asBuffer: true }): Buffer;
}

interface SnappyJs {
  compress(plain: Uint8Array): Uint8Array;
}

/** xerial's framing (snappy-java's SnappyOutputStream): this, two int32 versions, then blocks behind an int32 length each. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

let binary: Snappy | null | undefined;

/** One raw block, which every client reads; the native package, else the JavaScript one. */
export function compressSnappy(plain: Buffer): Uint8Array {
  const snappy = loadBinary();
  return snappy ? snappy.compressSync(plain) : loadPackage<SnappyJs>('snappyjs').compress(plain);
}

/** Reads both forms: xerial's framing (Java, Python) and one raw block (librdkafka, Go, JavaScript). */
export function decompressSnappy(bytes: Buffer, limit: number): Buffer {
  const framed = bytes.length >= XERIAL_HEADER && bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  return framed ? decompressChunks(bytes, limit) : decompressBlock(bytes, limit);
}

function decompressChunks(bytes: Buffer, limit: number): Buffer {
  const chunks: Buffer[] = [];
  let left = limit;
  for (let at = XERIAL_HEADER; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1;
    at += 4;
    if (length < 0 || at + length > bytes.length) throw new Error('a chunk is truncated');
    const chunk = decompressBlock(bytes.subarray(at, at + length), left);
    chunks.push(chunk);
    left -= chunk.length;
    at += length;
  }
  return Buffer.concat(chunks);
}

/** The length a block declares is checked before anything is allocated for it. */
function decompressBlock(block: Buffer, limit: number): Buffer {
  const length = plainLength(block);
  if (length > limit) throw new Error(`it would take more than ${limit} bytes`);
  const snappy = loadBinary();
  return snappy ? snappy.uncompressSync(block, { asBuffer: true }) : decodeSnappyBlock(block);
}

function loadBinary(): Snappy | null {
  if (binary !== undefined) return binary;
  try {
    binary = loadPackage<Snappy>('snappy');
  } catch (error) {
    if (!(error instanceof PackageMissing)) throw error;
    binary = null; // Optional: there is no binary for every platform.
  }
  return binary;
}
