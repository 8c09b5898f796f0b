import type { GroupSummary } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { groupDigits } from '../units.ts';

/** A group under `--json`; `lag` in offsets. */
export interface GroupDocument {
  readonly group: string;
  /** `classic` or `consumer`: how its members agree (KIP-848). */
  readonly type: string;
  readonly state: string;
  readonly generation: number;
  readonly members: number;
  readonly partitions: number;
  readonly lag: number;
}

export function groupDocument({ name, type, state, epoch, members, partitions, lag }: GroupSummary): GroupDocument {
  return { group: name, type, state, generation: epoch, members, partitions, lag };
}

/** A group a line. A narrow terminal loses PARTITIONS first, then GENERATION. */
export function groupListPage(groups: readonly GroupSummary[], io: Io): Promise<string> {
  return table(groups, COLUMNS, { writer: io.stdout, env: io.env });
}

const COLUMNS: readonly Column<GroupSummary>[] = [
  { title: 'GROUP', value: ({ name }) => name },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'GENERATION', align: 'right', drop: 2, value: ({ epoch }) => groupDigits(epoch) },
  { title: 'MEMBERS', align: 'right', value: ({ members }) => groupDigits(members) },
  { title: 'PARTITIONS', align: 'right', drop: 1, value: ({ partitions }) => groupDigits(partitions) },
  {
    title: 'LAG',
    align: 'right',
    value: ({ lag }) => groupDigits(lag),
    paint: ({ lag }, { yellow }) => (lag > 0 ? yellow : undefined),
  },
];
