import type { Broker } from '../../broker/broker.ts';
import { MergedRead } from '../../broker/merged-read.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { COMMIT_BUSY_MS, COMMIT_PAUSE_MS, NEIGHBOUR_MS } from '../../settings.ts';
import { GroupLanes } from '../group-lanes.ts';
import type { GroupConsumeOptions, GroupNews, GroupReader, PartitionOffset } from '../group-reader.ts';
import type { ReadBatch, ReadRange } from '../reader.ts';
import type { GroupMetadata } from '../transactions.ts';
import { WholeBatches } from '../whole-batches.ts';
import { CommitWait } from './commit-wait.ts';
import { GroupBegins } from './group-begins.ts';
import { GroupSeat } from './group-seat.ts';
import { HeldBackWatch, heldBackOf, lookSettled } from './held-back.ts';

/** Heartbeats in a session. */
const BEATS = 3;

/** Reads the data directory itself, as a member of a group. */
export class EmbeddedGroupReader implements GroupReader {
  readonly #broker: Broker;
  readonly #options: GroupConsumeOptions;
  readonly #begins: GroupBegins;
  readonly #read: MergedRead;
  readonly #lanes: GroupLanes;
  readonly #whole = new WholeBatches((id) => this.#lanes.place(id));
  readonly #seat: GroupSeat;
  readonly #commits: CommitWait;
  readonly #heldBack: HeldBackWatch;
  readonly #timers: readonly NodeJS.Timeout[];
  #lastCommit = monotonic();
  #commitTimer: NodeJS.Timeout | undefined;
  /** Of a timer, where nobody could be told. */
  #failure: BrokerError | undefined;

  /** Joins. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern), and what `Groups.join` throws. */
  constructor(broker: Broker, options: GroupConsumeOptions) {
    this.#broker = broker;
    this.#options = options;
    const { store, rows } = broker;
    const begins = () => store.read(() => new GroupBegins(broker, options));
    this.#begins = lookSettled(broker, begins, ({ isHeldBack }) => isHeldBack);
    this.#read = store.read(() => new MergedRead(store, rows, [], options.isolation));
    this.#lanes = new GroupLanes(this.#read);
    const onChange = () => this.#commits.wake();
    this.#seat = new GroupSeat(broker, options, { begins: this.#begins, lanes: this.#lanes, onChange });
    this.#commits = new CommitWait(
      broker,
      () => this.#read.isBehind || this.#seat.isOutdated(),
      () => this.#excused(() => this.#seat.giveWay()),
    );
    this.#heldBack = new HeldBackWatch(
      broker,
      () => this.#read.isHeldBack,
      () => this.#commits.wake(),
    );
    this.#seat.takeUp();
    this.#commits.watch();
    this.#timers = [
      setInterval(() => this.#excused(() => this.#seat.beat()), this.#seat.sessionTimeoutMs / BEATS).unref(),
      setInterval(() => this.#excused(() => this.#lookAround()), NEIGHBOUR_MS).unref(),
    ];
  }

  get memberName(): string {
    return this.#seat.name;
  }

  get metadata(): GroupMetadata {
    return this.#seat.ref;
  }

  get ranges(): readonly ReadRange[] {
    return this.#lanes.ranges;
  }

  /**
   * A bounded member has ended when it has read its partitions to their ends and awaits no other; one that was given none, when
   * the others have committed up to every end.
   */
  get ended(): boolean {
    if (this.#options.follow || !this.#seat.isComplete) return false;
    if (this.#lanes.size > 0) return this.#read.ended;
    const { store, groups } = this.#broker;
    return store.read(() => this.#begins.areReached(groups.rows.committed(this.#options.group)));
  }

  async attend(): Promise<void> {
    await breath();
    if (this.#failure !== undefined) throw this.#failure;
    const isFreed = this.#heldBack.catchUp();
    const isBehind = this.#commits.catchUp() || isFreed;
    if (this.#seat.isStale || (isBehind && this.#broker.store.read(() => this.#seat.isOutdated()))) this.#seat.takeUp();
    if (isBehind) this.#broker.store.read(() => this.#read.refresh());
    if (monotonic() - this.#lastCommit >= COMMIT_BUSY_MS) this.#commitNow();
  }

  async next(): Promise<readonly ReadBatch[]> {
    await this.attend();
    const batches = this.#nextVisible();
    if (batches.length === 0) this.#heldBack.look();
    if (batches.length === 0 && this.#whole.damage !== undefined) throw this.#whole.damage;
    return batches;
  }

  #nextVisible(): readonly ReadBatch[] {
    if (this.#whole.damage !== undefined) return [];
    const scanned = this.#read.next(this.#whole.nextBytes());
    this.#lanes.hand(scanned);
    return this.#whole.of(scanned);
  }

  /** The flags refuse it: a group goes on where it has come to. */
  async tail(): Promise<number> {
    throw new BrokerError('USAGE', { problem: 'a group has no tail', command: 'beck consume' });
  }

  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    this.#commitSoon();
    const isCalm = !this.#seat.isStale && this.#failure === undefined && !this.#heldBack.hasNews;
    if (isCalm) await this.#commits.wait(ms, signal);
  }

  async heldBack(): Promise<readonly ReadRange[]> {
    return this.#read.isHeldBack ? heldBackOf(this.#broker, this.#lanes.ranges) : [];
  }

  news(): readonly GroupNews[] {
    return this.#seat.journal.take();
  }

  take(batch: ReadBatch): boolean {
    return this.#lanes.take(batch);
  }

  again(topic: string, partition: number): void {
    this.#broker.store.read(() => this.#lanes.again(topic, partition));
  }

  done(topic: string, partition: number, next: number): void {
    this.#seat.done(topic, partition, next);
  }

  committed(offsets: readonly PartitionOffset[]): void {
    this.#seat.committed(offsets);
  }

  async commit(): Promise<readonly PartitionOffset[]> {
    this.#commitNow();
    return this.#lanes.committed;
  }

  async leave(): Promise<readonly PartitionOffset[]> {
    this.close();
    this.#seat.leave();
    return this.#lanes.committed;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#commitTimer);
    this.#commits.stop();
    this.#heldBack.stop();
    this.#seat.close();
  }

  #commitNow(): void {
    clearTimeout(this.#commitTimer);
    this.#commitTimer = undefined;
    this.#lastCommit = monotonic();
    this.#seat.commit();
  }

  /** For one who waits for more. */
  #commitSoon(): void {
    const due = this.#lastCommit + COMMIT_PAUSE_MS - monotonic();
    if (due <= 0) this.#commitNow();
    else this.#commitTimer ??= setTimeout(() => this.#excused(() => this.#commitNow()), due).unref();
  }

  /** One that stands by looks how far the others have come: they wake nobody for that. */
  #lookAround(): void {
    this.#seat.lookAfterNeighbour();
    if (!this.#options.follow && this.#lanes.size === 0) this.#commits.wake();
  }

  /** In a timer nobody can be told: whoever asks for more is. A busy database is tried again by the next one. */
  #excused(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      if (error.code === 'STORAGE_BUSY') return;
      this.#failure = error;
      this.#commits.wake();
    }
  }
}

/** Timers and signals have their turn, however much there is to read. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
