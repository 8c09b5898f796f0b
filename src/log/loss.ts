import { ATTRIBUTE } from '../record/batch.ts';
import { RecordCursor } from '../record/cursor.ts';
import type { BatchRow, LogRows } from './rows.ts';

/** What goes when a log start moves. */
export interface Loss {
  /** Records that readers could see, without control records. */
  readonly records: number;
  /** Bytes of the batches that go; a batch goes when all of it lies below the new log start. */
  readonly bytes: number;
}

/**
 * What goes when the log start of a partition moves from `start` to `newStart`: exact, and without opening a batch unless
 * a boundary lies inside one that compaction has thinned out.
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE when such a batch cannot be read
 */
export function lossBetween(rows: LogRows, partition: number, start: number, newStart: number): Loss {
  const first = rows.batchFrom(partition, start);
  if (first === undefined || first.base >= newStart) return { records: 0, bytes: 0 };
  const last = rows.batchFrom(partition, newStart);
  const inside = last !== undefined && last.base < newStart;
  const { records, bytes } = rows.sumBetween(partition, first.base, inside ? last.base : newStart);
  const partly = inside ? recordsBelow(rows, last, newStart) : 0;
  return { records: records + partly - recordsBelow(rows, first, start), bytes };
}

/**
 * How many of a batch's records lie below `offset`; those of a control batch don't count.
 * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE when the batch is thinned out and cannot be read
 */
export function recordsBelow(rows: LogRows, batch: BatchRow, offset: number): number {
  if (offset <= batch.base || (batch.attributes & ATTRIBUTE.control) !== 0) return 0;
  if (offset > batch.last) return batch.records;
  const dense = batch.records === batch.last - batch.base + 1;
  return dense ? offset - batch.base : countBelow(rows.data(batch.seq), offset);
}

function countBelow(blob: Buffer | undefined, offset: number): number {
  if (blob === undefined) return 0;
  const cursor = new RecordCursor(blob);
  let count = 0;
  while (cursor.next() && cursor.offset < offset) count++;
  return count;
}
