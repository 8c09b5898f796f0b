import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Appended } from '../log/log.ts';
import { COMMIT_BYTES, IN_FLIGHT_BYTES, THREAD_FROM_BYTES } from '../settings.ts';
import type { LogConfig, NewRecord } from '../types.ts';
import { Accumulator, type Arrival, type SealedBatch } from './accumulator.ts';
import type { BatchWriter, Writers } from './batch-writer.ts';
import { BlockPool } from './block-pool.ts';
import type { ProduceOptions, Producer, ProduceTotals } from './cluster.ts';
import { Placements } from './placements.ts';
import type { ProducerStamp } from './producer-stamp.ts';

/** What a producer knows of its topic. */
export interface ProducedTopic {
  readonly name: string;
  readonly config: LogConfig;
  /** How many. */
  readonly partitions: number;
}

/** What a producer needs beside the question. */
export interface ProducerSetting {
  readonly clock: Clock;
  readonly topic: ProducedTopic;
  /** Where keyless records begin: a number that is another one for the next who writes to the topic. */
  readonly start: number;
  readonly writers: Writers;
  /** Of an idempotent or transactional producer: a batch that is refused leaves a gap in its sequences, and ends the run. */
  readonly stamp?: ProducerStamp | undefined;
}

/** A producer that can begin anew. */
export interface LocalProducer extends Producer {
  /** What was given and is not stored yet is forgotten, and so is a failure. Resolves when nothing is on its way any more. */
  discard(): Promise<void>;
}

/** Records → batches → commits, whoever stores them: the writers do. From THREAD_FROM_BYTES on that may be another one. */
export class BatchProducer implements LocalProducer {
  readonly #options: ProduceOptions;
  readonly #setting: ProducerSetting;
  readonly #accumulator: Accumulator;
  #placements: Placements | undefined;
  readonly #arrival: Arrival;
  readonly #blocks = new BlockPool();
  #writer: BatchWriter;
  #written = 0;
  /** Whether the writers were asked for one for much. */
  #isLarge = false;
  #failure: unknown;
  #answered: Promise<void> = Promise.resolve();
  #totals = { records: 0, bytes: 0, refused: 0, line: 0, expired: 0 };

