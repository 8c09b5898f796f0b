import { BrokerError } from '../errors.ts';
import { refuseRecord } from '../log/validate.ts';
import type { BatchMemory } from '../record/assemble.ts';
import { BatchBuilder } from '../record/builder.ts';
import { mostRecordSize, recordSize } from '../record/record-size.ts';
import { BATCH_BYTES, OPEN_BYTES } from '../settings.ts';
import type { Codec, Header, LogConfig } from '../types.ts';
import { Partitioner } from './partitioner.ts';
import type { ProducerStamp } from './producer-stamp.ts';

/** A finished batch and what its producer knows of it. */
export interface SealedBatch {
  readonly partition: number;
  readonly blob: Buffer;
  readonly records: number;
  /** Bytes of keys, values and headers. */
  readonly payload: number;
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface AccumulatorOptions {
  readonly topic: string;
  readonly config: LogConfig;
  readonly partitions: number;
  /** Where keyless records begin. */
  readonly start: number;
  readonly codec: Codec;
  /** Where sealed batches lie. */
  readonly memory: BatchMemory;
  /** Put on each batch as it is sealed; without one nobody can tell whose it is. */
  readonly stamp?: ProducerStamp | undefined;
}

/** What the producer says of a record beside its contents. */
export interface Arrival {
  /** ms */
  now: number;
  line: number;
  /** Undefined: the partitioner chooses. */
  partition: number | undefined;
}

interface OpenBatch {
  readonly partition: number;
  readonly builder: BatchBuilder;
  firstLine: number;
  lastLine: number;
  payload: number;
}

const NONE: readonly Header[] = [];

/** What an open batch begins with (bytes), unless there are too many partitions for that. */
const FIRST_CAPACITY = 16 << 10;

/**
 * Turns records into batches, one open batch a partition, each sealed when it is full. Refuses a record by throwing, before
 * it has touched any batch, so that its neighbours are kept.
 */
export class Accumulator {
  readonly #options: AccumulatorOptions;
  readonly #partitioner: Partitioner;
  readonly #batchBytes: number;
  readonly #capacityHint: number;
  readonly #open: (OpenBatch | undefined)[];
  readonly #sealed: SealedBatch[] = [];
  #sealedBytes = 0;
  /** When (ms) a record of that time without a key was last found to be acceptable, and one with a key. */
  #keylessAt = Number.NaN;
  #keyedAt = Number.NaN;

  constructor(options: AccumulatorOptions) {
    this.#options = options;
    this.#partitioner = new Partitioner(options.partitions, options.start);
    this.#batchBytes = Math.min(BATCH_BYTES, options.config.maxMessageBytes);
    this.#capacityHint = Math.min(FIRST_CAPACITY, Math.floor(OPEN_BYTES / options.partitions / 4));
    this.#open = new Array(options.partitions);
  }

  /** As `Partitioner.stickTo`. */
  stickTo(number: number | null): void {
    this.#partitioner.stickTo(number);
  }

  /** Bytes of sealed batches that wait to be taken. */
  get sealedBytes(): number {
    return this.#sealedBytes;
  }

