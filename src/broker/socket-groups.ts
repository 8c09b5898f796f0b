import type { Clock } from '../clock.ts';
import type { ErrorCode } from '../errors.ts';
import { ClassicGroups } from '../group/classic/classic-groups.ts';
import type { JoinRequest } from '../group/classic/join.ts';
import type { Leaving } from '../group/classic/leave.ts';
import type { BeatOutcome, BeatRequest, JoinOutcome, LeaveOutcome, Outcome } from '../group/classic/outcome.ts';
import type { SyncAnswer, SyncRequest } from '../group/classic/sync.ts';
import {
  ConsumerGroups,
  type ConsumerHeartbeat,
  type ConsumerHeartbeatAnswer,
} from '../group/consumer/consumer-groups.ts';
import type { Groups } from '../group/groups.ts';
import type { Surroundings } from '../group/membership.ts';
import type { CommitResult, Committing } from '../group/offsets/commit-offsets.ts';
import type { Committer } from '../group/offsets/committer.ts';
import { GroupOffsets } from '../group/offsets/group-offsets.ts';
import type { PlacedOffset } from '../group/offsets/rows.ts';
import { SessionRows } from '../group/sessions/rows.ts';
import type { Durability, Store } from '../store/store.ts';
import type { Topics } from '../topic/topics.ts';
import { isGone } from './peers.ts';
import type { WakeFile } from './wait.ts';

export type { JoinAnswer, JoinRequest } from '../group/classic/join.ts';
export type { JoinOutcome, Outcome } from '../group/classic/outcome.ts';
export type { SyncAnswer, SyncRequest } from '../group/classic/sync.ts';
export type { PlacedOffset } from '../group/offsets/rows.ts';

/** What it needs of the broker. */
export interface SocketGroupSurroundings {
  readonly store: Store;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly clock: Clock;
  readonly wake: WakeFile;
}

/**
 * The doors of groups for members behind sockets, as `GroupCoordinator` is for beck's own: each call is one transaction (B1), and
 * wakes others when something changed that they wait for. What waits is asked for again by whoever holds its client. Throws
 * STORAGE_*, and what is said beside each.
 */
export class SocketGroups {
  readonly #store: Store;
  readonly #groups: Groups;
  readonly #classic: ClassicGroups;
  readonly #consumer: ConsumerGroups;
  readonly #offsets: GroupOffsets;
  readonly #sessions: SessionRows;
  readonly #clock: Clock;
  readonly #wake: WakeFile;

  constructor({ store, topics, groups, clock, wake }: SocketGroupSurroundings) {
    this.#store = store;
    this.#groups = groups;
    this.#classic = new ClassicGroups(store, topics, groups);
    this.#consumer = new ConsumerGroups(store, topics, groups);
    this.#offsets = new GroupOffsets(store, topics);
    this.#sessions = new SessionRows(store);
    this.#clock = clock;
    this.#wake = wake;
  }

  /** As `ClassicGroups.join`. */
  join(request: JoinRequest): JoinOutcome {
    return this.#change((s) => this.#classic.join(request, s));
  }

  /** As `ClassicGroups.joined`. */
  joined(request: JoinRequest): JoinOutcome {
    return this.#change((s) => this.#classic.joined(request, s));
  }

  /** As `ClassicGroups.sync`. */
  sync(request: SyncRequest): Outcome<SyncAnswer> {
    return this.#change((s) => this.#classic.sync(request, s));
  }

  /** As `ClassicGroups.synced`. */
  synced(request: SyncRequest): Outcome<SyncAnswer> {
    return this.#change((s) => this.#classic.synced(request, s));
  }

  /** As `ClassicGroups.heartbeat`. */
  heartbeat(request: BeatRequest): BeatOutcome {
    return this.#change((s) => this.#classic.heartbeat(request, s));
  }

  /** As `ClassicGroups.leave`. */
  leave(group: string, leaving: readonly Leaving[]): LeaveOutcome {
    return this.#change((s) => this.#classic.leave(group, leaving, s));
  }

  /** As `ClassicGroups.drop`. */
  drop(group: string, memberId: string, since: number): void {
    this.#change((s) => ({ changed: this.#classic.drop(group, memberId, since, s) }));
  }

  /** As `ConsumerGroups.heartbeat`. What one of beck's own has committed when it leaves survives a power cut. */
  consumerHeartbeat(beat: ConsumerHeartbeat): ConsumerHeartbeatAnswer {
    const isLast = beat.memberEpoch < 0 && beat.process != null;
    return this.#change((s) => this.#consumer.heartbeat(beat, s), isLast ? 'full' : 'normal');
  }

  /** What version a group has: it grows with everything that is waited for. Null: there is no such group. */
  version(group: string): number | null {
    return this.#store.read(() => this.#groups.glance(group)?.version ?? null);
  }

  /** As `GroupOffsets.commit`. */
  commit(group: string, who: Committer, offsets: readonly Committing[]): CommitResult[] {
    return this.#write((s) => this.#offsets.commit(group, who, offsets, s));
  }

  /** By topic and number; of a group that there is not, nothing. */
  committed(group: string): PlacedOffset[] {
    return this.#store.read(() => this.#offsets.committed(group));
  }

  /** As `GroupOffsets.refusalOfFetch`. */
  refusalOfFetch(group: string, memberId: string | null, epoch: number): ErrorCode | null {
    return this.#store.read(() => this.#offsets.refusalOfFetch(group, memberId, epoch));
  }

  /** Every member behind a socket begins a new session, since nobody could hear it: a server has started, or it slept. */
  excuse(): void {
    this.#write((s) => this.#sessions.excuse(s.now));
  }

  /** Does what is overdue in any group. */
  sweep(): void {
    const overdue = this.#store.read(() => this.#sessions.overdue(this.#clock.now()));
    for (const group of overdue) this.#change((s) => ({ changed: this.#tidies(group, s) }));
  }

  /** Others may wait for more than for members that go: for an id that is given up, for the end of a phase. */
  #tidies(group: string, s: Surroundings): boolean {
    const before = this.#groups.glance(group)?.version;
    this.#groups.removeGone(group, s);
    return this.#groups.glance(group)?.version !== before;
  }

  #change<T extends { readonly changed: boolean }>(fn: (s: Surroundings) => T, durability: Durability = 'normal'): T {
    let changed = false;
    return this.#write(
      (s) => {
        const outcome = fn(s);
        changed = outcome.changed;
        return outcome;
      },
      () => {
        if (changed) this.#wake.touch();
      },
      durability,
    );
  }

  /** Memberships and offsets need not survive a power cut. The time is asked for when the write has its turn. */
  #write<T>(fn: (s: Surroundings) => T, onVisible?: () => void, durability: Durability = 'normal'): T {
    return this.#store.write(() => fn({ now: this.#clock.now(), isGone }), durability, onVisible);
  }
}
