import { DEPARTURES_KEPT } from '../settings.ts';
import type { Topics } from '../topic/topics.ts';
import { type Assignment, type GroupState, type Member, retarget, type Why } from './membership.ts';
import { resolveWith } from './resolve.ts';
import type { GroupRow, GroupRows } from './rows.ts';

export interface Decision {
  readonly state: GroupState;
  /** Members (ids) that are taken out of the group, and why. */
  readonly gone?: ReadonlyMap<string, Why>;
}

/** The rows of one group and what its subscriptions are about. */
export interface Room {
  readonly rows: GroupRows;
  readonly topics: Topics;
}

/**
 * One step of a group: reads its rows, asks what shall be, makes a new target where the epoch has grown, and writes what
 * differs. Answers whether anything did that a member may wait for (G3).
 */
export function changeGroup(
  room: Room,
  group: GroupRow,
  now: number,
  decide: (state: GroupState) => Decision,
): boolean {
  const { rows, topics } = room;
  const before = loadGroup(rows, group);
  const { state, gone = new Map() } = decide(before);
  const anew = state.epoch > before.epoch;
  const after = anew ? retarget({ ...state, epoch: before.epoch + 1 }, resolveWith(topics), now) : state;
  const members = writeMembers(rows, group.id, before.members, after.members);
  const moved = writeAssignments(rows, group.id, before.assignments, after.assignments);
  for (const [id, why] of gone) noteDeparture(rows, group.id, before, after, { id, why, now });
  const changed = anew || members || moved;
  rows.keep({
    ...group,
    epoch: after.epoch,
    version: changed ? group.version + 1 : group.version,
    assignor: after.assignor,
    catalogue: anew ? topics.version() : group.catalogue,
    emptySince: after.members.length > 0 ? null : (group.emptySince ?? now),
  });
  return changed;
}

export function loadGroup(rows: GroupRows, { id, epoch, assignor }: GroupRow): GroupState {
  return { epoch, assignor, members: rows.members.list(id), assignments: rows.assignments(id) };
}

/** What is the same object is the same member. */
function writeMembers(rows: GroupRows, grp: number, before: readonly Member[], after: readonly Member[]): boolean {
  const stay = new Set(after.map(({ id }) => id));
  const removed = before.filter(({ id }) => !stay.has(id));
  const known = new Set(before);
  const put = after.filter((member) => !known.has(member));
  for (const { id } of removed) rows.members.remove(grp, id);
  for (const member of put) rows.members.put(grp, member);
  return removed.length + put.length > 0;
}

function writeAssignments(
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

function noteDeparture(
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
