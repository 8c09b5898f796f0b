import { isDeepStrictEqual } from 'node:util';
import { BrokerError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { Topics } from '../../topic/topics.ts';
import type { ProcessId } from '../../types.ts';
import type { AssignorName } from '../assignor/index.ts';
import { changeGroup, type Decision, type Room } from '../change-group.ts';
import { checkGroupName } from '../group-name.ts';
import type { Groups, MemberRef, Membership } from '../groups.ts';
import type { GroupPartition } from '../member-view.ts';
import type { SocketPart } from '../members/socket-part.ts';
import type { GroupState, Member, Subscription, Surroundings } from '../membership.ts';
import { type GroupRow, GroupRows } from '../rows.ts';

/** Kafka's ConsumerGroupHeartbeat (KIP-848). What is null is as it was. */
export interface ConsumerHeartbeat {
  readonly group: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  /** ms */
  readonly rebalanceTimeoutMs: number | null;
  readonly names: readonly string[] | null;
  /** RE2's; "" is none. */
  readonly pattern: string | null;
  readonly assignor: string | null;
  /** Partitions (ids) that it has and has not given up. */
  readonly owned: readonly number[] | null;
  /** ms */
  readonly sessionTimeoutMs: number;
  /** Of one of beck's own commands. */
  readonly process?: ProcessId | null | undefined;
  /** What such a one wishes for instead of an assignor of Kafka's. */
  readonly ownAssignor?: AssignorName | undefined;
}

/** Kafka's ConsumerGroupHeartbeatResponse. */
export interface ConsumerHeartbeatAnswer {
  readonly memberEpoch: number;
  /** Null: as it was told. */
  readonly assigned: readonly GroupPartition[] | null;
  /** Others who wait are to look again. */
  readonly changed: boolean;
}

/** What is said instead of a member's epoch. */
export const JOINING_EPOCH = 0;
export const LEAVING_EPOCH = -1;
/** A static member that will be back. */
export const AWAY_EPOCH = -2;

/** Kafka's names for its assignors on the broker's side, and what they are here. */
export const SERVER_ASSIGNORS: Readonly<Record<string, AssignorName>> = {
  uniform: 'cooperative-sticky',
  range: 'range',
};

/**
 * The members of consumer groups that live behind sockets. They are members as beck's own are (`Groups`), but learn of the group
 * only by their heartbeats, so that it is kept what each was told, and up to when it has to do what it was told.
 */
export class ConsumerGroups {
  readonly #room: Room;
  readonly #groups: Groups;

  constructor(store: Store, topics: Topics, groups: Groups) {
    this.#room = { rows: new GroupRows(store), topics };
    this.#groups = groups;
  }

  /**
   * A member comes, lives, or goes, by its epoch. Inside the caller's `store.write`. Throws INVALID_REQUEST, INVALID_GROUP_ID,
   * UNSUPPORTED_ASSIGNOR, INVALID_REGULAR_EXPRESSION, GROUP_ID_NOT_FOUND, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID,
   * UNRELEASED_INSTANCE_ID, FENCED_MEMBER_EPOCH, INCONSISTENT_GROUP_PROTOCOL.
   */
  heartbeat(beat: ConsumerHeartbeat, s: Surroundings): ConsumerHeartbeatAnswer {
    checkGroupName(beat.group);
    const { memberEpoch } = beat;
    if (memberEpoch === JOINING_EPOCH) return this.#join(beat, s);
    const group = this.#room.rows.group(beat.group);
    if (group?.type !== 'consumer') throw new BrokerError('GROUP_ID_NOT_FOUND', { group: beat.group });
    const member = this.#find(group, beat);
    if (memberEpoch === LEAVING_EPOCH || memberEpoch === AWAY_EPOCH) return this.#leave(group, member, beat, s);
    return this.#live(group, member, beat, s);
  }

  #join(beat: ConsumerHeartbeat, s: Surroundings): ConsumerHeartbeatAnswer {
    const { group, memberId, clientId: name, host, instanceId, sessionTimeoutMs, rebalanceTimeoutMs, owned } = beat;
    const subscription = subscriptionOf({ names: [] }, beat);
    const isNothing = !('pattern' in subscription) && subscription.names.length === 0;
    if (rebalanceTimeoutMs === null || owned === null || owned.length > 0 || isNothing) {
      const problem = 'who joins says its rebalance timeout, what it is subscribed to, and that it has nothing yet';
      throw new BrokerError('INVALID_REQUEST', { problem });
    }
    const times = { rebalanceTimeout: rebalanceTimeoutMs, due: null, told: null, previousEpoch: 0 };
    const { revoked } = this.#groups.join(
      {
        ...{ group, memberId, name, host, instanceId: instanceId ?? undefined, subscription, sessionTimeoutMs },
        ...{ assignor: wishOf(beat) ?? undefined, process: beat.process ?? null },
        socket: { ...times, classic: null },
      },
      s,
    );
    const membership = this.#release(beat, revoked, s);
    return { ...this.#told(beat, membership, true, s.now), changed: true };
  }

  #live(group: GroupRow, member: Member, beat: ConsumerHeartbeat, s: Surroundings): ConsumerHeartbeatAnswer {
    this.#checkEpoch(group, member, beat);
    const anew = renewed(member, beat);
    const wishes = anew !== member && changeGroup(this.#room, group, s.now, (state) => withMember(state, anew));
    const given = this.#giveUp(group, beat, s);
    const { changed } = this.#groups.heartbeat(refOf(beat), s);
    const membership = this.#groups.membership(refOf(beat));
    if (membership === null) throw new BrokerError('UNKNOWN_MEMBER_ID', { member: member.id, group: group.name });
    const isFull = beat.rebalanceTimeoutMs !== null && (beat.names ?? beat.pattern) !== null && beat.owned !== null;
    return { ...this.#told(beat, membership, isFull, s.now), changed: changed || wishes || given };
  }

  /** What it does not name among its own any more, it has given up. In time, if that is all of it. */
  #giveUp({ id: grp }: GroupRow, beat: ConsumerHeartbeat, s: Surroundings): boolean {
    if (beat.owned === null) return false;
    const owned = new Set(beat.owned);
    const { revoked } = this.#groups.membership(refOf(beat)) as Membership;
    const given = revoked.filter(({ id }) => !owned.has(id));
    if (given.length === 0) return false;
    this.#release(beat, given, s);
    const { members } = this.#room.rows;
    const member = members.find(grp, beat.memberId) as Member;
    if (given.length === revoked.length && member.socket)
      members.put(grp, { ...member, socket: { ...member.socket, due: null } });
    return true;
  }

  #leave(group: GroupRow, member: Member, beat: ConsumerHeartbeat, s: Surroundings): ConsumerHeartbeatAnswer {
    const { memberEpoch } = beat;
    if (memberEpoch === LEAVING_EPOCH) this.#groups.takeOut(group, new Map([[member.id, 'left']]), s);
    else if (member.instance !== null) this.#groups.leave(refOf(beat), s);
    else throw new BrokerError('INVALID_REQUEST', { problem: 'only a static member says that it will be back' });
    return { memberEpoch, assigned: null, changed: true };
  }

  /** One of this kind: who speaks the classic protocol is another, though it has the same id. */
  #find({ id: grp }: GroupRow, { group, memberId, instanceId }: ConsumerHeartbeat): Member {
    const { members } = this.#room.rows;
    const named = instanceId === null ? undefined : members.findInstance(grp, instanceId);
    if (named !== undefined && named.id !== memberId)
      throw new BrokerError('FENCED_INSTANCE_ID', { group, instance: `${instanceId}` });
    const member = named ?? (instanceId === null ? members.find(grp, memberId) : undefined);
    if (member === undefined || member.socket === null || member.socket.classic !== null || member.away !== null)
      throw new BrokerError('UNKNOWN_MEMBER_ID', { member: memberId, group });
    return member;
  }

  /** Its last epoch is as good as its epoch: the answer that told it of that may have been lost (ConsumerGroup). */
  #checkEpoch({ id: grp, name: group }: GroupRow, member: Member, { memberEpoch, owned }: ConsumerHeartbeat): void {
    if (memberEpoch === member.epoch) return;
    const has = new Set(
      this.#room.rows.assignments(grp).flatMap((row) => (row.owner === member.id ? [row.partition] : [])),
    );
    const isLast = memberEpoch === member.socket?.previousEpoch && owned?.every((id) => has.has(id));
    if (isLast === true) return;
    const said = { epoch: memberEpoch, known: member.epoch };
    throw new BrokerError('FENCED_MEMBER_EPOCH', { member: member.id, group, ...said });
  }

  #release(beat: ConsumerHeartbeat, given: readonly GroupPartition[], s: Surroundings): Membership {
    if (given.length > 0)
      return this.#groups.release(
        refOf(beat),
        given.map(({ id }) => id),
        s,
      );
    return this.#groups.membership(refOf(beat)) as Membership;
  }

  /** What it is told is written down, and how long it has to give up what it is not told of any more. */
  #told(
    { group: name, memberId }: ConsumerHeartbeat,
    { assigned, revoked, memberEpoch }: Membership,
    isAsked: boolean,
    now: number,
  ): Omit<ConsumerHeartbeatAnswer, 'changed'> {
    const { rows } = this.#room;
    const { id: grp } = rows.group(name) as GroupRow;
    const member = rows.members.find(grp, memberId) as Member;
    const before = member.socket as SocketPart;
    const told = assigned.map(({ id }) => id);
    const isNews = isAsked || before.told?.join() !== told.join();
    const due = revoked.length > 0 ? (before.due ?? now + before.rebalanceTimeout) : null;
    if (isNews || due !== before.due) rows.members.put(grp, { ...member, socket: { ...before, told, due } });
    return { memberEpoch, assigned: isNews ? assigned : null };
  }
}

