/**
 * Groups: who reads what together, and how far they have come. KIP-848's model, decided by whoever comes: each call reads the
 * group's rows, asks pure functions (membership.ts, assignor/), and writes what changed, all in the caller's one transaction.
 *
 * The room knows members, subscriptions, assignments and committed offsets. It must not know who waits for them, what time it
 * is, or how one sees that a process has ended (`Surroundings`). Methods that only look run inside the caller's `store.read`,
 * the others inside its `store.write`.
 *
 * Invariants
 * G1  A partition has at most one owner in a group, and the owner is a member of it.
 * G2  A partition changes hands only when its owner gives it up, or is no member any more; it is the target's in the same
 *     transaction. So a partition with a target is never without an owner.
 * G3  The epoch grows with every change of members, subscriptions or partitions; the version with every change that a member
 *     may wait for. Neither ever shrinks.
 * G4  What the members' subscriptions mean is somebody's target, as long as the target was made for this catalogue.
 * G5  While a group has members, an offset is committed only by the member that owns the partition, or by a transaction that
 *     had it from that member while it did.
 * G6  Nothing in this room outlives the partition, or the group, that it is about.
 */
import { BrokerError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Topics } from '../topic/topics.ts';
import { changeGroup, loadGroup, type Room } from './change-group.ts';
import { toConsumerGroup } from './classic/convert.ts';
import { expireClassic } from './classic/stored-group.ts';
import { ensureGroup, findMember, hearMember, type MemberRef } from './find-member.ts';
import { type Joining, newMember } from './joining.ts';
import { type Membership, viewOf } from './member-view.ts';
import type { Departure } from './members/rows.ts';
import {
  admit,
  comingOf,
  dismiss,
  type GroupState,
  type Member,
  overdue,
  release,
  retarget,
  type Surroundings,
  stepAway,
  type Why,
} from './membership.ts';
import {
  type CommitResult,
  type Committing,
  commitOffsets,
  judgeOffsets,
  storeOffset,
} from './offsets/commit-offsets.ts';
import { judgeCommitter } from './offsets/committer.ts';
import { resolveWith } from './resolve.ts';
import { type GroupRow, GroupRows } from './rows.ts';

export type { MemberRef } from './find-member.ts';
export type { Joining } from './joining.ts';
export type { GroupPartition, Membership } from './member-view.ts';

/** A member that sends offsets to a transaction; one behind a socket says its generation, or its epoch. */
export interface SendingMember extends MemberRef {
  readonly generation?: number | undefined;
}

export class Groups {
  readonly #rows: GroupRows;
  readonly #topics: Topics;
  readonly #room: Room;

  constructor(store: Store, topics: Topics) {
    this.#rows = new GroupRows(store);
    this.#topics = topics;
    this.#room = { rows: this.#rows, topics };
  }

