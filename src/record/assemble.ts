import { CODECS, type Codec } from '../types.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, type HeaderFields, sealChecksum, writeHeader } from './batch.ts';
import { compress } from './codec.ts';

/** So many bytes that nobody else looks at, never a slice of Node's pool (I5). What lies in them does not matter. */
export type BatchMemory = (bytes: number) => Buffer;

/**
 * Puts a batch together: header, records (plain; compressed here), checksum. `codec` decides the attributes' codec bits.
 * Lies in `memory`, by default of its own size.
 */
export function assembleBatch(
  fields: HeaderFields,
  codec: Codec,
  records: Buffer,
  memory: BatchMemory = Buffer.allocUnsafeSlow,
): Buffer {
  const section = codec === 'none' ? records : compress(codec, records);
  const blob = memory(BATCH_OVERHEAD + section.length);
  writeHeader(blob, { ...fields, attributes: (fields.attributes & ~ATTRIBUTE.codec) | CODECS.indexOf(codec) });
  blob.set(section, BATCH_OVERHEAD);
  return sealChecksum(blob);
}
