import type { Broker } from '../../broker/broker.ts';
import { locateTail } from '../../broker/locate-tail.ts';
import { MergedRead, type ScannedBatch, type ScanRange } from '../../broker/merged-read.ts';
import { BrokerError } from '../../errors.ts';
import { verifyChecksum } from '../../record/batch.ts';
import { FETCH_BYTES, FIRST_FETCH_BYTES } from '../../settings.ts';
import type { Topic } from '../../topic/topics.ts';
import type { ConsumeOptions, ReadBatch, Reader, ReadRange } from '../cluster.ts';
import { type LocatedRange, locateRanges } from './ranges.ts';

const FROM_START = { at: 'start' } as const;

/** Reads the data directory itself, woken by the commits of other processes. */
export class EmbeddedReader implements Reader {
  readonly #broker: Broker;
  readonly #options: ConsumeOptions;
  readonly #ranges = new Map<number, LocatedRange>();
  readonly #topics = new Map<string, string>();
  readonly #read: MergedRead;
  #catalogueVersion: number;
  #dataVersion: number;
  /** What the next read takes: little at first, so that one record costs little; then more and more. */
  #fetchBytes = FIRST_FETCH_BYTES;
  #failure: BrokerError | undefined;
  #awake: (() => boolean) | undefined;
  #stopWatching: (() => void) | undefined;

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, USAGE (a bad pattern). */
  constructor(broker: Broker, options: ConsumeOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#dataVersion = broker.store.dataVersion();
    const { catalogue, store, rows } = broker;
    const opened = store.read(() => {
      for (const topic of this.#select()) this.#admit(topic, locateRanges(broker, topic, options));
      return { version: catalogue.version(), read: new MergedRead(store, rows, this.#scanRanges(), options.isolation) };
    });
    this.#catalogueVersion = opened.version;
    this.#read = opened.read;
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
    if (batches.length === 0 && this.#options.follow && this.#refresh()) batches = this.#nextVisible();
    if (batches.length === 0 && this.#failure !== undefined) throw this.#failure;
    return batches;
  }

  /** What is whole is given before it is said what is not (Kafka's check.crcs). */
  #nextVisible(): ReadBatch[] {
    if (this.#failure?.code === 'CORRUPT_MESSAGE') return [];
    const bytes = this.#fetchBytes;
    this.#fetchBytes = Math.min(FETCH_BYTES, 4 * bytes);
    const batches = this.#read.next(bytes).map((batch) => this.#named(batch));
    const damaged = batches.findIndex(({ blob }) => !isWhole(blob));
    if (damaged < 0) return batches;
    const { topic, partition, from } = batches[damaged] as ReadBatch;
    const problem = `${topic} ${partition} at ${from}: the batch is damaged`;
    this.#failure = new BrokerError('CORRUPT_MESSAGE', { problem });
    return batches.slice(0, damaged);
  }

  #named({ row, blob, from, until }: ScannedBatch): ReadBatch {
    const { topic, partition } = this.#ranges.get(row.partition) as LocatedRange;
    return { topic, partition, seq: row.seq, blob, from, until };
  }

  /** Looks at what others have committed; false when nobody has. */
  #refresh(): boolean {
    const version = this.#broker.store.dataVersion();
    if (version === this.#dataVersion) return false;
    this.#dataVersion = version;
    this.#broker.store.read(() => {
      const catalogue = this.#broker.catalogue.version();
      if (catalogue !== this.#catalogueVersion) this.#followCatalogue();
      this.#catalogueVersion = catalogue;
      this.#read.refresh();
    });
    return true;
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
        this.#failure = new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', {
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
    const { positions, skip } = locateTail(store, rows, { ...question, count: (batch) => count(this.#named(batch)) });
    store.read(() => this.#read.rewind(positions));
    return skip;
  }

  async wait(ms: number | null, signal: AbortSignal): Promise<void> {
    this.#stopWatching ??= this.#broker.wake.watch(() => this.#awake?.() ?? false);
    if (signal.aborted || this.#broker.store.dataVersion() !== this.#dataVersion) return;
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#awake = undefined;
        resolve();
      };
      if (ms !== null) timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#awake = () => {
        const found = this.#broker.store.dataVersion() !== this.#dataVersion;
        if (found) done();
        return found;
      };
    });
  }

  close(): void {
    this.#stopWatching?.();
  }
}

function scanRange({ id, start, end }: LocatedRange): ScanRange {
  return { partition: id, from: start, until: end ?? Number.MAX_SAFE_INTEGER };
}

function isWhole(blob: Buffer): boolean {
  try {
    return verifyChecksum(blob);
  } catch (error) {
    if (error instanceof BrokerError) return false;
    throw error;
  }
}
