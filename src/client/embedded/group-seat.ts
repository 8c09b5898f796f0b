import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Broker } from '../../broker/broker.ts';
import { thisProcess } from '../../broker/peers.ts';
import { BrokerError } from '../../errors.ts';
import type { MemberRef, Membership } from '../../group/groups.ts';
import type { CommitResult, Committing } from '../../group/offsets/commit-offsets.ts';
import { SESSION_TIMEOUT_MS } from '../../settings.ts';
import { GroupJournal } from '../group-journal.ts';
import type { GroupLanes } from '../group-lanes.ts';
import type { GroupConsumeOptions, PartitionOffset } from '../group-reader.ts';
import type { GroupBegins } from './group-begins.ts';
import { GroupNeighbour } from './group-neighbour.ts';

/**
 * A member's place in its group. What it is to give up it gives up at any time, as soon as nothing of that is being shown; what it
 * is given it takes when `takeUp` is called.
 */
export class GroupSeat {
  readonly name = `${process.pid}`;
  readonly journal = new GroupJournal(this.name);
  readonly sessionTimeoutMs: number;
  readonly #broker: Broker;
  readonly #options: GroupConsumeOptions;
  readonly #begins: GroupBegins;
  readonly #lanes: GroupLanes;
  readonly #neighbour = new GroupNeighbour();
  readonly #onChange: () => void;
  /** Undefined: it is no member. */
  #ref: MemberRef | undefined;
  #lastRef: MemberRef;
  /** As it was taken up. */
  #membership: Membership | undefined;
  /** The version of the group up to which it has given up what it could. */
  #yielded = -1;
  #isStale = true;

  /** `onChange` is called when this member itself has changed something that it must take up. */
  constructor(
    broker: Broker,
    options: GroupConsumeOptions,
    own: { readonly begins: GroupBegins; readonly lanes: GroupLanes; readonly onChange: () => void },
  ) {
    this.#broker = broker;
    this.#options = options;
    this.#begins = own.begins;
    this.#lanes = own.lanes;
    this.#onChange = own.onChange;
    this.#lastRef = { group: options.group, memberId: '', instanceId: options.instanceId };
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  }

  /** As what it is a member; when it is none, as what it was. */
  get ref(): MemberRef {
    return this.#lastRef;
  }

  /** Whether there is something to take up. Where others may have committed since, `isOutdated` knows. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Whether it has all that it shall have. */
  get isComplete(): boolean {
    return !this.#isStale && this.#membership?.pending === 0;
  }

  /** Inside the caller's read: whether the group has changed since it was taken up. */
  isOutdated(): boolean {
    const glance = this.#broker.groups.rows.glance(this.#options.group);
    return glance === null || glance.outdated || glance.version !== this.#membership?.version;
  }

