import { loadPackage } from './load-package.ts';

interface Lz4 {
  compressFrameSync(plain: Buffer): Buffer;
  decompressFrameSync(frame: Buffer): Buffer;
}

const lz4 = () => loadPackage<Lz4>('lz4-napi');

/** No lz4 block expands further than this. */
const MAX_RATIO = 255;
const MAGIC = 0x184d2204;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID = 0x01;

/** The lz4 frame format with independent blocks (FLG 0x60), the only one that Kafka's Java client reads (KIP-57). */
export function compressLz4(plain: Buffer): Buffer {
  return lz4().compressFrameSync(plain);
}

/** Reads lz4 frames. The package has no limit of its own, so what could pass it is looked through first. */
export function decompressLz4(bytes: Buffer, limit: number): Buffer {
  if (bytes.length * MAX_RATIO > limit && mostBytes(bytes) > limit)
    throw new Error(`it would take more than ${limit} bytes`);
  return lz4().decompressFrameSync(bytes);
}

/** The most bytes that the frames can come to: that of every block at its full size. What is no frame ends the sum. */
function mostBytes(bytes: Buffer): number {
  let total = 0;
  let at = 0;
  while (at + 7 <= bytes.length && bytes.readUInt32LE(at) === MAGIC) {
    const flags = bytes[at + 4] as number;
    const blockBytes = 1 << (8 + 2 * (((bytes[at + 5] as number) >>> 4) & 7));
    at += 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY_ID ? 4 : 0);
    for (let size = -1; size !== 0 && at + 4 <= bytes.length; ) {
      size = bytes.readUInt32LE(at) & 0x7fffffff;
      at += 4 + (size === 0 ? 0 : size + (flags & BLOCK_CHECKSUM ? 4 : 0));
      total += size === 0 ? 0 : Math.min(blockBytes, size * MAX_RATIO);
    }
    at += flags & CONTENT_CHECKSUM ? 4 : 0;
  }
  return total;
}
