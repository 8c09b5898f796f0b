import type { ErrorCode } from '../../errors.ts';
import type { Room } from '../change-group.ts';
import type { Groups, Joining, MemberRef, Membership } from '../groups.ts';
import type { SocketPart } from '../members/socket-part.ts';
import type { Member, Surroundings, Why } from '../membership.ts';
import { memberRefusal } from '../refusal-by-rows.ts';
import type { GroupRow } from '../rows.ts';
import { CONSUMER_PROTOCOL, idsOf, readWish, type Wish, writeAssignment } from './embedded.ts';
import { type JoinAnswer, type JoinRequest, refusedJoin } from './join.ts';
import type { Leaving } from './leave.ts';
import {
  type BeatOutcome,
  type BeatRequest,
  type JoinOutcome,
  type LeaveOutcome,
  type Outcome,
  outcomeOf,
} from './outcome.ts';
import { refusedSync, type SyncAnswer, type SyncRequest } from './sync.ts';

/**
 * Classic members of a consumer group (GroupMetadataManager.classicGroupJoinToConsumerGroup and its like): each is a member as any
 * other, its epoch is its generation, and nobody leads. It joins with what it has not given up, its sync answers what it has by
 * then, and a heartbeat sends it to join again when it has to give something up, or when there is more for it.
 */
export class MixedGroups {
  readonly #room: Room;
  readonly #groups: Groups;

  constructor(room: Room, groups: Groups) {
    this.#room = room;
    this.#groups = groups;
  }

  /** `outcome` is null where the last member of the other kind made room for this one, so that the group is a classic one now. */
  join(
    group: GroupRow,
    request: JoinRequest,
    s: Surroundings,
  ): { readonly memberId: string; readonly outcome: JoinOutcome | null } {
    const { memberId, instanceId, newId, comesTwice } = request;
    const refuse = (id: string, error: ErrorCode) => ({
      memberId: id,
      outcome: { ...outcomeOf(refusedJoin(id, error)), memberId: id },
    });
    const wish = request.protocolType === CONSUMER_PROTOCOL ? readWish(request.protocols, null) : null;
    if (wish === null || !this.#shares(group, request)) return refuse(memberId, 'INCONSISTENT_GROUP_PROTOCOL');
    if (memberId === '' && instanceId === null && comesTwice) return refuse(newId, 'MEMBER_ID_REQUIRED');
    const refusal = this.#refusalOfJoin(group, request, wish);
    if (refusal !== null) return refuse(memberId, refusal);
    const id = memberId === '' ? newId : memberId;
    const answer = this.#admit(group, { ...request, memberId: id }, wish, s);
    return { memberId: id, outcome: answer && { ...outcomeOf(answer, true), memberId: id } };
  }

  /**
   * An id of a dynamic member that is not known may be one that was given out; but one that still has something was thrown out, and
   * has to hear of it (Kafka lets it in, and lets it read on until it has synced).
   */
  #refusalOfJoin(group: GroupRow, request: JoinRequest, { owned }: Wish): ErrorCode | null {
    if (request.memberId === '' || (request.instanceId === null && owned.length === 0)) return null;
    return memberRefusal(this.#room.rows, group, request);
  }

  /** Whether all classic members know one of its protocols. */
  #shares({ id }: GroupRow, { protocols }: JoinRequest): boolean {
    const others = this.#room.rows.members.list(id).flatMap(({ socket }) => socket?.classic ?? []);
    return protocols.some(({ name }) => others.every((other) => other.protocols.some((each) => each.name === name)));
  }

