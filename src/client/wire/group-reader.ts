import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { COMMIT_BUSY_MS, COMMIT_PAUSE_MS, FETCH_WAIT_MS } from '../../settings.ts';
import { GroupLanes } from '../group-lanes.ts';
import type { GroupConsumeOptions, GroupNews, GroupReader, PartitionOffset } from '../group-reader.ts';
import type { ReadBatch, ReadRange } from '../reader.ts';
import type { GroupMetadata } from '../transactions.ts';
import { WholeBatches } from '../whole-batches.ts';
import { Awaited } from './awaited.ts';
import { WireGroupBegins } from './group-begins.ts';
import { committedOf } from './group-offsets.ts';
import { WireGroupSeat } from './group-seat.ts';
import type { Line } from './line.ts';
import { WireMember } from './member.ts';
import { WirePlaces } from './places.ts';
import { heldBackNow } from './settled-ranges.ts';
import { WireTopics } from './topics.ts';
import { WireRead } from './wire-read.ts';

/** Reads from a server as a member of a group (KIP-848), over connections of its own: when they close it is one no more. */
export class WireGroupReader implements GroupReader {
  readonly #line: Line;
  readonly #options: GroupConsumeOptions;
  readonly #begins: WireGroupBegins;
  readonly #read: WireRead;
  readonly #lanes: GroupLanes;
  readonly #whole = new WholeBatches((id) => this.#lanes.place(id));
  readonly #member: WireMember;
  readonly #seat: WireGroupSeat;
  readonly #more: Awaited;
  #beating: NodeJS.Timeout | undefined;
  #lastCommit = monotonic();
  #commitTimer: NodeJS.Timeout | undefined;
  /** Of what was done in the background. */
  #failure: unknown;
  #isClosed = false;
  /** Whether the others have come to every end, for one that has nothing. */
  #isReached = false;

  private constructor(line: Line, options: GroupConsumeOptions, places: WirePlaces, begins: WireGroupBegins) {
    this.#line = line;
    this.#options = options;
    this.#begins = begins;
    this.#read = new WireRead(line, places, options.isolation);
    this.#lanes = new GroupLanes(this.#read);
    this.#member = new WireMember(line, options, places, new WireTopics(line));
    this.#more = new Awaited(() => this.#read.wait(FETCH_WAIT_MS));
    const own = { line, group: options.group, member: this.#member, places, begins, lanes: this.#lanes };
    this.#seat = new WireGroupSeat({ ...own, onChange: () => this.#more.wake() });
  }

  /** Joins. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern), and as `WireMember.join`. */
  static async open(line: Line, options: GroupConsumeOptions): Promise<WireGroupReader> {
    const own = line.another();
    const places = new WirePlaces();
    const reader = new WireGroupReader(own, options, places, await WireGroupBegins.find(own, places, options));
    await reader.#seat.takeUp();
    await reader.#lookAround();
    reader.#beatLater();
    return reader;
  }

  get memberName(): string {
    return this.#seat.name;
  }

  get metadata(): GroupMetadata {
    return this.#member.metadata;
  }

  get ranges(): readonly ReadRange[] {
    return this.#lanes.ranges;
  }

  get ended(): boolean {
    if (this.#options.follow || !this.#seat.isComplete) return false;
    return this.#lanes.size > 0 ? this.#read.ended : this.#isReached;
  }

  async attend(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    if (this.#member.isDoubtful) await this.#seat.beat();
    if (this.#seat.isStale) await this.#seat.takeUp();
    if (monotonic() - this.#lastCommit >= COMMIT_BUSY_MS) await this.#commitNow();
  }

  async next(): Promise<readonly ReadBatch[]> {
    this.#more.check();
    await this.attend();
    const batches = await this.#nextVisible();
    if (batches.length === 0 && this.#whole.damage !== undefined) throw this.#whole.damage;
    return batches;
  }

  async #nextVisible(): Promise<readonly ReadBatch[]> {
    if (this.#whole.damage !== undefined) return [];
    const read = await this.#read.next(this.#whole.nextBytes());
    const scanned = read.filter(({ row }) => this.#lanes.has(row.partition));
    this.#lanes.hand(scanned);
    return this.#whole.of(scanned);
  }

  /** The flags refuse it: a group goes on where it has come to. */
  async tail(): Promise<number> {
    throw new BrokerError('USAGE', { problem: 'a group has no tail', command: 'beck consume' });
  }

  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    this.#commitSoon();
    if (!this.#seat.isStale && this.#failure === undefined) await this.#more.wait(ms, signal);
  }

  async heldBack(): Promise<readonly ReadRange[]> {
    return this.#read.isHeldBack ? heldBackNow(this.#line, this.#lanes.ranges) : [];
  }

  news(): readonly GroupNews[] {
    return this.#seat.journal.take();
  }

  take(batch: ReadBatch): boolean {
    return this.#lanes.take(batch);
  }

  again(topic: string, partition: number): void {
    this.#lanes.again(topic, partition);
  }

  done(topic: string, partition: number, next: number): void {
    this.#seat.done(topic, partition, next);
    this.#releaseGivenUp();
  }

  committed(offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) this.#lanes.doneAndStored(topic, partition, offset);
    this.#releaseGivenUp();
  }

  async commit(): Promise<readonly PartitionOffset[]> {
    await this.#commitNow();
    return this.#lanes.committed;
  }

  async leave(): Promise<readonly PartitionOffset[]> {
    this.#stop();
    await this.#seat.leave();
    const { committed } = this.#lanes;
    this.close();
    return committed;
  }

  close(): void {
    this.#stop();
    this.#read.close();
    this.#line.close();
  }

  #stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#beating);
    clearTimeout(this.#commitTimer);
    this.#more.stop();
  }

  #releaseGivenUp(): void {
    if (this.#seat.mayRelease) this.#excused(this.#seat.release());
  }

  async #commitNow(): Promise<void> {
    clearTimeout(this.#commitTimer);
    this.#commitTimer = undefined;
    this.#lastCommit = monotonic();
    await this.#seat.commit();
  }

  /** For one who waits for more. */
  #commitSoon(): void {
    const due = Math.max(0, this.#lastCommit + COMMIT_PAUSE_MS - monotonic());
    this.#commitTimer ??= setTimeout(() => this.#excused(this.#commitNow()), due).unref();
  }

  #beatLater(): void {
    if (this.#isClosed) return;
    this.#beating = setTimeout(() => {
      this.#excused(
        this.#seat
          .beat()
          .then(() => this.#lookAround())
          .finally(() => this.#beatLater()),
      );
    }, this.#seat.dueIn).unref();
  }

  /** One that stands by looks how far the others have come. */
  async #lookAround(): Promise<void> {
    if (this.#options.follow || this.#lanes.size > 0 || !this.#seat.isComplete || this.#isClosed) return;
    this.#isReached = await this.#begins.areReached(await committedOf(this.#line, this.#options.group, null));
    this.#more.wake();
  }

  /** In the background nobody can be told: whoever asks for more is. */
  #excused(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.#isClosed) return;
      this.#failure ??= error;
      this.#more.wake();
    });
  }
}