  /**
   * Joins if it is no member; gives up what is wanted and takes what is given, until it has what the group says. Only while
   * nothing is being shown. Throws what `Groups.join` throws, FENCED_INSTANCE_ID.
   */
  takeUp(): void {
    const { groups, store } = this.#broker;
    if (groups.glance(this.#options.group)?.outdated) groups.refresh(this.#options.group);
    this.#lanes.settle();
    do {
      this.#isStale = false;
      this.#ref ??= this.#join();
      const ref = this.#ref;
      const membership = store.read(() => this.#adopt(ref, groups.rows.membership(ref)));
      if (membership === null) this.#fenced();
      else this.#giveUp(membership);
    } while (this.#isStale);
    if (this.#isBehind) this.beat();
  }

  /** Others see by that whether all have heard of the newest change. */
  get #isBehind(): boolean {
    return this.#membership !== undefined && this.#membership.memberEpoch < this.#membership.groupEpoch;
  }

  /** Gives up what is wanted by now and is not being shown. */
  giveWay(): void {
    const { groups } = this.#broker;
    if (this.#ref === undefined || groups.glance(this.#options.group)?.version === this.#yielded) return;
    const membership = groups.membership(this.#ref);
    if (membership === null) this.#fenced();
    else this.#giveUp(membership);
  }

  /** Everything of the partition below `next` has been shown. */
  done(topic: string, partition: number, next: number): void {
    this.#lanes.done(topic, partition, next);
    this.#releaseGivenUp();
  }

  /** A transaction has stored these: everything below has been shown. */
  committed(offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) this.#lanes.doneAndStored(topic, partition, offset);
    this.#releaseGivenUp();
  }

  #releaseGivenUp(): void {
    const { givenUp } = this.#lanes;
    if (givenUp.length > 0) this.#release(givenUp);
  }

  /** Throws FENCED_INSTANCE_ID, STORAGE_*. */
  beat(): void {
    this.#asMember((ref) => {
      if (this.#broker.groups.heartbeat(ref).changed) this.#changed();
    });
  }

  lookAfterNeighbour(): void {
    if (!this.#neighbour.isGone) return;
    if (this.#broker.groups.removeGone(this.#options.group).length === 0) return this.#neighbour.pass();
    this.#broker.transactions.sweep();
    this.#changed();
  }

  /** Stores how far everything has been shown. Throws FENCED_INSTANCE_ID, STORAGE_*. */
  commit(): void {
    if (this.#lanes.unstored.length === 0) return;
    this.#store((ref, offsets) => this.#broker.groups.commit(ref.group, ref, offsets));
  }

  leave(): void {
    this.#store((ref, offsets) => this.#broker.groups.commitAndLeave(ref, offsets));
    this.#ref = undefined;
    this.close();
  }

  /** Looks after nobody any more. */
  close(): void {
    this.#neighbour.close();
  }

  #join(): MemberRef {
    const { topics: subscription, assignor, group, instanceId } = this.#options;
    const ref = { group, memberId: `beck-${process.pid}-${randomBytes(4).toString('hex')}`, instanceId };
    this.#broker.groups.join({
      ...ref,
      name: this.name,
      host: hostname(),
      subscription,
      assignor,
      sessionTimeoutMs: this.sessionTimeoutMs,
      process: thisProcess(),
    });
    this.#lastRef = ref;
    return ref;
  }

  /** Inside the caller's read. Takes what is given; what is to be given up first is seen by its `revoked`. */
  #adopt({ group, memberId }: MemberRef, membership: Membership | null): Membership | null {
    if (membership === null || membership.revoked.length > 0 || membership.version === this.#membership?.version)
      return membership;
    this.#membership = membership;
    const { assigned, members } = membership;
    const has = new Set(assigned.map(({ id }) => id));
    for (const id of this.#lanes.ids) if (!has.has(id)) this.#lanes.drop(id);
    for (const id of has) this.#lanes.keep(id);
    const given = assigned.filter(({ id }) => !this.#lanes.has(id));
    const begun = given.map((partition) => this.#begins.locate(partition));
    for (const [i, range] of begun.entries()) this.#lanes.add(range, given[i]?.committed ?? null);
    this.#neighbour.choose(memberId, members);
    this.journal.saw(memberId, membership, begun, () => this.#broker.groups.rows.departures(group));
    return membership;
  }

  #giveUp({ version, revoked }: Membership): void {
    this.#yielded = version;
    for (const { id } of revoked) this.#lanes.revoke(id);
    const neverHad = revoked.filter(({ id }) => !this.#lanes.has(id)).map(({ id }) => id);
    const ids = [...neverHad, ...this.#lanes.givenUp];
    if (ids.length > 0) this.#release(ids);
  }

  #release(ids: readonly number[]): void {
    this.#store((ref, offsets) => this.#broker.groups.commitAndRelease(ref, offsets, ids));
    for (const id of ids) this.#lanes.drop(id);
    this.#changed();
  }

  /** What is another's by now is not stored, and not read any longer. */
  #store(write: (ref: MemberRef, offsets: readonly Committing[]) => readonly CommitResult[]): void {
    const offsets = this.#lanes.unstored;
    this.#asMember((ref) => {
      for (const [i, { id, error }] of write(ref, offsets).entries()) {
        if (error === null) this.#lanes.stored(id, (offsets[i] as Committing).offset);
        else this.#lanes.drop(id);
      }
    });
  }

  #asMember(act: (ref: MemberRef) => void): void {
    try {
      if (this.#ref !== undefined) act(this.#ref);
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'UNKNOWN_MEMBER_ID') throw error;
      this.#fenced();
    }
  }

  /** It was taken for dead: what it had is read by others, from what it had committed. */
  #fenced(): void {
    if (this.#membership !== undefined) this.journal.fenced(this.#lanes.ranges);
    for (const id of this.#lanes.ids) this.#lanes.drop(id);
    this.#membership = undefined;
    this.#ref = undefined;
    this.#changed();
  }

  #changed(): void {
    this.#isStale = true;
    this.#onChange();
  }
}
