import { BrokerError } from '../errors.ts';
import type { Codec, Header, StoredRecord } from '../types.ts';
import { assembleBatch } from './assemble.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, type HeaderFields } from './batch.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

/** The most that a record's own numbers take: its length, timestamp, offset, three lengths, and the attributes. */
const RECORD_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 5;

/** The most that the two lengths of a header take. */
const HEADER_OVERHEAD = 5 + 5;

/** Up to here a loop beats `set`, whose view is an object to make. */
const COPY_BY_HAND = 24;

const NO_HEADERS: readonly Header[] = [];
const NOTHING = new Uint8Array(0);

export interface BuilderOptions {
  readonly codec?: Codec;
  /** Bytes to begin with; doubled whenever they don't suffice. */
  readonly capacityHint?: number;
  /** The header's base timestamp (ms), where it is not to be the first record's. */
  readonly baseTimestamp?: number;
}

export interface FinishOptions {
  /** An idempotent producer's id; -1 for none, then epoch and sequence are -1 too. */
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  /** Only markers are control batches. */
  readonly control?: boolean;
}

/**
 * Makes one batch after the other: append records, `finish`, `reset`. The hot path of writing: `appendBytes` copies straight
 * out of a larger buffer. The base timestamp is the first record's, as Kafka's producers have it.
 */
export class BatchBuilder {
  readonly codec: Codec;
  #out: Buffer;
  #at = BATCH_OVERHEAD;
  #count = 0;
  #lastOffsetDelta = -1;
  #fixedBase: number | undefined;
  #baseTimestamp = -1;
  #maxTimestamp = -1;

  constructor(options: BuilderOptions = {}) {
    this.codec = options.codec ?? 'none';
    this.#out = Buffer.allocUnsafeSlow(Math.max(options.capacityHint ?? 16 * 1024, 2 * BATCH_OVERHEAD));
    this.#fixedBase = options.baseTimestamp;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the batch so far, with its header, before compression. */
  get bytes(): number {
    return this.#at;
  }

  /** Bytes of memory that it holds. */
  get capacity(): number {
    return this.#out.length;
  }

  /** The first record's timestamp (ms); -1 while there is none. */
  get baseTimestamp(): number {
    return this.#baseTimestamp;
  }

  /** The largest timestamp (ms); -1 while there is no record. */
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  /** The most bytes that a record would add to `bytes`; a length of -1 is null. */
  sizeOf(keyLength: number, valueLength: number, headers: readonly Header[] = NO_HEADERS): number {
    let size = RECORD_OVERHEAD + Math.max(keyLength, 0) + Math.max(valueLength, 0);
    for (const { name, value } of headers) size += HEADER_OVERHEAD + name.length + (value === null ? 0 : value.length);
    return size;
  }

  /**
   * Appends a record whose key and value are parts of `src`; an end of -1 means null. No headers.
   * @throws BrokerError INVALID_TIMESTAMP when it is more than 2^53 ms from the first record's
   */
  appendBytes(
    src: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    timestamp: number,
  ): void {
    const keyLength = keyEnd < 0 ? -1 : keyEnd - keyStart;
    const valueLength = valueEnd < 0 ? -1 : valueEnd - valueStart;
    this.#begin(keyLength, valueLength, NO_HEADERS, timestamp, this.#count);
    this.#field(src, keyStart, keyLength);
    this.#field(src, valueStart, valueLength);
    this.#out[this.#at++] = 0;
  }

  /**
   * Appends a record. `offsetDelta` is for batches with gaps; it must be above the last one's.
   * @throws BrokerError INVALID_TIMESTAMP when it is more than 2^53 ms from the first record's
   */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
    timestamp: number,
    offsetDelta = this.#lastOffsetDelta + 1,
  ): void {
    this.#begin(key === null ? -1 : key.length, value === null ? -1 : value.length, headers, timestamp, offsetDelta);
    this.#nullable(key);
    this.#nullable(value);
    this.#at = writeVarint(this.#out, this.#at, headers.length);
    for (const header of headers) {
      this.#nullable(header.name);
      this.#nullable(header.value);
    }
  }