  /**
   * A new member, a static one again, or a member with another subscription. Whoever is overdue goes in the same step. A classic
   * group becomes one of this kind. Throws INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, UNRELEASED_INSTANCE_ID, USAGE (a bad
   * pattern), INCONSISTENT_GROUP_PROTOCOL (a classic group of something else than consumers).
   */
  join(joining: Joining, s: Surroundings): Membership {
    const newcomer = newMember(joining, s.now);
    const group = this.#asConsumerGroup(joining.group, s);
    this.#rows.members.rewind(group.id, s.now);
    changeGroup(this.#room, group, s.now, (before) => {
      const gone = overdue(before, s);
      gone.delete(newcomer.id);
      const state = dismiss(before, gone);
      const coming = comingOf(state, newcomer, s);
      if (coming.as === 'rival') throw unreleased(group, coming.member);
      return { state: admit(state, newcomer, coming), gone };
    });
    return this.#takeUp(joining);
  }

  /** What a member looks at when it was woken; null when it is no member any more. Reads only. */
  membership({ group: name, memberId }: MemberRef): Membership | null {
    const group = this.#rows.group(name);
    const members = group === undefined ? [] : this.#rows.members.list(group.id);
    const me = members.find(({ id }) => id === memberId);
    if (group === undefined || me === undefined || me.away !== null) return null;
    return viewOf(group, me, members, this.#rows.placed(group.id));
  }

  /**
   * Whether a member has to look again: a version other than the one it knows, or a catalogue other than the target's
   * (`refresh`). One cheap statement; null: there is no such group. Reads only.
   */
  glance(name: string): { readonly version: number; readonly outdated: boolean } | null {
    const glance = this.#rows.glance(name);
    return glance === undefined ? null : { version: glance.version, outdated: glance.outdated === 1 };
  }

  /** How far the group has come: partition (its id) → the next offset to be read. Reads only. */
  committed(name: string): ReadonlyMap<number, number> {
    const group = this.#rows.group(name);
    const offsets = group === undefined ? [] : this.#rows.offsets.list(group.id);
    return new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  }

  /** Who went, the newest first. Reads only. */
  departures(name: string): Departure[] {
    const group = this.#rows.group(name);
    return group === undefined ? [] : this.#rows.members.departures(group.id);
  }

  /**
   * The member lives, and has taken up the group's epoch unless it has something to give up. Does what is overdue: takes out
   * who is silent, and looks at the catalogue. `changed`: others are to be woken. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID.
   */
  heartbeat(ref: MemberRef, s: Surroundings): { readonly changed: boolean } {
    const beat = this.attend(ref, s);
    const group = this.#rows.group(ref.group) as GroupRow;
    this.#rows.members.takeUp(group.id, ref.memberId, group.epoch);
    return beat;
  }

  /** As `heartbeat`, of a member that takes up nothing by that. */
  attend(ref: MemberRef, s: Surroundings): { readonly changed: boolean } {
    const { group } = hearMember(this.#rows, ref, s.now);
    this.#rows.members.rewind(group.id, s.now);
    const removed = this.#rows.members.anyOverdue(group.id, s.now) ? this.removeGone(group.name, s) : [];
    const refreshed = this.refresh(group.name, s);
    return { changed: removed.length > 0 || refreshed };
  }

  /** The member has given up these partitions (ids) of `revoked`. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
  release(ref: MemberRef, partitions: readonly number[], s: Surroundings): Membership {
    const { group, member } = hearMember(this.#rows, ref, s.now);
    const given = new Set(partitions);
    changeGroup(this.#room, group, s.now, (state) => ({ state: release(state, member.id, given, s.now) }));
    return this.#takeUp(ref);
  }

  /** The member goes; a static one keeps its place until its session ends. Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
  leave(ref: MemberRef, s: Surroundings): void {
    const { group, member } = findMember(this.#rows, ref);
    if (member.instance === null) this.takeOut(group, new Map([[member.id, 'left']]), s);
    else changeGroup(this.#room, group, s.now, (state) => ({ state: stepAway(state, member.id, s.now) }));
  }

  /** Takes out members whose process has ended, or that are silent for longer than their session; answers their names. */
  removeGone(name: string, s: Surroundings): readonly string[] {
    const group = this.#rows.group(name);
    if (group === undefined) return [];
    if (group.type === 'classic') return expireClassic(this.#room, group, s.now);
    this.#rows.members.rewind(group.id, s.now);
    const state = loadGroup(this.#rows, group);
    const gone = overdue(state, s);
    if (gone.size > 0) this.takeOut(group, gone, s);
    return state.members.filter(({ id }) => gone.has(id)).map((member) => member.name);
  }

  /** These members (ids) of a consumer group go. */
  takeOut(group: GroupRow, gone: ReadonlyMap<string, Why>, s: Surroundings): void {
    changeGroup(this.#room, group, s.now, (state) => ({ state: dismiss(state, gone), gone }));
  }

  /** After a change of the catalogue: a new target, if subscriptions mean something else by now. Answers whether. */
  refresh(name: string, s: Surroundings): boolean {
    const group = this.#rows.group(name);
    if (group === undefined || group.type === 'classic' || group.catalogue === this.#topics.version()) return false;
    const state = loadGroup(this.#rows, group);
    const after = retarget(state, resolveWith(this.#topics), s.now);
    const wanted = ({ assignments }: GroupState) => assignments.map((row) => `${row.partition} ${row.target}`).sort();
    const changed = wanted(after).join() !== wanted(state).join();
    if (changed) changeGroup(this.#room, group, s.now, (before) => ({ state: { ...before, epoch: before.epoch + 1 } }));
    else this.#rows.keep({ ...group, catalogue: this.#topics.version() });
    return changed;
  }

  /**
   * Offsets of partitions, by a member that owns them, or by nobody (`ref` null) while the group has no members; then the group
   * is made if there is none. A partition that is another's by now is refused in its place, the others are stored (G5).
   * Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, INVALID_GROUP_ID.
   */
  commit(name: string, ref: MemberRef | null, offsets: readonly Committing[], s: Surroundings): CommitResult[] {
    if (ref !== null) {
      const { group, member } = hearMember(this.#rows, ref, s.now);
      return commitOffsets(this.#rows, group.id, member.id, offsets, s.now);
    }
    const group = ensureGroup(this.#rows, name, this.#topics.version(), s.now);
    const hint = 'only its members commit while it has any';
    if (group.emptySince === null)
      throw new BrokerError('UNKNOWN_MEMBER_ID', { member: 'who commits', group: name, hint });
    return commitOffsets(this.#rows, group.id, null, offsets, s.now);
  }

  /**
   * What `commit` would answer, for offsets that a transaction will store when it commits, and the group (its id). Nothing is
   * stored. As in Kafka, a transaction that names no member may come to a group that has some; who says its generation is judged
   * by that as well. Throws as `commit`, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH.
   */
  judge(
    name: string,
    ref: SendingMember | null,
    offsets: readonly Committing[],
    s: Surroundings,
  ): { readonly grp: number; readonly results: CommitResult[] } {
    if (ref?.generation !== undefined)
      return this.#judgeSender(name, { ...ref, generation: ref.generation }, offsets, s);
    const { id } =
      ref === null
        ? ensureGroup(this.#rows, name, this.#topics.version(), s.now)
        : hearMember(this.#rows, ref, s.now).group;
    return { grp: id, results: judgeOffsets(this.#rows, id, ref?.memberId ?? null, offsets) };
  }

  #judgeSender(
    name: string,
    { memberId, instanceId, generation }: SendingMember & { readonly generation: number },
    offsets: readonly Committing[],
    s: Surroundings,
  ): { readonly grp: number; readonly results: CommitResult[] } {
    const who = { memberId, instanceId: instanceId ?? null, generation, knowsEpochs: false, isTransactional: true };
    const { error, owner } = judgeCommitter(this.#rows, this.#rows.group(name), who);
    if (error !== null) throw new BrokerError(error, { group: name, member: memberId, instance: `${instanceId}` });
    const { id } = ensureGroup(this.#rows, name, this.#topics.version(), s.now);
    this.#rows.members.beat(id, memberId, s.now);
    return { grp: id, results: judgeOffsets(this.#rows, id, owner, offsets) };
  }

  /** An offset that was judged so becomes the group's (by its id). */
  store(grp: number, offset: Committing, now: number): void {
    storeOffset(this.#rows, grp, offset, now);
  }

  /** Partitions (ids) went with their topic (G6). */
  forgetPartitions(ids: readonly number[]): void {
    for (const id of ids) this.#rows.forgetPartition(id);
  }

  #asConsumerGroup(name: string, s: Surroundings): GroupRow {
    const group = ensureGroup(this.#rows, name, this.#topics.version(), s.now);
    if (group.type === 'classic') expireClassic(this.#room, group, s.now);
    return toConsumerGroup(this.#room, this.#rows.group(name) as GroupRow, s.now);
  }

  #takeUp(ref: Pick<MemberRef, 'group' | 'memberId'>): Membership {
    const group = this.#rows.group(ref.group) as GroupRow;
    this.#rows.members.takeUp(group.id, ref.memberId, group.epoch);
    return this.membership(ref) as Membership;
  }
}

function unreleased({ name: group }: GroupRow, { instance, name: member }: Member): BrokerError {
  return new BrokerError('UNRELEASED_INSTANCE_ID', { group, instance: `${instance}`, member });
}
