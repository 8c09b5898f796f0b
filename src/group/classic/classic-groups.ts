/**
 * Classic groups: Kafka's JoinGroup, SyncGroup, Heartbeat and LeaveGroup, with a leader among the members who assigns
 * (org.apache.kafka.coordinator.group.GroupMetadataManager, ClassicGroup). What a request comes to is decided by pure functions
 * (join.ts, sync.ts, leave.ts, rebalance.ts) over the group's rows, so that whoever opens the file next goes on where the last one
 * was. A request that has to wait is not kept here: its caller asks again when the group's version has changed or the time that it
 * was told is over, and is another process's commit away from its answer.
 *
 * The room knows what members offer and what their leader gave them; only of consumers can it read that. A group whose members
 * speak KIP-848 as well is a consumer group: `MixedGroups` answers the classic ones among them.
 *
 * Invariants
 * C1  Who joins waits until all members and all ids that are out are in, or the rebalance timeout is over; then all who are in have
 *     one generation, and one of them is its leader.
 * C2  Everyone of a generation is answered what its leader gave it, once the leader has; until then nobody is.
 * C3  A dynamic member that did not join, or did not sync, in time is no member; a static one that did not join is.
 * C4  Nobody waits for ever: whatever is waited for has a time when it is over.
 */
import type { ErrorCode } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { Topics } from '../../topic/topics.ts';
import { checkGroupName } from '../group-name.ts';
import type { Groups } from '../groups.ts';
import { checkSessionTimeout } from '../joining.ts';
import type { Surroundings } from '../membership.ts';
import { refusalByRows } from '../refusal-by-rows.ts';
import { type GroupRow, GroupRows } from '../rows.ts';
import { type ClassicGroup, memberOf, type PendingMember } from './classic-group.ts';
import { decideJoin, type JoinRequest, lookAtJoin, refusedJoin } from './join.ts';
import { decideLeave, type Leaving } from './leave.ts';
import { MixedGroups } from './mixed-groups.ts';
import { type BeatRequest, type JoinOutcome, type Outcome, outcomeOf } from './outcome.ts';
import { dismiss, excuse, expire } from './rebalance.ts';
import { type ClassicRoom, keepClassic, loadClassic } from './stored-group.ts';
import { decideSync, lookAtSync, refusedSync, type SyncAnswer, type SyncRequest } from './sync.ts';

/** A member is asked for so many times in its session, so that waiting counts as a heartbeat. */
const LOOKS_A_SESSION = 3;

/** All methods run inside the caller's `store.write`. */
export class ClassicGroups {
  readonly #rows: GroupRows;
  readonly #room: ClassicRoom;
  readonly #topics: Topics;
  readonly #mixed: MixedGroups;

  constructor(store: Store, topics: Topics, groups: Groups) {
    this.#rows = new GroupRows(store);
    this.#topics = topics;
    this.#room = { rows: this.#rows, topics };
    this.#mixed = new MixedGroups(this.#room, groups);
  }

  /** Throws INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT. */
  join(request: JoinRequest, s: Surroundings): JoinOutcome {
    checkGroupName(request.group);
    checkSessionTimeout(request.sessionTimeoutMs);
    const known = this.#rows.group(request.group);
    if (known === undefined && request.memberId !== '') return refusedOutcome(request.memberId, 'UNKNOWN_MEMBER_ID');
    if (known === undefined) this.#rows.add(request.group, this.#topics.version(), s.now);
    return this.#joinWith(decideJoin, request, s);
  }