function refOf({ group, memberId }: ConsumerHeartbeat): MemberRef {
  return { group, memberId };
}

/** The member with what it says anew; the same object where that is nothing. */
function renewed(member: Member, beat: ConsumerHeartbeat): Member {
  const subscription = subscriptionOf(member.subscription, beat);
  const assignor = wishOf(beat) ?? member.assignor;
  const rebalanceTimeout = beat.rebalanceTimeoutMs ?? member.socket?.rebalanceTimeout ?? 0;
  const anew = { ...member, subscription, assignor, socket: member.socket && { ...member.socket, rebalanceTimeout } };
  return isDeepStrictEqual(anew, member) ? member : anew;
}

/** Another wish is another target. */
function withMember(state: GroupState, anew: Member): Decision {
  const members = state.members.map((member) => (member.id === anew.id ? anew : member));
  const before = state.members.find(({ id }) => id === anew.id);
  const isSame = before?.assignor === anew.assignor && isDeepStrictEqual(before.subscription, anew.subscription);
  return { state: { ...state, members, epoch: isSame ? state.epoch : state.epoch + 1 } };
}

/** Topics by name, by pattern, or by both. */
function subscriptionOf(before: Subscription, beat: ConsumerHeartbeat): Subscription {
  const names = beat.names ?? ('names' in before ? before.names : []);
  const pattern = beat.pattern ?? ('pattern' in before ? before.pattern : '');
  if (pattern === '') return { names };
  checkPattern(pattern);
  return names.length === 0 ? { pattern } : { names, pattern };
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    const problem = (cause as Error).message.replace(/^.*: /, '');
    throw new BrokerError('INVALID_REGULAR_EXPRESSION', { pattern, problem }, { cause });
  }
}

function wishOf({ assignor: name, ownAssignor }: ConsumerHeartbeat): AssignorName | null {
  if (ownAssignor !== undefined || name === null) return ownAssignor ?? null;
  const assignor = SERVER_ASSIGNORS[name];
  if (assignor === undefined) throw new BrokerError('UNSUPPORTED_ASSIGNOR', { assignor: name });
  return assignor;
}
