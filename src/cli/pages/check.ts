import type { CheckReport, SalvageReport } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { printable } from '../printable.ts';
import { type Column, table } from '../table.ts';
import { bytes, count, groupDigits } from '../units.ts';
import { homely } from './status.ts';

/** `problem` is a whole sentence; where it is about no topic, partition or offset, those are null. */
export function checkDocument({ path, batches, records, bytes: size, problems }: CheckReport) {
  return {
    path,
    batches,
    records,
    size,
    problems: problems.map(({ what: problem, ...place }) => ({ problem, ...place })),
  };
}

/** Nothing wrong: what was read, in a line. Else each problem in a line. */
export function checkPage(report: CheckReport, io: Io): string {
  if (report.problems.length > 0) return report.problems.map(({ what }) => printable(what)).join('\n');
  return `${homely(report.path, io)} is in order: ${count(report.batches, 'batch', 'batches')}, ${count(report.records, 'record')}, ${bytes(report.bytes)}, every byte read`;
}

/** `~/.local/share/beck/beck.db has 2 problems` */
export function checkProblem({ path, problems }: CheckReport, io: Io): string {
  return `${homely(path, io)} has ${count(problems.length, 'problem')}`;
}

type Gap = SalvageReport['gaps'][number];

/** Half-open: `until` is the first offset after a gap. */
export function salvageDocument({ path, topics, records, gaps, unread }: SalvageReport) {
  return { path, topics, records, gaps, unread };
}

/** What was copied, then a line for each range of offsets that was not. */
export async function salvagePage(report: SalvageReport, io: Io): Promise<string> {
  const { path, topics, records, gaps } = report;
  const salvaged = `${homely(path, io)}: ${count(topics, 'topic')}, ${count(records, 'record')} salvaged`;
  const headline = `${salvaged}; ${missingFrom(report)}\n`;
  return gaps.length === 0
    ? headline
    : `${headline}\n${await table(gaps, GAP_COLUMNS, { writer: io.stdout, env: io.env })}`;
}

function missingFrom({ gaps, unread }: SalvageReport): string {
  const lost = gaps.reduce((sum, { from, until }) => sum + until - from, 0);
  const offsets = lost === 0 ? '' : `${count(lost, 'offset')} could not be read`;
  if (unread.length === 0) return offsets || 'nothing is missing';
  const more = `what else there was is not known, since part of ${unread.join(', ')} could not be read`;
  return offsets === '' ? more : `${offsets}, and ${more}`;
}

const GAP_COLUMNS: readonly Column<Gap>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  {
    title: 'LOST OFFSETS',
    align: 'right',
    value: ({ from, until }) => `${groupDigits(from)} – ${groupDigits(until - 1)}`,
  },
];
