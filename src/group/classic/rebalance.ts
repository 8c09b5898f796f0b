import { FIRST_REBALANCE_MS } from '../../settings.ts';
import type { Why } from '../membership.ts';
import {
  type ClassicGroup,
  type ClassicMember,
  chooseProtocol,
  memberOf,
  type PendingMember,
  rebalanceTimeoutOf,
} from './classic-group.ts';

/**
 * Everybody is to join again; what they were given last they have until they are given something else, since a cooperative
 * consumer goes on reading it (unlike in Kafka, which forgets it when a second rebalance begins before the first one's end). In its first rebalance a group waits for none but those who were given an id a moment ago, so that
 * members that start together come into one generation (Kafka's group.initial.rebalance.delay.ms waits for anybody, three seconds).
 */
export function beginRebalance(group: ClassicGroup, now: number): ClassicGroup {
  const patience = rebalanceTimeoutOf(group);
  const wait = group.state === 'Empty' ? Math.min(FIRST_REBALANCE_MS, patience) : patience;
  const members = group.members.map((member) => ({ ...member, synced: false }));
  return goOnWhenAllAreIn({ ...group, state: 'PreparingRebalance', due: now + wait, members }, now);
}

/** After a join, or after somebody went, while a rebalance is prepared. */
export function goOnWhenAllAreIn(group: ClassicGroup, now: number): ClassicGroup {
  if (group.state !== 'PreparingRebalance') return group;
  const areIn = group.pending.length === 0 && group.members.every(({ joining }) => joining);
  return areIn || group.members.length === 0 ? endJoins(group, now) : group;
}

/**
 * A new generation, of those who have joined and of static members (KIP-345). When none of the latter has, it goes on waiting:
 * their sessions end, or one of them comes.
 */
export function endJoins(group: ClassicGroup, now: number): ClassicGroup {
  const late = group.members.filter(({ joining, instance }) => !joining && instance === null);
  const next = without(group, late, 'late');
  const { members } = next;
  const generation = group.generation + 1;
  if (members.length === 0) return { ...next, generation, state: 'Empty', protocol: null, leader: null, due: null };
  const due = now + rebalanceTimeoutOf(next);
  const leader = memberOf(next, next.leader ?? '')?.joining ? next.leader : members.find(({ joining }) => joining)?.id;
  if (leader === undefined) return { ...next, due };
  return {
    ...next,
    ...{ generation, state: 'CompletingRebalance', protocol: chooseProtocol(members), leader, due },
    members: members.map((member) => ({ ...member, joining: false, synced: false, heard: now })),
  };
}

/** Who goes; those with an id that they never came back with are waited for no longer. */
export interface Leavers {
  readonly members: readonly ClassicMember[];
  readonly pending: readonly PendingMember[];
}

/** They go together: those who stay share anew, once. */
export function dismiss(group: ClassicGroup, { members, pending }: Leavers, why: Why, now: number): ClassicGroup {
  if (members.length === 0 && pending.length === 0) return group;
  const left = { ...without(group, members, why), pending: group.pending.filter((each) => !pending.includes(each)) };
  const isPreparing = members.length === 0 || left.state === 'PreparingRebalance';
  return isPreparing ? goOnWhenAllAreIn(left, now) : beginRebalance(left, now);
}

/** What has become due: sessions that are over, and joins and syncs that did not come. */
export function expire(group: ClassicGroup, now: number): ClassicGroup {
  const isSilent = ({ heard, sessionTimeout }: PendingMember) => now - heard > sessionTimeout;
  const silent = { members: group.members.filter(isSilent), pending: group.pending.filter(isSilent) };
  return endPhase(dismiss(group, silent, 'silent', now), now);
}

/** Nobody could be heard for a while: everybody begins anew, as after a restart. */
export function excuse(group: ClassicGroup, now: number): ClassicGroup {
  const heard = <T extends PendingMember>(who: T): T => ({ ...who, heard: now });
  const due = group.due === null ? null : Math.max(group.due, now + rebalanceTimeoutOf(group));
  return { ...group, due, members: group.members.map(heard), pending: group.pending.map(heard) };
}

function endPhase(group: ClassicGroup, now: number): ClassicGroup {
  if (group.due === null || now < group.due) return group;
  if (group.state === 'PreparingRebalance') return endJoins(group, now);
  const late = group.members.filter(({ synced }) => !synced);
  return late.length === 0 ? { ...group, due: null } : dismiss(group, { members: late, pending: [] }, 'late', now);
}

/** The leader's place goes to the first of the others. */
function without(group: ClassicGroup, members: readonly ClassicMember[], why: Why): ClassicGroup {
  const went = new Map(members.map(({ id }) => [id, why]));
  const rest = group.members.filter(({ id }) => !went.has(id));
  const leader = went.has(group.leader ?? '') ? (rest[0]?.id ?? null) : group.leader;
  return { ...group, members: rest, leader, gone: new Map([...group.gone, ...went]) };
}