  /** What has become of a join that waits, as `memberId` of its outcome. */
  joined(request: JoinRequest, s: Surroundings): JoinOutcome {
    if (this.#rows.group(request.group) === undefined) return refusedOutcome(request.memberId, 'UNKNOWN_MEMBER_ID');
    return this.#joinWith(lookAtJoin, request, s);
  }

  /** A member of a generation asks for its assignment. */
  sync(request: SyncRequest, s: Surroundings): Outcome<SyncAnswer> {
    return this.#syncWith(decideSync, request, s);
  }

  /** What has become of a sync that waits. */
  synced(request: SyncRequest, s: Surroundings): Outcome<SyncAnswer> {
    return this.#syncWith(lookAtSync, request, s);
  }

  /** Answers why it is not well with the member; null: it is. Does what is overdue. */
  heartbeat(request: BeatRequest, s: Surroundings): { readonly error: ErrorCode | null; readonly changed: boolean } {
    const group = this.#inhabited(request.group);
    if (group === undefined) return { error: 'UNKNOWN_MEMBER_ID', changed: false };
    if (group.type === 'consumer') return this.#mixed.heartbeat(group, request, s);
    const changed = !this.#isQuiet(group, s.now) && this.#step(group, request.memberId, s.now, inNoOtherWay).changed;
    const now = this.#rows.group(request.group) as GroupRow;
    const error = refusalByRows(this.#rows, now, request);
    if (error !== null) return { error, changed };
    this.#rows.members.beat(group.id, request.memberId, s.now);
    return { error: now.phase === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : null, changed };
  }

  /** In the order in which they are named; null: it has left. */
  leave(
    name: string,
    leaving: readonly Leaving[],
    s: Surroundings,
  ): { readonly refusals: readonly (ErrorCode | null)[]; readonly changed: boolean } {
    const group = this.#rows.group(name);
    if (group === undefined) return { refusals: leaving.map(() => 'UNKNOWN_MEMBER_ID'), changed: false };
    if (group.type === 'consumer') return this.#mixed.leave(group, leaving, s);
    const { decision, changed } = this.#step(group, null, s.now, (before) => decideLeave(before, leaving, s.now));
    return { refusals: decision.refusals, changed };
  }

  /**
   * The connection of a member was closed at `since` (ms), and nothing was heard of it since: it goes, unless it is static. An id that
   * nobody came back with goes too. Answers whether anybody went.
   */
  drop(name: string, memberId: string, since: number, s: Surroundings): boolean {
    const group = this.#rows.group(name);
    if (group === undefined) return false;
    if (group.type === 'consumer') return this.#mixed.drop(group, memberId, since, s);
    const isGone = (who: PendingMember) => who.id === memberId && who.heard <= since;
    return this.#step(group, null, s.now, (before) => {
      const members = before.members.filter((member) => member.instance === null && isGone(member));
      const leavers = { members, pending: before.pending.filter(isGone) };
      return { group: dismiss(before, leavers, 'closed', s.now) };
    }).changed;
  }

  #joinWith(decide: typeof decideJoin, request: JoinRequest, s: Surroundings): JoinOutcome {
    const group = this.#rows.group(request.group) as GroupRow;
    if (group.type === 'consumer' && group.emptySince === null) {
      const joined = this.#mixed.join(group, request, s);
      return joined.outcome ?? this.#joinWith(decideJoin, { ...request, memberId: joined.memberId }, s);
    }
    const { decision, changed } = this.#step(group, request.memberId, s.now, (before) =>
      decide(before, request, s.now),
    );
    const { answer, memberId } = decision;
    return { answer, memberId, changed, againIn: againIn(decision.group, memberId, s.now) };
  }

  #syncWith(decide: typeof decideSync, request: SyncRequest, s: Surroundings): Outcome<SyncAnswer> {
    const { memberId } = request;
    const group = this.#inhabited(request.group);
    if (group === undefined) return outcomeOf(refusedSync('UNKNOWN_MEMBER_ID'));
    if (group.type === 'consumer') return this.#mixed.sync(group, request, s);
    const { decision, changed } = this.#step(group, memberId, s.now, (before) => decide(before, request, s.now));
    return { answer: decision.answer, changed, againIn: againIn(decision.group, memberId, s.now) };
  }

  /**
   * Does what is overdue, then what was asked for. A member that was silent for a whole session, and is one all the same, slept with
   * the machine, or with all who could have noticed: then nothing is overdue.
   */
  #step<D extends { readonly group: ClassicGroup }>(
    group: GroupRow,
    memberId: string | null,
    now: number,
    decide: (before: ClassicGroup) => D,
  ): { readonly decision: D; readonly changed: boolean } {
    const before = loadClassic(this.#rows, group, now);
    const member = memberOf(before, memberId ?? '');
    const isAwake = member === undefined || now - member.heard <= member.sessionTimeout;
    const decision = decide(isAwake ? expire(before, now) : excuse(before, now));
    return { decision, changed: keepClassic(this.#room, group, [before, decision.group], now) };
  }

  #inhabited(name: string): GroupRow | undefined {
    const group = this.#rows.group(name);
    return group?.emptySince === null ? group : undefined;
  }

  /** Whether nothing is overdue. */
  #isQuiet({ id, due }: GroupRow, now: number): boolean {
    const { members, pending } = this.#rows;
    return (due === null || now < due) && !members.anyOverdue(id, now) && !pending.anyOverdue(id, now);
  }
}

function inNoOtherWay(group: ClassicGroup): { readonly group: ClassicGroup } {
  return { group };
}

/** ms */
function againIn(group: ClassicGroup, memberId: string, now: number): number {
  const session = memberOf(group, memberId)?.sessionTimeout ?? 0;
  const due = group.due === null ? Number.POSITIVE_INFINITY : group.due - now;
  return Math.max(1, Math.min(due, Math.floor(session / LOOKS_A_SESSION)));
}

function refusedOutcome(memberId: string, error: ErrorCode): JoinOutcome {
  return { ...outcomeOf(refusedJoin(memberId, error)), memberId };
}
