import { loadPackage } from './load-package.ts';
import { compressZstdWasm, decompressZstdWasm } from './zstd-wasm.ts';

/** What node:zlib has from Node 22.15 on. */
interface NodeZstd {
  zstdCompressSync?(plain: Uint8Array): Buffer;
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer;
}

/** The first bytes of a frame (RFC 8878, 3.1.1), and nothing more. */
const BEGINNING = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

const zlib = () => loadPackage<NodeZstd>('node:zlib');

/** One standard frame. */
export function compressZstd(plain: Buffer): Uint8Array {
  return zlib().zstdCompressSync?.(plain) ?? compressZstdWasm(plain);
}

/** Reads standard frames of at most `limit` plain bytes; throws when they are cut short. */
export function decompressZstd(bytes: Buffer, limit: number): Uint8Array {
  const { zstdDecompressSync } = zlib();
  if (zstdDecompressSync === undefined || !noticesTheEnd(zstdDecompressSync)) return decompressZstdWasm(bytes, limit);
  return zstdDecompressSync(bytes, { maxOutputLength: limit });
}

let notices: boolean | undefined;

/** Node 22's answers what there is of a frame that is cut short, as if that were all; from 24 on it throws. */
function noticesTheEnd(decompress: NonNullable<NodeZstd['zstdDecompressSync']>): boolean {
  notices ??= throws(() => decompress(BEGINNING, { maxOutputLength: BEGINNING.length }));
  return notices;
}

function throws(fn: () => unknown): boolean {
  try {
    fn();
    return false;
  } catch {
    return true;
  }
}
