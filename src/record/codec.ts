import { BrokerError } from '../errors.ts';
import type { Codec } from '../types.ts';
import { corrupt } from './corrupt.ts';
import { loadPackage, PackageMissing } from './load-package.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { compressZstd, decompressZstd } from './zstd.ts';

/** What the records of one batch may come to (bytes). No broker takes more; a few KB that say so are a bomb. */
export const MAX_PLAIN_BYTES = 256 * 1024 * 1024;

/** One codec, synchronous. `decompress` throws on malformed bytes, and on more than `limit` bytes of output. */
interface CodecRow {
  compress(plain: Buffer): Uint8Array;
  decompress(bytes: Buffer, limit: number): Uint8Array;
}

type Zlib = typeof import('node:zlib');
const zlib = () => loadPackage<Zlib>('node:zlib');

const ROWS: Record<Codec, CodecRow> = {
  none: { compress: (plain) => plain, decompress: (bytes) => bytes },
  gzip: {
    compress: (plain) => zlib().gzipSync(plain),
    decompress: (bytes, limit) => zlib().gunzipSync(bytes, { maxOutputLength: limit }),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: { compress: compressLz4, decompress: decompressLz4 },
  zstd: { compress: compressZstd, decompress: decompressZstd },
};

/** Compresses the records of a batch as Kafka's clients expect it. @throws BrokerError UNSUPPORTED_COMPRESSION_TYPE: no package */
export function compress(codec: Codec, plain: Buffer): Buffer {
  try {
    return asBuffer(ROWS[codec].compress(plain));
  } catch (error) {
    throw error instanceof PackageMissing ? unsupported(codec, error) : error;
  }
}

/**
 * Decompresses the records of a batch, whoever wrote them.
 * @throws BrokerError CORRUPT_MESSAGE: malformed, or more than `limit` bytes (256 MiB); UNSUPPORTED_COMPRESSION_TYPE: the
 *   codec's package is missing here
 */
export function decompress(codec: Codec, bytes: Buffer, limit = MAX_PLAIN_BYTES): Buffer {
  try {
    return asBuffer(ROWS[codec].decompress(bytes, limit));
  } catch (error) {
    if (error instanceof PackageMissing) throw unsupported(codec, error);
    throw corrupt(
      `a ${codec} batch cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unsupported(codec: Codec, cause: PackageMissing): BrokerError {
  return new BrokerError('UNSUPPORTED_COMPRESSION_TYPE', { codec, problem: cause.message }, { cause });
}
