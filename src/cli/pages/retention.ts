import type { RetentionRow } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { bytes, count, duration, groupDigits, NOTHING } from '../units.ts';

/** Why records go, as a person says it. */
const WHY: Readonly<Record<RetentionRow['why'], (limit: number) => string>> = {
  time: (limit) => `older than ${duration(limit)}`,
  size: (limit) => `over ${bytes(limit)}`,
  trim: (limit) => `below ${groupDigits(limit)}`,
  compaction: () => 'a newer value of its key',
  tombstone: () => 'a tombstone past its time',
};

/** Offsets: the log starts at `start` and will at `newStart`; `limit` in ms or bytes, `frees` in bytes. */
export function retentionDocument({
  topic,
  partition,
  why,
  limit,
  start,
  newStart,
  records,
  bytes: frees,
}: RetentionRow) {
  return { topic, partition, why, limit, start, newStart, records, frees };
}

/** What retention takes, a reason a line. A narrow terminal loses OFFSETS first. */
export function retentionPage(rows: readonly RetentionRow[], io: Io): Promise<string> {
  return table(rows, COLUMNS, { writer: io.stdout, env: io.env });
}

const COLUMNS: readonly Column<RetentionRow>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'WHY', value: ({ why, limit }) => WHY[why](limit ?? 0) },
  { title: 'OFFSETS', align: 'right', drop: 1, value: offsets },
  { title: 'RECORDS', align: 'right', value: ({ records }) => groupDigits(records) },
  { title: 'FREES', align: 'right', value: (row) => bytes(row.bytes) },
];

/** Compaction leaves offsets where they are. */
function offsets({ start, newStart }: RetentionRow): string {
  return newStart > start ? `${groupDigits(start)} – ${groupDigits(newStart - 1)}` : NOTHING;
}

/** `4 843 records (1.3 MB) let go, in 2 partitions` */
export function retainedLine(rows: readonly RetentionRow[]): string {
  if (rows.length === 0) return 'nothing to let go of';
  const sum = (of: 'records' | 'bytes') => rows.reduce((total, row) => total + row[of], 0);
  const partitions = new Set(rows.map(({ topic, partition }) => `${topic} ${partition}`)).size;
  return `${count(sum('records'), 'record')} (${bytes(sum('bytes'))}) let go, in ${count(partitions, 'partition')}`;
}