  /** Whether open batches hold so much memory that all of them should be taken now: keys that lie in many partitions. */
  get isCrowded(): boolean {
    let held = 0;
    for (const batch of this.#open) held += batch?.builder.capacity ?? 0;
    return held > OPEN_BYTES;
  }

  /**
   * A record without headers, as of now, whose key and value lie in one buffer; an end of -1 means null. The hot path: where one
   * like it was taken just now and an open batch has room, it only has to be written. Answers the partition.
   */
  bytes(src: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, at: Arrival): number {
    const { now, line } = at;
    const keyed = keyEnd >= 0;
    const partition =
      at.partition ?? (keyed ? this.#partitioner.forKey(src, keyStart, keyEnd) : this.#partitioner.sticky);
    const batch = this.#open[partition];
    if (
      batch === undefined ||
      now !== (keyed ? this.#keyedAt : this.#keylessAt) ||
      !batch.builder.tryAppendBytes(src, keyStart, keyEnd, valueStart, valueEnd, now, this.#batchBytes)
    )
      return this.#first(part(src, keyStart, keyEnd), part(src, valueStart, valueEnd), at);
    batch.lastLine = line;
    batch.payload += (keyed ? keyEnd - keyStart : 0) + (valueEnd < 0 ? 0 : valueEnd - valueStart);
    return partition;
  }

  /** The first of a batch or at this time, or one that is in some way large. When it is taken, others like it need no look. */
  #first(key: Buffer | null, value: Buffer | null, at: Arrival): number {
    const partition = this.record(key, value, NONE, at.now, at);
    if (key === null) this.#keylessAt = at.now;
    else this.#keyedAt = at.now;
    return partition;
  }

  /** Any record. Answers the partition. */
  record(key: Buffer | null, value: Buffer | null, headers: readonly Header[], timestamp: number, at: Arrival): number {
    this.#refuse(key !== null, timestamp, at.now);
    const chosen = at.partition ?? (key === null ? undefined : this.#partitioner.forKey(key, 0, key.length));
    const batch = this.#batchFor(chosen, key?.length ?? -1, value?.length ?? -1, headers);
    batch.builder.append(key, value, headers, timestamp);
    let payload = (key?.length ?? 0) + (value?.length ?? 0);
    for (const header of headers) payload += header.name.length + (header.value?.length ?? 0);
    this.#note(batch, at.line, payload);
    return batch.partition;
  }

  /** The sealed batches, oldest first; `everything` seals the open ones too, and keyless records go on elsewhere. */
  take(everything: boolean): SealedBatch[] {
    if (everything) {
      const keyless = this.#open[this.#partitioner.sticky];
      if (keyless !== undefined && keyless.builder.count > 0) this.#partitioner.moveOn();
      for (const batch of this.#open) if (batch !== undefined) this.#seal(batch);
      if (this.isCrowded) this.#open.fill(undefined);
    }
    this.#sealedBytes = 0;
    return this.#sealed.splice(0);
  }

  /** The first line that lies in an open batch; Infinity when all are empty. */
  get firstOpenLine(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const batch of this.#open)
      if (batch !== undefined && batch.builder.count > 0) first = Math.min(first, batch.firstLine);
    return first;
  }

  #refuse(hasKey: boolean, timestamp: number, now: number): void {
    const refusal = refuseRecord(this.#options.config, hasKey, timestamp, now);
    if (refusal !== undefined) throw refusal;
  }

  /** The open batch that takes this record; undefined means the sticky partition, which moves on when its batch is full. */
  #batchFor(chosen: number | undefined, keyLength: number, valueLength: number, headers: readonly Header[]): OpenBatch {
    let batch = this.#openBatch(chosen ?? this.#partitioner.sticky);
    const size = mostRecordSize(keyLength, valueLength, headers);
    if (batch.builder.count > 0 && batch.builder.bytes + size > this.#batchBytes) {
      this.#seal(batch);
      if (chosen === undefined) {
        this.#partitioner.moveOn();
        batch = this.#openBatch(this.#partitioner.sticky);
        if (batch.builder.count > 0 && batch.builder.bytes + size > this.#batchBytes) this.#seal(batch);
      }
    }
    if (batch.builder.bytes + size > this.#options.config.maxMessageBytes)
      this.#refuseOversized(batch, keyLength, valueLength, headers);
    return batch;
  }

  /** `mostRecordSize` is an upper bound; near the limit the record itself is measured, in a batch of its own. */
  #refuseOversized({ builder }: OpenBatch, keyLength: number, valueLength: number, headers: readonly Header[]): void {
    const { topic, config } = this.#options;
    const bytes = builder.bytes + recordSize(0, 0, keyLength, valueLength, headers);
    if (bytes > config.maxMessageBytes)
      throw new BrokerError('MESSAGE_TOO_LARGE', { bytes, topic, limit: config.maxMessageBytes });
  }

  #openBatch(partition: number): OpenBatch {
    let batch = this.#open[partition];
    if (batch === undefined) {
      const { codec, memory } = this.#options;
      const builder = new BatchBuilder({ codec, memory, capacityHint: this.#capacityHint });
      batch = { partition, builder, firstLine: 0, lastLine: 0, payload: 0 };
      this.#open[partition] = batch;
    }
    return batch;
  }

  #note(batch: OpenBatch, line: number, payload: number): void {
    if (batch.builder.count === 1) batch.firstLine = line;
    batch.lastLine = line;
    batch.payload += payload;
  }

  #seal(batch: OpenBatch): void {
    const { builder, partition, firstLine, lastLine, payload } = batch;
    if (builder.count === 0) return;
    const { topic, stamp } = this.#options;
    const blob = builder.finish(stamp?.stamp(topic, partition, builder.count));
    this.#sealed.push({ partition, blob, records: builder.count, payload, firstLine, lastLine });
    this.#sealedBytes += blob.length;
    builder.reset();
    batch.payload = 0;
  }
}

function part(src: Uint8Array, start: number, end: number): Buffer | null {
  return end < 0 ? null : Buffer.from(src.buffer, src.byteOffset + start, end - start);
}
