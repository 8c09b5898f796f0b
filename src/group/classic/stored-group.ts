import { DEPARTURES_KEPT } from '../../settings.ts';
import type { Topics } from '../../topic/topics.ts';
import type { Assignment, Member } from '../membership.ts';
import type { GroupRow, GroupRows } from '../rows.ts';
import { writeAssignments } from '../write-group.ts';
import { type ClassicGroup, type ClassicMember, rebalanceTimeoutOf } from './classic-group.ts';
import { CONSUMER_PROTOCOL, idsOf, readAssignment, readWish } from './embedded.ts';
import { expire } from './rebalance.ts';

export interface ClassicRoom {
  readonly rows: GroupRows;
  readonly topics: Topics;
}

/** A classic group as its rows have it. A clock that was set back leaves nothing further ahead than it may be. */
export function loadClassic(rows: GroupRows, group: GroupRow, now: number): ClassicGroup {
  rows.members.rewind(group.id, now);
  rows.pending.rewind(group.id, now);
  const { id, epoch: generation, protocolType, protocol, leader, phase, due } = group;
  const members = rows.members.list(id).flatMap(classicOf).sort(byJoining);
  const pending = rows.pending.list(id);
  const state = members.length === 0 ? 'Empty' : (phase ?? 'Stable');
  const loaded: ClassicGroup = {
    ...{ generation, state, protocolType, protocol, leader, due, members, pending },
    gone: new Map(),
  };
  return due === null ? loaded : { ...loaded, due: Math.min(due, now + rebalanceTimeoutOf(loaded)) };
}

function classicOf({ socket, ...member }: Member): ClassicMember[] {
  if (socket === null || socket.classic === null) return [];
  const { id, instance, name, host, sessionTimeout, joined, heard } = member;
  const { rebalanceTimeout, classic } = socket;
  return [{ id, instance, name, host, sessionTimeout, joined, heard, rebalanceTimeout, ...classic }];
}

function byJoining(a: ClassicMember, b: ClassicMember): number {
  return a.joined - b.joined || (a.id < b.id ? -1 : 1);
}

/** Does what is overdue, and answers the names of those who went. */
export function expireClassic(room: ClassicRoom, group: GroupRow, now: number): string[] {
  const before = loadClassic(room.rows, group, now);
  const after = expire(before, now);
  keepClassic(room, group, [before, after], now);
  return before.members.filter(({ id }) => after.gone.has(id)).map(({ name }) => name);
}

/** Writes what differs, and answers whether anything does that somebody may wait for: a heartbeat is nothing. */
export function keepClassic(
  { rows, topics }: ClassicRoom,
  group: GroupRow,
  [before, after]: readonly [ClassicGroup, ClassicGroup],
  now: number,
): boolean {
  writeMembers(rows, group.id, before, after);
  writePending(rows, group.id, before, after);
  noteDepartures(rows, group.id, before, after, now);
  if (shapeOf(before) === shapeOf(after) && group.due === after.due) return false;
  writeAssignments(rows, group.id, rows.assignments(group.id), assignmentsOf(topics, after, now));
  const { generation: epoch, protocolType, protocol, leader, due } = after;
  rows.keep({
    ...{ ...group, type: 'classic', assignor: null, epoch, protocolType, protocol, leader, due },
    version: group.version + 1,
    phase: after.state === 'Empty' ? null : after.state,
    emptySince: after.members.length > 0 ? null : (group.emptySince ?? now),
  });
  return true;
}

/** What is the same object is the same member. */
function writeMembers(rows: GroupRows, grp: number, before: ClassicGroup, after: ClassicGroup): void {
  const stay = new Set(after.members.map(({ id }) => id));
  const known = new Set(before.members);
  for (const { id } of before.members) if (!stay.has(id)) rows.members.remove(grp, id);
  for (const member of after.members) if (!known.has(member)) rows.members.put(grp, rowOf(after, member));
}

function rowOf({ generation: epoch, protocolType, protocol }: ClassicGroup, member: ClassicMember): Member {
  const { rebalanceTimeout, protocols, assignment, joining, synced, ...row } = member;
  const wish = protocolType === CONSUMER_PROTOCOL ? readWish(protocols, protocol) : null;
  const classic = { protocols, assignment, joining, synced };
  return {
    ...{ ...row, epoch, subscription: { names: wish?.topics ?? [] }, assignor: null, process: null, away: null },
    socket: { rebalanceTimeout, due: null, told: null, previousEpoch: epoch, classic },
  };
}

function writePending(rows: GroupRows, grp: number, before: ClassicGroup, after: ClassicGroup): void {
  const known = new Map(before.pending.map((each) => [each.id, each]));
  for (const each of after.pending) {
    if (known.get(each.id) !== each) rows.pending.put(grp, each);
    known.delete(each.id);
  }
  for (const id of known.keys()) rows.pending.remove(grp, id);
}

/** What they had is handed out anew, by the leader: nobody is its heir yet. */
function noteDepartures(rows: GroupRows, grp: number, before: ClassicGroup, after: ClassicGroup, now: number): void {
  for (const { id, name, heard } of before.members) {
    const why = after.gone.get(id);
    if (why !== undefined)
      rows.members.depart(grp, { member: id, name, why, at: now, heard, partitions: 0, heirs: [] });
  }
  if (after.gone.size > 0) rows.members.forgetDepartures(grp, DEPARTURES_KEPT);
}

/** What the leader gave, as far as it can be read; of a partition that it gave twice, the first member has it. */
function assignmentsOf(topics: Topics, { protocolType, members }: ClassicGroup, now: number): Assignment[] {
  if (protocolType !== CONSUMER_PROTOCOL) return [];
  const rows = new Map<number, Assignment>();
  for (const { id, assignment } of members) {
    for (const partition of idsOf(topics, readAssignment(assignment)))
      if (!rows.has(partition)) rows.set(partition, { partition, owner: id, target: id, since: now });
  }
  return [...rows.values()];
}

function shapeOf({ generation, state, protocolType, protocol, leader, due, members, pending }: ClassicGroup): string {
  const who = members.map(({ id, joining, synced, assignment, protocols }) => {
    const offers = protocols.map(({ name, metadata }) => [name, metadata.toString('latin1')]);
    return [id, joining, synced, assignment?.toString('latin1') ?? null, offers];
  });
  const known = pending.map(({ id }) => id);
  return JSON.stringify([generation, state, protocolType, protocol, leader, due, who, known]);
}
