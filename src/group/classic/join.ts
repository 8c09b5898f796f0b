import type { ErrorCode } from '../../errors.ts';
import type { Protocol } from '../members/socket-part.ts';
import {
  type ClassicGroup,
  type ClassicMember,
  chooseProtocol,
  memberNamed,
  memberOf,
  metadataOf,
  offersTheSame,
  refusalOf,
  supports,
} from './classic-group.ts';
import { beginRebalance, goOnWhenAllAreIn } from './rebalance.ts';

/** Who wants to join, and what it offers. Times in ms. */
export interface JoinRequest {
  readonly group: string;
  /** "": it was given none yet. */
  readonly memberId: string;
  readonly instanceId: string | null;
  /** What people call it, and where it comes from. */
  readonly clientId: string;
  readonly host: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** The id to be given to one that has none; nobody else's, ever. */
  readonly newId: string;
  /** From version 4 on a dynamic member comes twice: for its id, and with it (KIP-394). */
  readonly comesTwice: boolean;
  /** From version 9 on a leader can be told that there is nothing to assign (KIP-814). */
  readonly canSkipAssignment: boolean;
}

/** Kafka's JoinGroupResponse. */
export interface JoinAnswer {
  readonly error: ErrorCode | null;
  /** "" where it has none. */
  readonly memberId: string;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  /** For the leader. */
  readonly members: readonly { readonly id: string; readonly instance: string | null; readonly metadata: Buffer }[];
}

export interface JoinDecision {
  readonly group: ClassicGroup;
  /** Null: it waits until all are in. */
  readonly answer: JoinAnswer | null;
  /** The member's id; "" where it has none. */
  readonly memberId: string;
}

/** Somebody comes, or comes again. */
export function decideJoin(group: ClassicGroup, request: JoinRequest, now: number): JoinDecision {
  const { memberId, instanceId, protocolType, protocols } = request;
  if (!supports(group, protocolType, protocols)) return refused(group, memberId, 'INCONSISTENT_GROUP_PROTOCOL');
  if (memberId === '') return decideNewcomer(group, request, now);
  if (group.pending.some(({ id }) => id === memberId) && instanceId === null)
    return settled(added(group, request, memberId, now), memberId);
  const refusal = refusalOf(group, memberId, instanceId);
  if (refusal !== null) return refused(group, memberId, refusal);
  return decideRejoin(group, memberOf(group, memberId) as ClassicMember, request, now);
}

/** What has become of a join that waits; it is as if it came again, until it has its answer. */
export function lookAtJoin(group: ClassicGroup, request: JoinRequest, now: number): JoinDecision {
  const member = memberOf(group, request.memberId);
  if (member === undefined || refusalOf(group, request.memberId, request.instanceId) !== null)
    return decideJoin(group, request, now);
  const isOver = group.state === 'CompletingRebalance' || group.state === 'Stable';
  if (isOver || member.joining) return settled(heardOf(group, member, now), member.id);
  return decideJoin(group, request, now);
}

function decideNewcomer(group: ClassicGroup, request: JoinRequest, now: number): JoinDecision {
  const { instanceId, newId, comesTwice, sessionTimeoutMs: sessionTimeout } = request;
  const same = memberNamed(group, instanceId);
  if (same !== undefined) return decideReturn(group, same, request, now);
  if (instanceId !== null || !comesTwice) return settled(added(group, request, newId, now), newId);
  const pending = [...group.pending, { id: newId, sessionTimeout, heard: now }];
  return refused({ ...group, pending }, newId, 'MEMBER_ID_REQUIRED');
}

/** A leader that comes again wants another assignment; of a follower that is so only when it says something else than before. */
function decideRejoin(group: ClassicGroup, member: ClassicMember, request: JoinRequest, now: number): JoinDecision {
  const isNew = !offersTheSame(member, request.protocols) || (group.state === 'Stable' && group.leader === member.id);
  if (group.state !== 'PreparingRebalance' && !isNew) return settled(heardOf(group, member, now), member.id);
  return settled(rebalanced(put(group, joiningAgain(member, request, now)), now), member.id);
}

