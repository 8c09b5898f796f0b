import type { StoredOffset } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { groupDigits } from '../units.ts';

/** Committed offsets, a partition a line. */
export function storedOffsetsPage(offsets: readonly StoredOffset[], io: Io): Promise<string> {
  return table(offsets, COLUMNS, { writer: io.stdout, env: io.env });
}

const COLUMNS: readonly Column<StoredOffset>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'COMMITTED', align: 'right', value: ({ offset }) => groupDigits(offset) },
];
