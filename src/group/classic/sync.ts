import type { ErrorCode } from '../../errors.ts';
import { type ClassicGroup, type ClassicMember, memberOf, refusalOf } from './classic-group.ts';
import { heardOf } from './join.ts';

/** A member of a generation asks for its assignment; the leader brings everybody's. */
export interface SyncRequest {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  /** Below version 5 it does not say. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** Member id → what it is given. */
  readonly assignments: ReadonlyMap<string, Buffer>;
}

/** Kafka's SyncGroupResponse. */
export interface SyncAnswer {
  readonly error: ErrorCode | null;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Buffer;
}

export interface SyncDecision {
  readonly group: ClassicGroup;
  /** Null: it waits for the leader. */
  readonly answer: SyncAnswer | null;
}

const NOTHING = Buffer.alloc(0);

export function decideSync(group: ClassicGroup, request: SyncRequest, now: number): SyncDecision {
  const refusal = refusalOfSync(group, request);
  if (refusal !== null) return { group, answer: refusedSync(refusal) };
  const member = { ...(memberOf(group, request.memberId) as ClassicMember), synced: true };
  const heard = heardOf(group, member, now);
  const assigned =
    group.state === 'CompletingRebalance' && group.leader === member.id ? handedOut(heard, request, now) : heard;
  const isDone = assigned.members.every(({ synced }) => synced) && assigned.state === 'Stable';
  return settled({ ...assigned, due: isDone ? null : assigned.due }, request);
}

/** What has become of a sync that waits. */
export function lookAtSync(group: ClassicGroup, request: SyncRequest, now: number): SyncDecision {
  const member = memberOf(group, request.memberId);
  const refusal = refusalOf(group, request.memberId, request.instanceId);
  if (member === undefined || refusal !== null) return { group, answer: refusedSync(refusal ?? 'UNKNOWN_MEMBER_ID') };
  const isOver = group.state === 'PreparingRebalance' || group.generation !== request.generation;
  if (isOver) return { group, answer: refusedSync('REBALANCE_IN_PROGRESS') };
  return settled(heardOf(group, member, now), request);
}

function refusalOfSync(group: ClassicGroup, request: SyncRequest): ErrorCode | null {
  const { memberId, instanceId, generation, protocolType, protocol } = request;
  const refusal = refusalOf(group, memberId, instanceId);
  if (refusal !== null) return refusal;
  if (generation !== group.generation) return 'ILLEGAL_GENERATION';
  if (protocolType !== null && protocolType !== group.protocolType) return 'INCONSISTENT_GROUP_PROTOCOL';
  if (protocol !== null && group.protocol !== null && protocol !== group.protocol) return 'INCONSISTENT_GROUP_PROTOCOL';
  return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}

/** Who is not mentioned is given nothing. */
function handedOut(group: ClassicGroup, { assignments }: SyncRequest, now: number): ClassicGroup {
  const members = group.members.map((member) => ({
    ...member,
    assignment: assignments.get(member.id) ?? null,
    heard: now,
  }));
  return { ...group, state: 'Stable', members };
}

function settled(group: ClassicGroup, { memberId }: SyncRequest): SyncDecision {
  if (group.state !== 'Stable') return { group, answer: null };
  const { protocolType, protocol } = group;
  const assignment = memberOf(group, memberId)?.assignment ?? NOTHING;
  return { group, answer: { error: null, protocolType, protocol, assignment } };
}

export function refusedSync(error: ErrorCode): SyncAnswer {
  return { error, protocolType: null, protocol: null, assignment: NOTHING };
}