  /** The finished batch, alone in memory of its own (I5), with base offset and leader epoch 0. The builder is left as it is. */
  finish(options: FinishOptions = {}): Buffer {
    const { producerId = -1, producerEpoch = -1, baseSequence = -1, transactional = false, control = false } = options;
    return this.finishAs({
      baseOffset: 0,
      leaderEpoch: 0,
      attributes: (transactional ? ATTRIBUTE.transactional : 0) | (control ? ATTRIBUTE.control : 0),
      lastOffsetDelta: this.#lastOffsetDelta,
      baseTimestamp: this.#baseTimestamp,
      maxTimestamp: this.#maxTimestamp,
      producerId,
      producerEpoch,
      baseSequence,
      count: this.#count,
    });
  }

  /** The records under a header that the caller answers for; only its codec is the builder's. */
  finishAs(fields: HeaderFields): Buffer {
    return assembleBatch(fields, this.codec, this.#out.subarray(BATCH_OVERHEAD, this.#at));
  }

  /** Empties the builder for the next batch; its memory stays. */
  reset(): void {
    this.#at = BATCH_OVERHEAD;
    this.#count = 0;
    this.#lastOffsetDelta = -1;
    this.#baseTimestamp = -1;
    this.#maxTimestamp = -1;
  }

  /** Writes what comes before the key, having made room for the whole record. */
  #begin(
    keyLength: number,
    valueLength: number,
    headers: readonly Header[],
    timestamp: number,
    offsetDelta: number,
  ): void {
    const base = this.#count === 0 ? (this.#fixedBase ?? timestamp) : this.#baseTimestamp;
    const timestampDelta = timestamp - base;
    if (!Number.isSafeInteger(timestampDelta))
      throw new BrokerError('INVALID_TIMESTAMP', { problem: `${timestamp} is too far from ${base}` });
    const size = bodySize(timestampDelta, offsetDelta, keyLength, valueLength, headers);
    if (this.#at + size + 5 > this.#out.length) this.#grow(size + 5);
    const out = this.#out;
    let at = writeVarint(out, this.#at, size);
    out[at++] = 0;
    at = writeVarlong(out, at, timestampDelta);
    this.#at = writeVarint(out, at, offsetDelta);
    this.#baseTimestamp = base;
    if (this.#count === 0 || timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    this.#lastOffsetDelta = offsetDelta;
    this.#count++;
  }

  #nullable(bytes: Uint8Array | null): void {
    if (bytes === null) this.#field(NOTHING, 0, -1);
    else this.#field(bytes, 0, bytes.length);
  }

  /** A length and as many bytes of `src`; -1 is null. */
  #field(src: Uint8Array, start: number, length: number): void {
    const out = this.#out;
    const at = writeVarint(out, this.#at, length);
    if (length > COPY_BY_HAND) out.set(src.subarray(start, start + length), at);
    else for (let i = 0; i < length; i++) out[at + i] = src[start + i] as number;
    this.#at = length > 0 ? at + length : at;
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#out.length, this.#at + more));
    larger.set(this.#out.subarray(0, this.#at));
    this.#out = larger;
  }
}

/** The exact bytes of a record in a batch before compression; a length of -1 is null. */
export function recordSize(
  timestampDelta: number,
  offsetDelta: number,
  keyLength: number,
  valueLength: number,
  headers: readonly Header[],
): number {
  const body = bodySize(timestampDelta, offsetDelta, keyLength, valueLength, headers);
  return varintSize(body) + body;
}

/** Bytes of a record after its length. */
function bodySize(
  timestampDelta: number,
  offsetDelta: number,
  keyLength: number,
  valueLength: number,
  headers: readonly Header[],
): number {
  let size =
    1 +
    varlongSize(timestampDelta) +
    varintSize(offsetDelta) +
    fieldSize(keyLength) +
    fieldSize(valueLength) +
    varintSize(headers.length);
  for (const { name, value } of headers) size += fieldSize(name.length) + fieldSize(value === null ? -1 : value.length);
  return size;
}

function fieldSize(length: number): number {
  return length < 0 ? 1 : varintSize(length) + length;
}

/**
 * Encodes records under a header that the caller answers for, offsets and gaps as they are. The header's base timestamp
 * is honoured, its codec bits are not. For rewriting batches and for tests.
 */
export function encodeBatch(records: readonly StoredRecord[], fields: HeaderFields, codec: Codec = 'none'): Buffer {
  const builder = new BatchBuilder({ codec, baseTimestamp: fields.baseTimestamp });
  for (const { key, value, headers, timestamp, offset } of records)
    builder.append(key, value, headers, timestamp, offset - fields.baseOffset);
  return builder.finishAs(fields);
}
