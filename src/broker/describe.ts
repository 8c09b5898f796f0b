import type { LogRows, PartitionRow } from '../log/rows.ts';
import type { Topic } from '../topic/topics.ts';

/** What lies in one partition. Offsets half-open, bytes as on the disk, times in ms or null while there is no record. */
export interface PartitionFigures {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  readonly records: number;
  readonly bytes: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** The figures of a topic's partitions, from the rows that every write keeps; no batch is opened. */
export function describePartitions(rows: LogRows, topic: Topic): PartitionFigures[] {
  return topic.partitions.flatMap(({ id, number }) => {
    const row = rows.partition(id);
    return row === undefined ? [] : [{ partition: number, ...figures(rows, row) }];
  });
}

function figures(rows: LogRows, row: PartitionRow): Omit<PartitionFigures, 'partition'> {
  const { logStart: start, nextOffset: end, records, bytes } = row;
  const first = bytes === 0 ? undefined : rows.batchFrom(row.id, start);
  return { start, end, records, bytes, oldest: first?.baseTimestamp ?? null, newest: first === undefined ? null : row.maxTimestamp };
}
