import type { BatchRow, LogRows, PartitionRow } from '../log/rows.ts';
import { RecordCursor } from '../record/cursor.ts';
import type { Topic } from '../topic/topics.ts';

/** What lies in one partition. Offsets half-open, bytes as on the disk, times in ms or null while there is no record. */
export interface PartitionFigures {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly lastStable: number;
  readonly records: number;
  readonly bytes: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** The figures of a topic's partitions, from the rows that every write keeps; no batch is opened. */
export function describePartitions(rows: LogRows, topic: Topic): PartitionFigures[] {
  return rows.partitionsOf(topic.id).map((row) => ({ partition: row.number, ...figures(rows, row) }));
}

/** Compaction may have taken a batch's first record, whose time the row still has; then the batch is opened. */
function oldestTime(rows: LogRows, row: PartitionRow, first: BatchRow): number {
  if (first.base >= row.compactedTo && first.base >= row.logStart) return first.baseTimestamp;
  const blob = rows.data(first.seq);
  const cursor = blob === undefined ? undefined : new RecordCursor(blob);
  while (cursor?.next()) if (cursor.offset >= row.logStart) return cursor.timestamp;
  return first.maxTimestamp;
}

function figures(rows: LogRows, row: PartitionRow): Omit<PartitionFigures, 'partition'> {
  const { logStart: start, nextOffset: end, lastStable, records, bytes } = row;
  const first = bytes === 0 ? undefined : rows.batchFrom(row.id, start);
  return {
    start,
    end,
    lastStable,
    records,
    bytes,
    oldest: first === undefined ? null : oldestTime(rows, row, first),
    newest: first === undefined ? null : row.maxTimestamp,
  };
}
