import type { Broker } from '../../broker/broker.ts';
import { locateTail } from '../../broker/locate-tail.ts';
import { MergedRead, type ScannedBatch, type ScanRange } from '../../broker/merged-read.ts';
import { BrokerError } from '../../errors.ts';
import type { Topic } from '../../topic/topics.ts';
import type { ConsumeOptions, ReadBatch, Reader, ReadRange } from '../cluster.ts';
import { type LocatedRange, scanRange } from '../range.ts';
import { damageOf, namedBatch, WholeBatches } from '../whole-batches.ts';
import { CommitWait } from './commit-wait.ts';
import { HeldBackWatch, heldBackOf, lookSettled } from './held-back.ts';
import { locateRanges } from './ranges.ts';

const FROM_START = { at: 'start' } as const;

/** Reads the data directory itself, woken by the commits of other processes. */
export class EmbeddedReader implements Reader {
  readonly #broker: Broker;
  readonly #options: ConsumeOptions;
  readonly #ranges = new Map<number, LocatedRange>();
  readonly #nameOf = (id: number) => this.#ranges.get(id) as LocatedRange;
  readonly #whole = new WholeBatches(this.#nameOf);
  readonly #topics = new Map<string, string>();
  readonly #read: MergedRead;
  #catalogueVersion: number;
  /** A topic that was deleted while it was followed: said when the rest has been read. */
  #gone: BrokerError | undefined;
  readonly #commits: CommitWait;
  readonly #heldBack: HeldBackWatch;

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, USAGE (a bad pattern). */
  constructor(broker: Broker, options: ConsumeOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#commits = new CommitWait(
      broker,
      () => this.#read.isBehind || broker.catalogue.version() !== this.#catalogueVersion,
    );
    const isHeldBack = () => this.ranges.some(({ heldBack }) => heldBack > 0);
    const { version, read } = lookSettled(broker, () => this.#open(), isHeldBack);
    this.#catalogueVersion = version;
    this.#read = read;
    this.#heldBack = new HeldBackWatch(
      broker,
      () => this.#read.isHeldBack,
      () => this.#commits.wake(),
    );
  }

  #open(): { readonly version: number; readonly read: MergedRead } {
    const { catalogue, store, rows } = this.#broker;
    return store.read(() => {
      for (const topic of this.#select()) this.#admit(topic, locateRanges(this.#broker, topic, this.#options));
      const read = new MergedRead(store, rows, this.#scanRanges(), this.#options.isolation);
      return { version: catalogue.version(), read };
    });
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

  #select(): Topic[] {
    const topics = this.#broker.catalogue.select(this.#options.topics);
    if (topics.length === 0 && 'pattern' in this.#options.topics && !this.#options.follow) {
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: this.#options.topics.pattern });
    }
    return topics;
  }

  #admit(topic: Topic, ranges: readonly LocatedRange[]): void {
    this.#topics.set(topic.name, topic.uuid.toString('hex'));
    for (const range of ranges) this.#ranges.set(range.id, range);
  }

  #scanRanges(): ScanRange[] {
    return [...this.#ranges.values()].map(scanRange);
  }

  async next(): Promise<readonly ReadBatch[]> {
    let batches = this.#nextVisible();
    if (batches.length === 0 && this.#options.follow) batches = this.#nextCommitted();
    if (batches.length === 0 && this.#options.follow) this.#heldBack.look();
    const failure = this.#whole.damage ?? this.#gone;
    if (batches.length === 0 && failure !== undefined) throw failure;
    return batches;
  }

  #nextVisible(): readonly ReadBatch[] {
    if (this.#whole.damage !== undefined) return [];
    return this.#whole.of(this.#read.next(this.#whole.nextBytes()));
  }

  /** What others have committed since, on one view of the file: each transaction less is a follower's latency less. */
  #nextCommitted(): readonly ReadBatch[] {
    const { store, catalogue } = this.#broker;
    const isFreed = this.#heldBack.catchUp();
    if (!this.#commits.catchUp() && !isFreed) return [];
    return store.read(() => {
      const catalogueVersion = catalogue.version();
      if (catalogueVersion !== this.#catalogueVersion) this.#followCatalogue();
      this.#catalogueVersion = catalogueVersion;
      this.#read.refresh();
      return this.#nextVisible();
    });
  }

  /** New partitions are read from their start. A topic asked for by name that went, even if it is back, ends the reading. */
  #followCatalogue(): void {
    const byPattern = 'pattern' in this.#options.topics;
    const now = new Map(
      this.#broker.catalogue.select(byPattern ? this.#options.topics : undefined).map((topic) => [topic.name, topic]),
    );
    for (const [name, uuid] of this.#topics) {
      if (now.get(name)?.uuid.toString('hex') === uuid) continue;
      this.#topics.delete(name);
      if (!byPattern)
        this.#gone = new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', {
          topic: name,
          hint: 'it was deleted while it was followed',
        });
    }
    for (const topic of now.values()) if (byPattern || this.#topics.has(topic.name)) this.#admitNew(topic);
  }

  #admitNew(topic: Topic): void {
    if (this.#options.partitions !== undefined && this.#topics.has(topic.name)) return;
    const ranges = locateRanges(this.#broker, topic, { ...this.#options, from: FROM_START }).filter(
      ({ id }) => !this.#ranges.has(id),
    );
    this.#admit(topic, ranges);
    for (const range of ranges) this.#read.add(scanRange(range));
  }

  async tail(wanted: number, count: (batch: ReadBatch) => number): Promise<number> {
    const { store, rows } = this.#broker;
    const question = { ranges: this.#scanRanges(), isolation: this.#options.isolation, wanted };
    const countWhole = (batch: ScannedBatch) => {
      const named = namedBatch(batch, this.#nameOf);
      const damage = damageOf(named);
      if (damage !== undefined) throw damage;
      return count(named);
    };
    const { positions, skip } = locateTail(store, rows, { ...question, count: countWhole });
    store.read(() => this.#read.rewind(positions));
    return skip;
  }

  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    if (!this.#heldBack.hasNews) await this.#commits.wait(ms, signal);
  }

  async heldBack(): Promise<readonly ReadRange[]> {
    return this.#read.isHeldBack ? heldBackOf(this.#broker, [...this.#ranges.values()]) : [];
  }

  close(): void {
    this.#heldBack.stop();
    this.#commits.stop();
  }
}
