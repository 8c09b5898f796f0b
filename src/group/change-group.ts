import type { Topics } from '../topic/topics.ts';
import { isOnlyClassic, toClassicGroup } from './classic/convert.ts';
import { type GroupState, retarget, type Why } from './membership.ts';
import { resolveWith } from './resolve.ts';
import type { GroupRow, GroupRows } from './rows.ts';
import { noteDeparture, writeAssignments, writeMembers } from './write-group.ts';

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
 * One step of a consumer group: reads its rows, asks what shall be, makes a new target where the epoch has grown, and writes what
 * differs. Answers whether anything did that a member may wait for (G3). Where only classic members are left they have no target
 * any more, and their generation goes on: the rebalance that they begin ends it.
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
  const turnsClassic = isOnlyClassic(state.members) && !isOnlyClassic(before.members);
  const anew = state.epoch > before.epoch && !turnsClassic;
  const kept = { ...state, epoch: before.epoch };
  const after = anew ? retarget({ ...state, epoch: before.epoch + 1 }, resolveWith(topics), now) : kept;
  const members = writeMembers(rows, group.id, before.members, after.members);
  const moved = writeAssignments(rows, group.id, before.assignments, after.assignments);
  for (const [id, why] of gone) noteDeparture(rows, group.id, before, after, { id, why, now });
  const changed = anew || members || moved;
  const row = {
    ...group,
    epoch: after.epoch,
    version: changed ? group.version + 1 : group.version,
    assignor: after.assignor,
    catalogue: anew ? topics.version() : group.catalogue,
    emptySince: after.members.length > 0 ? null : (group.emptySince ?? now),
  };
  rows.keep(row);
  if (turnsClassic) toClassicGroup(room, row, now);
  return changed;
}

export function loadGroup(rows: GroupRows, { id, epoch, assignor }: GroupRow): GroupState {
  return { epoch, assignor, members: rows.members.list(id), assignments: rows.assignments(id) };
}