  #admit(group: GroupRow, request: JoinRequest, wish: Wish, s: Surroundings): JoinAnswer | null {
    const ref = { group: group.name, memberId: request.memberId };
    const { revoked } = this.#groups.join(joiningOf(request, wish), s);
    if (this.#isClassic(group)) return null;
    const owned = new Set(idsOf(this.#room.topics, wish.owned));
    const given = revoked.filter(({ id }) => !owned.has(id)).map(({ id }) => id);
    const membership = this.#groups.release(ref, given, s);
    this.#told(group, request.memberId, membership, s.now + request.rebalanceTimeoutMs);
    const nothing = { leader: '', skipAssignment: false, members: [] };
    return {
      ...{
        error: null,
        memberId: request.memberId,
        generation: membership.memberEpoch,
        protocolType: CONSUMER_PROTOCOL,
      },
      ...{ protocol: request.protocols[0]?.name ?? null, ...nothing },
    };
  }

  sync(group: GroupRow, request: SyncRequest, s: Surroundings): Outcome<SyncAnswer> {
    const refusal = this.#refusal(group, request);
    if (refusal !== null) return outcomeOf(refusedSync(refusal));
    const { memberId, protocolType, protocol } = request;
    const member = this.#room.rows.members.find(group.id, memberId) as Member;
    const protocols = member.socket?.classic?.protocols ?? [];
    const isOther = protocol !== null && protocol !== protocols[0]?.name;
    if (isOther || (protocolType !== null && protocolType !== CONSUMER_PROTOCOL))
      return outcomeOf(refusedSync('INCONSISTENT_GROUP_PROTOCOL'));
    const { changed } = this.#groups.attend(refOf(request), s);
    if (this.#isClassic(group)) return outcomeOf(refusedSync('REBALANCE_IN_PROGRESS'), changed);
    const membership = this.#groups.membership(refOf(request));
    if (membership === null) return outcomeOf(refusedSync('UNKNOWN_MEMBER_ID'), changed);
    if (membership.groupEpoch > membership.memberEpoch && membership.revoked.length === 0) {
      this.#send(group, member, s.now);
      return outcomeOf(refusedSync('REBALANCE_IN_PROGRESS'), changed);
    }
    this.#told(group, memberId, membership, null);
    const assignment = writeAssignment(membership.assigned, protocols);
    return outcomeOf({ error: null, protocolType, protocol, assignment }, changed);
  }

  heartbeat(group: GroupRow, request: BeatRequest, s: Surroundings): BeatOutcome {
    const refusal = this.#refusal(group, request);
    if (refusal !== null) return { error: refusal, changed: false };
    const { changed } = this.#groups.attend(refOf(request), s);
    if (this.#isClassic(group)) return { error: 'REBALANCE_IN_PROGRESS', changed };
    const member = this.#room.rows.members.find(group.id, request.memberId);
    const membership = this.#groups.membership(refOf(request));
    if (member === undefined || membership === null) return { error: 'UNKNOWN_MEMBER_ID', changed };
    const { memberEpoch, groupEpoch, revoked, assigned } = membership;
    const isBehind = memberEpoch < groupEpoch || revoked.length > 0 || !isTold(member, assigned);
    if (!isBehind) return { error: null, changed };
    this.#send(group, member, s.now);
    return { error: 'REBALANCE_IN_PROGRESS', changed };
  }

  leave(group: GroupRow, leaving: readonly Leaving[], s: Surroundings): LeaveOutcome {
    const gone = new Map<string, Why>();
    const refusals = leaving.map(({ memberId, instanceId }) => {
      const { members } = this.#room.rows;
      const named = memberId === '' && instanceId !== null ? members.findInstance(group.id, instanceId) : undefined;
      const id = named?.id ?? memberId;
      const refusal = this.#refusal(group, { memberId: id, instanceId });
      if (refusal === null) gone.set(id, 'left');
      return refusal;
    });
    if (gone.size > 0) this.#groups.takeOut(group, gone, s);
    return { refusals, changed: gone.size > 0 };
  }

  /** As `ClassicGroups.drop`, for all members behind sockets. */
  drop(group: GroupRow, memberId: string, since: number, s: Surroundings): boolean {
    const member = this.#room.rows.members.find(group.id, memberId);
    if (!member?.socket || member.instance !== null || member.heard > since) return false;
    const hasEnded = member.process !== null && s.isGone(member.process);
    this.#groups.takeOut(group, new Map([[memberId, hasEnded ? 'gone' : 'closed']]), s);
    return true;
  }

  /** By now: what was overdue may have been the last that spoke the other protocol. */
  #isClassic({ name }: GroupRow): boolean {
    return this.#room.rows.group(name)?.type === 'classic';
  }

  /** Why it is not heard: no member, or not one that speaks the classic protocol, or of another generation than it says. */
  #refusal(group: GroupRow, claim: Leaving & { readonly generation?: number }): ErrorCode | null {
    const refusal = memberRefusal(this.#room.rows, group, claim);
    if (refusal !== null) return refusal;
    const member = this.#room.rows.members.find(group.id, claim.memberId);
    if (member?.socket?.classic == null) return 'UNKNOWN_MEMBER_ID';
    return claim.generation === undefined || claim.generation === member.epoch ? null : 'ILLEGAL_GENERATION';
  }

  /** It is to join again, in its own time. */
  #send(group: GroupRow, { id }: Member, now: number): void {
    this.#keep(group, id, (socket) => ({ ...socket, due: socket.due ?? now + socket.rebalanceTimeout }));
  }

  #told(group: GroupRow, memberId: string, { assigned }: Membership, due: number | null): void {
    this.#keep(group, memberId, (socket) => ({ ...socket, due, told: assigned.map(({ id }) => id) }));
  }

  #keep({ id: grp }: GroupRow, memberId: string, change: (socket: SocketPart) => SocketPart): void {
    const { members } = this.#room.rows;
    const member = members.find(grp, memberId);
    if (member?.socket) members.put(grp, { ...member, socket: change(member.socket) });
  }
}

function refOf({ group, memberId }: { readonly group: string; readonly memberId: string }): MemberRef {
  return { group, memberId };
}

function isTold({ socket }: Member, assigned: Membership['assigned']): boolean {
  const told = new Set(socket?.told ?? []);
  return told.size === assigned.length && assigned.every(({ id }) => told.has(id));
}

function joiningOf(request: JoinRequest, wish: Wish): Joining {
  const { group, memberId, clientId: name, host, instanceId, sessionTimeoutMs, protocols } = request;
  const classic = { protocols, assignment: null, joining: false, synced: false };
  const times = { rebalanceTimeout: request.rebalanceTimeoutMs, due: null, told: null, previousEpoch: 0 };
  return {
    ...{ group, memberId, name, host, sessionTimeoutMs, instanceId: instanceId ?? undefined, process: null },
    subscription: { names: wish.topics },
    socket: { ...times, classic },
  };
}
