import { BrokerError } from '../../errors.ts';
import { FETCH_WAIT_MS } from '../../settings.ts';
import type { ConsumeOptions, ReadBatch, Reader, ReadRange } from '../cluster.ts';
import { type LocatedRange, scanRange } from '../range.ts';
import { WholeBatches } from '../whole-batches.ts';
import { Awaited } from './awaited.ts';
import { Followed } from './followed.ts';
import type { Line } from './line.ts';
import { locateWireRanges } from './offsets.ts';
import { WirePlaces } from './places.ts';
import { heldBackNow, settledRanges } from './settled-ranges.ts';
import { wireTail } from './tail.ts';
import { type WireTopic, WireTopics } from './topics.ts';
import { WireRead } from './wire-read.ts';

const FROM_START = { at: 'start' } as const;

/** Reads from a server, in the order of the commits; one that goes away is dialled again. */
export class WireReader implements Reader {
  readonly #line: Line;
  readonly #options: ConsumeOptions;
  readonly #places = new WirePlaces();
  readonly #ranges = new Map<number, LocatedRange>();
  readonly #nameOf = (id: number) => this.#ranges.get(id) as LocatedRange;
  readonly #whole = new WholeBatches(this.#nameOf);
  readonly #read: WireRead;
  readonly #more: Awaited;
  readonly #followed: Followed | undefined;

  private constructor(line: Line, options: ConsumeOptions, topics: readonly WireTopic[]) {
    this.#line = line;
    this.#options = options;
    this.#read = new WireRead(line, this.#places, options.isolation);
    this.#followed = options.follow ? new Followed(new WireTopics(line), options.topics, topics) : undefined;
    this.#more = new Awaited(() => this.#lookForMore());
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, USAGE (a bad pattern). */
  static async open(line: Line, options: ConsumeOptions): Promise<WireReader> {
    const topics = await new WireTopics(line).select(options.topics);
    if (topics.length === 0 && 'pattern' in options.topics && !options.follow)
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: options.topics.pattern });
    const reader = new WireReader(line, options, topics);
    const around = { line, places: reader.#places };
    reader.#admit(await settledRanges(line, () => locateWireRanges(around, topics, options)));
    return reader;
  }

  get ranges(): readonly ReadRange[] {
    return [...this.#ranges.values()];
  }

  get ended(): boolean {
    return !this.#waitsForTopics && this.#read.ended;
  }

  /** A pattern may match topics that come later. */
  get #waitsForTopics(): boolean {
    return this.#options.follow && 'pattern' in this.#options.topics && this.#options.until === undefined;
  }

  #admit(ranges: readonly LocatedRange[]): void {
    for (const range of ranges) {
      if (this.#ranges.has(range.id)) continue;
      this.#ranges.set(range.id, range);
      this.#read.add(scanRange(range));
    }
  }

  async next(): Promise<readonly ReadBatch[]> {
    this.#more.check();
    const batches = await this.#nextVisible();
    // What is read to an end that nobody asked for was deleted.
    if (batches.length === 0 && this.#read.ended) await this.#lookAtTopics(true);
    const failure = this.#whole.damage ?? this.#followed?.gone;
    if (batches.length === 0 && failure !== undefined) throw failure;
    return batches;
  }

  async #nextVisible(): Promise<readonly ReadBatch[]> {
    if (this.#whole.damage !== undefined) return [];
    return this.#whole.of(await this.#read.next(this.#whole.nextBytes()));
  }

  /** Waits a while for records, and looks whether topics have come or gone. */
  async #lookForMore(): Promise<boolean> {
    const hasMore = await this.#read.wait(FETCH_WAIT_MS);
    return (await this.#lookAtTopics(false)) || hasMore;
  }

  /** Answers whether they have changed. */
  async #lookAtTopics(isUrgent: boolean): Promise<boolean> {
    const news = await this.#followed?.look(isUrgent);
    if (news !== undefined) await this.#admitNew(news);
    return news !== undefined;
  }

  /** What came is read from its start. */
  async #admitNew(topics: readonly WireTopic[]): Promise<void> {
    const { partitions } = this.#options;
    const grown = partitions === undefined ? topics : topics.filter((topic) => this.#places.idOf(topic, 0) < 0);
    const question = { ...this.#options, from: FROM_START };
    this.#admit(await locateWireRanges({ line: this.#line, places: this.#places }, grown, question));
  }

  tail(wanted: number, count: (batch: ReadBatch) => number): Promise<number> {
    const { isolation } = this.#options;
    const named = { line: this.#line, places: this.#places, isolation, nameOf: this.#nameOf };
    return wireTail(named, { ranges: [...this.#ranges.values()], wanted, count, read: this.#read });
  }

  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    await this.#more.wait(ms, signal);
  }

  async heldBack(): Promise<readonly ReadRange[]> {
    return this.#read.isHeldBack ? heldBackNow(this.#line, [...this.#ranges.values()]) : [];
  }

  close(): void {
    this.#more.stop();
    this.#read.close();
  }
}
