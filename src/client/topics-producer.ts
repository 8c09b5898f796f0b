import { BrokerError, type ErrorCode } from '../errors.ts';
import { MAX_MESSAGE_BYTES, OPEN_BYTES } from '../settings.ts';
import type { NewRecord } from '../types.ts';
import type { LocalProducer } from './batch-producer.ts';
import type { ProduceOptions, ProduceTotals } from './cluster.ts';
import { copyRecord } from './copy-record.ts';
import { Lane } from './lane.ts';

type OpenProducer = (topic: string, options: ProduceOptions) => LocalProducer;

/** Learns what has to be known of a topic before `OpenProducer` is asked for it; undefined: it is known. */
type Prepare = (topic: string) => Promise<void> | undefined;

/** What a topic that a record names may have against it: the record's fault, not the run's. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
]);

/** What a lane takes (bytes) before it has a record: a batch's first memory. */
const LANE_BYTES = 16 << 10;

/**
 * Records that name their own topics: a producer for each, opened when the first record for it comes. A commit is one topic's;
 * with `places`, what a flush has stored is answered together, in the order of the input.
 */
export class TopicsProducer implements LocalProducer {
  readonly maxRecordBytes = MAX_MESSAGE_BYTES;
  readonly #options: ProduceOptions;
  readonly #open: OpenProducer;
  readonly #prepare: Prepare;
  readonly #lanes = new Map<string, Lane>();
  readonly #topics = new Set<string>();
  /** Of the lanes that are closed already, and what was refused before it had a lane. */
  #past = { records: 0, bytes: 0, refused: 0, expired: 0 };
  #line = 0;
  #stuckTo: number | null = null;
  /** Bytes given to the lanes since there were none: more than what they hold. */
  #held = 0;

  /** Records that wait until their topic, or that of one before them, is known: until `ready` or `flush`. */
  #early: { readonly record: NewRecord; readonly line: number }[] = [];

  constructor(options: ProduceOptions, open: OpenProducer, prepare: Prepare = () => undefined) {
    this.#options = options;
    this.#open = open;
    this.#prepare = prepare;
  }

  bytes(): void {
    throw new TypeError('a record must say its topic');
  }

  record(record: NewRecord, line: number): void {
    if (this.#early.length > 0 || this.#prepare(record.topic ?? '') !== undefined)
      this.#early.push({ record: copyRecord(record), line });
    else this.#give(record, line);
  }

  async #giveEarly(): Promise<void> {
    const early = this.#early;
    for (const { record, line } of early) {
      await this.#prepare(record.topic ?? '');
      this.#give(record, line);
    }
    this.#early = [];
  }

  #give(record: NewRecord, line: number): void {
    this.#line = line;
    const lane = this.#laneFor(record.topic ?? '', line);
    if (lane === undefined) return;
    this.#held += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    lane.give(record, line);
  }

  #laneFor(topic: string, line: number): Lane | undefined {
    const known = this.#lanes.get(topic);
    if (known !== undefined) return known;
    try {
      const lane = new Lane(this.#options, (options) => this.#open(topic, options));
      lane.producer.stickTo(this.#stuckTo);
      this.#lanes.set(topic, lane);
      this.#held += LANE_BYTES;
      return lane;
    } catch (error) {
      if (!(error instanceof BrokerError) || !REFUSALS.has(error.code)) throw error;
      this.refuse(line, error);
      return undefined;
    }
  }

  stickTo(number: number | null): void {
    this.#stuckTo = number;
    for (const { producer } of this.#lanes.values()) producer.stickTo(number);
  }

  refuse(line: number, error: BrokerError): void {
    if (this.#early.length === 0) this.#line = line;
    this.#past.refused++;
    this.#options.onRefused?.(line, error);
  }

  async ready(): Promise<void> {
    await this.#giveEarly();
    if (this.#options.places || this.#held >= OPEN_BYTES) return this.flush();
    for (const lane of this.#lanes.values()) await lane.producer.ready();
    await this.#report();
  }

  async flush(): Promise<void> {
    await this.#giveEarly();
    for (const lane of this.#lanes.values()) await lane.producer.flush();
    await this.#report();
    if (this.#held >= OPEN_BYTES) await this.#closeLanes();
  }

  async discard(): Promise<void> {
    this.#early = [];
    for (const { producer } of this.#lanes.values()) await producer.discard();
    this.#forgetLanes();
  }

  async close(): Promise<ProduceTotals> {
    await this.#giveEarly();
    await this.#closeLanes();
    return this.totals;
  }

  /** Gives up the memory of all lanes; a topic that comes again gets a new one. Each is closed, though another one failed. */
  async #closeLanes(): Promise<void> {
    const closed = await Promise.allSettled([...this.#lanes.values()].map(({ producer }) => producer.close()));
    await this.#report();
    const failed = closed.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    this.#forgetLanes();
  }

  #forgetLanes(): void {
    const { records, bytes, refused, expired } = this.totals;
    this.#past = { records, bytes, refused, expired };
    this.#lanes.clear();
    this.#held = 0;
  }

  async #report(): Promise<void> {
    let records = 0;
    let bytes = 0;
    const placed: ReturnType<Lane['take']>['placed'] = [];
    for (const [topic, lane] of this.#lanes) {
      const news = lane.take();
      if (news.records > 0) this.#topics.add(topic);
      records += news.records;
      bytes += news.bytes;
      placed.push(...news.placed);
    }
    if (records === 0) return;
    const places = placed.sort((a, b) => a.line - b.line).map(({ place }) => place);
    await this.#options.onCommit?.({ records, bytes, line: this.#safeLine, places });
  }

  /** The last line before the first one that a lane has not stored. */
  get #safeLine(): number {
    const open = [...this.#lanes.values()].map((lane) => lane.firstOpenLine);
    return Math.min(this.#line, ...open.map((line) => line - 1));
  }

  get totals(): ProduceTotals {
    const sum = { ...this.#past };
    for (const { producer } of this.#lanes.values()) {
      const { records, bytes, refused, expired } = producer.totals;
      sum.records += records;
      sum.bytes += bytes;
      sum.refused += refused;
      sum.expired += expired;
    }
    return { ...sum, line: this.#safeLine, topics: this.#topics.size };
  }
}
