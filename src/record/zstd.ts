import { loadPackage } from './load-package.ts';
import { compressZstdWasm, decompressZstdWasm } from './zstd-wasm.ts';

/** What node:zlib has from Node 22.15 on. */
interface NodeZstd {
  zstdCompressSync?(plain: Uint8Array): Buffer;
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Buffer;
}

const zlib = () => loadPackage<NodeZstd>('node:zlib');

/** One standard frame. */
export function compressZstd(plain: Buffer): Uint8Array {
  return zlib().zstdCompressSync?.(plain) ?? compressZstdWasm(plain);
}

/** Reads standard frames of at most `limit` plain bytes. */
export function decompressZstd(bytes: Buffer, limit: number): Uint8Array {
  return zlib().zstdDecompressSync?.(bytes, { maxOutputLength: limit }) ?? decompressZstdWasm(bytes, limit);
}
