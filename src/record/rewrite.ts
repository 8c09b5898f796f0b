import type { Codec } from '../types.ts';
import { assembleBatch } from './assemble.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, FIELD, readHeader, sealChecksum } from './batch.ts';
import { BatchBuilder } from './builder.ts';
import { decompress } from './codec.ts';
import { RecordCursor } from './cursor.ts';
import { writeInt64 } from './int64.ts';

/** The batch under the broker's time (`message.timestamp.type=LogAppendTime`): its records all have it; nothing is unpacked. */
export function withLogAppendTime(blob: Buffer, now: number): Buffer {
  const copy = copyOf(blob);
  copy.writeInt16BE(copy.readInt16BE(FIELD.attributes) | ATTRIBUTE.logAppendTime, FIELD.attributes);
  writeInt64(copy, FIELD.maxTimestamp, now);
  return sealChecksum(copy);
}

/** The batch with its largest timestamp (ms) set right, where a producer got it wrong. The blob itself when it was right (I7). */
export function withMaxTimestamp(blob: Buffer, timestamp: number): Buffer {
  if (readHeader(blob).maxTimestamp === timestamp) return blob;
  const copy = copyOf(blob);
  writeInt64(copy, FIELD.maxTimestamp, timestamp);
  return sealChecksum(copy);
}

/**
 * The batch under another codec (a topic's own `compression.type`). The blob itself when it has that codec already (I7).
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE
 */
export function recompress(blob: Buffer, codec: Codec): Buffer {
  const header = readHeader(blob);
  if (header.codec === codec) return blob;
  return assembleBatch(header, codec, decompress(header.codec, blob.subarray(BATCH_OVERHEAD, header.length)));
}

export interface FilterOptions {
  /** KIP-534: the time (ms) from which what compaction only kept for a while may go. One that is set already stays. */
  readonly deleteHorizon?: number | undefined;
}

/**
 * What compaction leaves of a batch: the records that `keep` says yes to, as they are, under the same base and last offset,
 * codec and producer fields (org.apache.kafka.common.record.MemoryRecords.filterTo). Null when no record is left; the blob
 * itself when nothing changed (I7).
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE
 */
export function filterRecords(
  blob: Buffer,
  keep: (cursor: RecordCursor) => boolean,
  options: FilterOptions = {},
): Buffer | null {
  const cursor = new RecordCursor(blob);
  const { header } = cursor;
  const horizon = header.deleteHorizon ? undefined : options.deleteHorizon;
  const { codec, attributes } = header;
  const builder = new BatchBuilder({
    codec,
    capacityHint: cursor.bytes.length + BATCH_OVERHEAD,
    baseTimestamp: horizon ?? header.baseTimestamp,
  });
  while (cursor.next()) {
    if (keep(cursor))
      builder.append(
        cursor.key(),
        cursor.value(),
        cursor.headers(),
        cursor.timestamp,
        cursor.offset - header.baseOffset,
      );
  }
  if (builder.count === 0) return null;
  if (builder.count === header.count && horizon === undefined) return blob;
  return builder.finishAs({
    ...header,
    attributes: horizon === undefined ? attributes : attributes | ATTRIBUTE.deleteHorizon,
    baseTimestamp: builder.baseTimestamp,
    maxTimestamp: header.timestampType === 'LogAppendTime' ? header.maxTimestamp : builder.maxTimestamp,
    count: builder.count,
  });
}

function copyOf(blob: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(blob.length);
  copy.set(blob);
  return copy;
}
