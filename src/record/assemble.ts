import { CODECS, type Codec } from '../types.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, type HeaderFields, sealChecksum, writeHeader } from './batch.ts';
import { compress } from './codec.ts';

/**
 * Puts a batch together: header, records (plain; compressed here), checksum. `codec` decides the attributes' codec bits.
 * Exactly sized and alone in its memory, never a slice of Node's pool (I5).
 */
export function assembleBatch(fields: HeaderFields, codec: Codec, records: Buffer): Buffer {
  const section = codec === 'none' ? records : compress(codec, records);
  const blob = Buffer.allocUnsafeSlow(BATCH_OVERHEAD + section.length);
  writeHeader(blob, { ...fields, attributes: (fields.attributes & ~ATTRIBUTE.codec) | CODECS.indexOf(codec) });
  blob.set(section, BATCH_OVERHEAD);
  return sealChecksum(blob);
}
