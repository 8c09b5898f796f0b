import type { OffsetNote, PlannedOffset } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { count, groupDigits, NOTHING } from '../units.ts';
import { partitionWords } from './partition-words.ts';

/** Why an offset is not what was asked for, as a person says it of these partitions. */
const NOTES: Readonly<Record<OffsetNote, (partitions: string) => string>> = {
  'below-start': (partitions) => `${partitions}: that is before the first offset there is; it becomes the start`,
  'above-end': (partitions) => `${partitions}: that is beyond the end; it becomes the end`,
  'after-last': (partitions) => `${partitions}: no record is of that time or later; it becomes the end`,
  'nothing-committed': (partitions) => `${partitions}: nothing is committed there to go by; it stays as it is`,
};

/** A row of the plan under `--json`. `after` is null where nothing changes; `lag` is what it will be. */
export function plannedDocument({ topic, partition, before, after, start, end, note }: PlannedOffset) {
  return { topic, partition, before, after, start, end, lag: lagAfter({ before, after, start, end }), note };
}

/** Before and after, a partition a line. */
export function planPage(plan: readonly PlannedOffset[], io: Io): Promise<string> {
  return table(plan, COLUMNS, { writer: io.stdout, env: io.env });
}

const COLUMNS: readonly Column<PlannedOffset>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'BEFORE', align: 'right', value: ({ before }) => offset(before) },
  { title: 'AFTER', align: 'right', value: ({ before, after }) => offset(after ?? before) },
  { title: 'END', align: 'right', value: ({ end }) => groupDigits(end) },
  { title: 'LAG', align: 'right', value: (row) => groupDigits(lagAfter(row)) },
];

function offset(value: number | null): string {
  return value === null ? NOTHING : groupDigits(value);
}

function lagAfter({ before, after, start, end }: Pick<PlannedOffset, 'before' | 'after' | 'start' | 'end'>): number {
  return Math.max(0, end - Math.max(start, after ?? before ?? start));
}

/** What of the plan is not as it was asked for, a line a reason. */
export function noteLines(plan: readonly PlannedOffset[]): string[] {
  return (Object.keys(NOTES) as OffsetNote[]).flatMap((note) => {
    const noted = plan.filter((row) => row.note === note);
    return noted.length === 0 ? [] : [NOTES[note](partitionWords(noted))];
  });
}

/** The rows that change something. */
export function changedRows(plan: readonly PlannedOffset[]): PlannedOffset[] {
  return plan.filter(({ before, after }) => after !== null && after !== before);
}

/** `billing goes on elsewhere in 2 partitions. Set its offsets?` */
export function setQuestion(group: string, plan: readonly PlannedOffset[]): string {
  return `${group} goes on elsewhere in ${count(changedRows(plan).length, 'partition')}. Set its offsets?`;
}

/** `billing set: orders 0, 1, 2` */
export function setLine(group: string, plan: readonly PlannedOffset[]): string {
  const changed = changedRows(plan);
  if (changed.length === 0) return `${group}: all offsets are there already`;
  return `${group} set in ${count(changed.length, 'partition')}, lag ${groupDigits(plan.reduce((sum, row) => sum + lagAfter(row), 0))}`;
}
