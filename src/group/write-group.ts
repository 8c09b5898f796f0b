import { DEPARTURES_KEPT } from '../settings.ts';
import type { Assignment, GroupState, Member, Why } from './membership.ts';
import type { GroupRows } from './rows.ts';

/** What is the same object is the same member. */
export function writeMembers(
  rows: GroupRows,
  grp: number,
  before: readonly Member[],
  after: readonly Member[],
): boolean {
  const stay = new Set(after.map(({ id }) => id));
  const removed = before.filter(({ id }) => !stay.has(id));
  const known = new Set(before);
  const put = after.filter((member) => !known.has(member));
  for (const { id } of removed) rows.members.remove(grp, id);
  for (const member of put) rows.members.put(grp, member);
  return removed.length + put.length > 0;
}

export function writeAssignments(
  rows: GroupRows,
  grp: number,
  before: readonly Assignment[],
  after: readonly Assignment[],
): boolean {
  const stay = new Set(after.map(({ partition }) => partition));
  const removed = before.filter(({ partition }) => !stay.has(partition));
  const known = new Map(before.map((row) => [row.partition, row]));
  const put = after.filter((row) => !isSame(row, known.get(row.partition)));
  for (const { partition } of removed) rows.removeAssignment(grp, partition);
  for (const row of put) rows.putAssignment(grp, row);
  return removed.length + put.length > 0;
}

function isSame(a: Assignment, b: Assignment | undefined): boolean {
  return b !== undefined && a.owner === b.owner && a.target === b.target;
}

export function noteDeparture(
  rows: GroupRows,
  grp: number,
  before: GroupState,
  after: GroupState,
  { id, why, now }: { readonly id: string; readonly why: Why; readonly now: number },
): void {
  const member = before.members.find((other) => other.id === id);
  if (member === undefined) return;
  const had = new Set(before.assignments.filter(({ owner }) => owner === id).map(({ partition }) => partition));
  const owners = new Set(after.assignments.filter(({ partition }) => had.has(partition)).map(({ owner }) => owner));
  const heirs = after.members.filter((other) => owners.has(other.id)).map(({ name }) => name);
  const { name, heard } = member;
  rows.members.depart(grp, { member: id, name, why, at: now, heard, partitions: had.size, heirs });
  rows.members.forgetDepartures(grp, DEPARTURES_KEPT);
}