/**
 * A static member without an id: it takes the place of the one that had its name. In a stable group nobody else needs to know, if
 * the group's protocol stays the same. The leader below version 9 is told of its predecessor as the leader, so that it assigns nothing.
 */
function decideReturn(group: ClassicGroup, same: ClassicMember, request: JoinRequest, now: number): JoinDecision {
  const { newId: id, canSkipAssignment } = request;
  const { clientId: name, host } = request;
  const member = { ...joiningAgain(same, request, now), id, name, host };
  const isLeader = group.leader === same.id;
  const members = group.members.map((other) => (other === same ? member : other));
  const next = { ...group, members, leader: isLeader ? id : group.leader };
  if (group.state !== 'Stable' || chooseProtocol(members) !== group.protocol) return settled(rebalanced(next, now), id);
  const quiet = put(next, { ...member, joining: false });
  const answer = answerTo(quiet, id);
  const told = canSkipAssignment
    ? { ...answer, skipAssignment: isLeader }
    : { ...answer, leader: group.leader ?? '', members: [] };
  return { group: quiet, memberId: id, answer: told };
}

function rebalanced(group: ClassicGroup, now: number): ClassicGroup {
  return group.state === 'PreparingRebalance' ? goOnWhenAllAreIn(group, now) : beginRebalance(group, now);
}

function added(group: ClassicGroup, request: JoinRequest, id: string, now: number): ClassicGroup {
  const { instanceId: instance, clientId: name, host, protocolType } = request;
  const blank = { id, instance, name, host, joined: now, assignment: null, synced: false };
  const member = joiningAgain(blank, request, now);
  const pending = group.pending.filter((other) => other.id !== id);
  const members = [...group.members, member];
  return rebalanced({ ...group, protocolType, leader: group.leader ?? id, members, pending }, now);
}

function joiningAgain(
  member: Omit<ClassicMember, 'sessionTimeout' | 'rebalanceTimeout' | 'protocols' | 'joining' | 'heard'>,
  { sessionTimeoutMs: sessionTimeout, rebalanceTimeoutMs: rebalanceTimeout, protocols }: JoinRequest,
  now: number,
): ClassicMember {
  return { ...member, sessionTimeout, rebalanceTimeout, protocols, joining: true, heard: now };
}

function put(group: ClassicGroup, member: ClassicMember): ClassicGroup {
  return { ...group, members: group.members.map((other) => (other.id === member.id ? member : other)) };
}

/** A join or a sync that waits counts as a heartbeat. */
export function heardOf(group: ClassicGroup, member: ClassicMember, now: number): ClassicGroup {
  return put(group, { ...member, heard: now });
}

/** It waits, or all are in. */
function settled(group: ClassicGroup, memberId: string): JoinDecision {
  const waits = memberOf(group, memberId)?.joining === true;
  return { group, memberId, answer: waits ? null : answerTo(group, memberId) };
}

function answerTo(group: ClassicGroup, memberId: string): JoinAnswer {
  const { generation, protocolType, protocol, leader, members } = group;
  return {
    ...{ error: null, memberId, generation, protocolType, protocol, leader: leader ?? '', skipAssignment: false },
    members:
      leader !== memberId
        ? []
        : members.map((member) => ({ id: member.id, instance: member.instance, metadata: metadataOf(group, member) })),
  };
}

function refused(group: ClassicGroup, memberId: string, error: ErrorCode): JoinDecision {
  return { group, memberId, answer: refusedJoin(memberId, error) };
}

export function refusedJoin(memberId: string, error: ErrorCode): JoinAnswer {
  const nothing = { generation: -1, protocolType: null, protocol: null, leader: '', members: [] };
  return { error, memberId, ...nothing, skipAssignment: false };
}