  constructor(options: ProduceOptions, setting: ProducerSetting) {
    const { clock, topic, start, stamp, writers } = setting;
    this.#options = options;
    this.#setting = setting;
    this.#writer = writers.first(this.#blocks);
    this.#accumulator = new Accumulator({
      topic: topic.name,
      config: topic.config,
      partitions: topic.partitions,
      start,
      codec: options.codec,
      memory: (bytes) => this.#blocks.take(bytes),
      stamp,
    });
    this.#placements = this.#remember();
    this.#arrival = { now: clock.now(), line: 0, partition: options.partition };
  }

  #remember(): Placements | undefined {
    return this.#options.places ? new Placements(this.#setting.topic.name) : undefined;
  }

  bytes(src: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void {
    if (this.#placements !== undefined) {
      const part = (from: number, to: number) => (to < 0 ? null : Buffer.from(src.subarray(from, to)));
      this.record({ key: part(keyStart, keyEnd), value: part(valueStart, valueEnd), headers: [] }, line);
      return;
    }
    this.#arrival.line = line;
    this.#arrival.partition = this.#options.partition;
    try {
      this.#accumulator.bytes(src, keyStart, keyEnd, valueStart, valueEnd, this.#arrival);
    } catch (error) {
      this.refuse(line, error as BrokerError);
    }
  }

  record(record: NewRecord, line: number): void {
    const arrival = this.#arrival;
    arrival.line = line;
    try {
      arrival.partition = this.#existing(this.#options.partition ?? record.partition);
      const timestamp = record.timestamp ?? arrival.now;
      const partition = this.#accumulator.record(record.key, record.value, record.headers, timestamp, arrival);
      if (this.#isExpired(timestamp)) this.#totals.expired++;
      this.#placements?.add(partition, record, timestamp);
    } catch (error) {
      this.refuse(line, error as BrokerError);
    }
  }

  #existing(partition: number | undefined): number | undefined {
    const { name, partitions } = this.#setting.topic;
    if (partition === undefined || partition < partitions) return partition;
    throw new BrokerError('UNKNOWN_PARTITION', { topic: name, partition, count: partitions });
  }

  #isExpired(timestamp: number): boolean {
    const { cleanupPolicy, retentionMs, messageTimestampType } = this.#setting.topic.config;
    if (messageTimestampType === 'LogAppendTime' || !cleanupPolicy.includes('delete')) return false;
    return retentionMs >= 0 && timestamp < this.#arrival.now - retentionMs;
  }

  refuse(line: number, error: BrokerError): void {
    if (!(error instanceof BrokerError)) throw error;
    this.#arrival.line = line;
    this.#totals.refused++;
    this.#options.onRefused?.(line, error);
  }

  async ready(): Promise<void> {
    const everything = this.#placements !== undefined || this.#accumulator.isCrowded;
    if (everything || this.#accumulator.sealedBytes >= COMMIT_BYTES) this.#commit(everything);
    this.#arrival.now = this.#setting.clock.now();
    if (this.#writer.inFlight === 0 || this.#writer.inFlight >= IN_FLIGHT_BYTES) await this.#answered;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async flush(): Promise<void> {
    this.#commit(true);
    this.#arrival.now = this.#setting.clock.now();
    await this.#answered;
    if (this.#failure !== undefined) throw this.#failure;
    this.#totals.line = this.#arrival.line;
  }

  async discard(): Promise<void> {
    this.#accumulator.take(true);
    await this.#answered;
    this.#placements = this.#remember();
    this.#totals.line = this.#arrival.line;
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    await this.#writer.close();
    this.#isLarge = false;
    this.#writer = this.#setting.writers.first(this.#blocks);
  }

  async close(): Promise<ProduceTotals> {
    try {
      await this.flush();
    } finally {
      await this.#writer.close();
    }
    return this.totals;
  }

  stickTo(number: number | null): void {
    this.#accumulator.stickTo(number);
  }

  get maxRecordBytes(): number {
    return this.#setting.topic.config.maxMessageBytes;
  }

  get totals(): ProduceTotals {
    return { ...this.#totals };
  }

  /** Hands over what is sealed, or everything; the answers are taken in their order. */
  #commit(everything: boolean): void {
    const batches = this.#accumulator.take(everything);
    const line = Math.min(this.#arrival.line, this.#accumulator.firstOpenLine - 1);
    if (batches.length === 0 || this.#failure !== undefined) return;
    this.#chooseWriter(batches);
    const results = this.#writer.write(batches);
    const before = this.#answered;
    this.#answered = Promise.all([results, before])
      .then(([appended]) => this.#settle(batches, appended, line))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  #chooseWriter(batches: readonly SealedBatch[]): void {
    for (const { blob } of batches) this.#written += blob.length;
    if (this.#isLarge || this.#written < THREAD_FROM_BYTES) return;
    this.#isLarge = true;
    this.#writer = this.#setting.writers.large?.(this.#blocks) ?? this.#writer;
  }

  async #settle(
    batches: readonly SealedBatch[],
    results: readonly (Appended | BrokerError)[],
    line: number,
  ): Promise<void> {
    let records = 0;
    let bytes = 0;
    for (const [i, batch] of batches.entries()) {
      const result = results[i] as Appended | BrokerError;
      this.#placements?.settle(batch, result);
      if (result instanceof BrokerError) {
        if (this.#setting.stamp !== undefined) throw result;
        this.#refuseBatch(batch, result);
        continue;
      }
      records += batch.records;
      bytes += batch.payload;
    }
    this.#totals.records += records;
    this.#totals.bytes += bytes;
    this.#totals.line = line;
    await this.#options.onCommit?.({ records, bytes, line, places: this.#placements?.take() ?? [] });
  }

  /** The topic was changed under us; the batch's lines are known only as a range. */
  #refuseBatch({ firstLine, records }: SealedBatch, error: BrokerError): void {
    this.#totals.refused += records;
    this.#options.onRefused?.(firstLine, error);
  }
}
