import type { RetentionRow } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { bytes, count, groupDigits } from '../units.ts';

/** Offsets: the log starts at `start` and will at `newStart`; `frees` is in bytes. */
export function trimDocument({ topic, partition, start, newStart, records, bytes: frees }: RetentionRow) {
  return { topic, partition, start, newStart, records, frees };
}

/** What a trim would take, a partition a line. */
export function trimPage(rows: readonly RetentionRow[], io: Io): Promise<string> {
  return table(rows, TRIM_COLUMNS, { writer: io.stdout, env: io.env });
}

const TRIM_COLUMNS: readonly Column<RetentionRow>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  {
    title: 'OFFSETS',
    align: 'right',
    value: ({ start, newStart }) => `${groupDigits(start)} – ${groupDigits(newStart - 1)}`,
  },
  { title: 'RECORDS', align: 'right', value: ({ records }) => groupDigits(records) },
  { title: 'FREES', align: 'right', value: (row) => bytes(row.bytes) },
];

/** `orders loses 812 records (96 kB). Trim it for good?` */
export function trimQuestion(topic: string, rows: readonly RetentionRow[]): string {
  return `${topic} loses ${lossText(rows)}. Trim it for good?`;
}

/** `orders trimmed: 812 records (96 kB)` */
export function trimmedLine(topic: string, rows: readonly RetentionRow[]): string {
  if (rows.length === 0) return `${topic} has nothing to trim there`;
  return `${topic} trimmed: ${lossText(rows)}`;
}

function lossText(rows: readonly RetentionRow[]): string {
  const sum = (of: 'records' | 'bytes') => rows.reduce((total, row) => total + row[of], 0);
  return `${count(sum('records'), 'record')} (${bytes(sum('bytes'))})`;
}
