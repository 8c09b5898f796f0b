import { BrokerError } from '../errors.ts';
import type { Codec, Header, StoredRecord } from '../types.ts';
import { assembleBatch, type BatchMemory } from './assemble.ts';
import { ATTRIBUTE, BATCH_OVERHEAD, type HeaderFields } from './batch.ts';
import { copyWords, WORDS_BEAT_SET } from './copy-words.ts';
import { bodySize, mostPlainSize, plainBodySize } from './record-size.ts';
import { writeVarint, writeVarlong } from './varint.ts';

/** Up to here a loop beats `set`, whose view is an object to make. */
const COPY_BY_HAND = 24;

const NOTHING = new Uint8Array(0);

export interface BuilderOptions {
  readonly codec?: Codec;
  /** Bytes to begin with; doubled whenever they don't suffice. */
  readonly capacityHint?: number;
  /** The header's base timestamp (ms), where it is not to be the first record's. */
  readonly baseTimestamp?: number;
  /** Where finished batches lie; by default in memory of their own size. */
  readonly memory?: BatchMemory | undefined;
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
  readonly #memory: BatchMemory | undefined;
  #out: Buffer;
  #outView: DataView;
  /** What parts were last taken out of. */
  #src: Uint8Array = NOTHING;
  #srcView = viewOf(NOTHING);
  #at = BATCH_OVERHEAD;
  #count = 0;
  #lastOffsetDelta = -1;
  #fixedBase: number | undefined;
  #baseTimestamp = -1;
  #maxTimestamp = -1;

  constructor(options: BuilderOptions = {}) {
    this.codec = options.codec ?? 'none';
    this.#memory = options.memory;
    this.#out = Buffer.allocUnsafeSlow(Math.max(options.capacityHint ?? 16 * 1024, 2 * BATCH_OVERHEAD));
    this.#outView = viewOf(this.#out);
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

  /**
   * Appends a record without headers whose key and value are parts of `src`; an end of -1 means null. Only where that is all
   * there is to do: false, and nothing is done, when the batch has not begun, would come to more than `limit` bytes or wants
   * more memory, or when the timestamp is more than 2^31 ms from the first record's. Then it is for `append`.
   */
  tryAppendBytes(
    src: Uint8Array,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    timestamp: number,
    limit: number,
  ): boolean {
    const out = this.#out;
    const delta = timestamp - this.#baseTimestamp;
    const keyLength = keyEnd < 0 ? -1 : keyEnd - keyStart;
    const valueLength = valueEnd < 0 ? -1 : valueEnd - valueStart;
    const end = this.#at + mostPlainSize(keyLength, valueLength);
    if (this.#count === 0 || end > limit || end > out.length || delta !== (delta | 0)) return false;
    const offsetDelta = ++this.#lastOffsetDelta;
    let at = writeVarint(out, this.#at, plainBodySize(delta, offsetDelta, keyLength, valueLength));
    out[at++] = 0;
    at = writeVarint(out, at, delta);
    at = writeVarint(out, at, offsetDelta);
    at = this.#part(at, src, keyStart, keyLength);
    at = this.#part(at, src, valueStart, valueLength);
    out[at++] = 0;
    this.#at = at;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    this.#count++;
    return true;
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

  /** The finished batch, alone in its memory (I5), with base offset and leader epoch 0. The builder is left as it is. */
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
    return assembleBatch(fields, this.codec, this.#out.subarray(BATCH_OVERHEAD, this.#at), this.#memory);
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

  /** As `#field`, at `at`, with room made and out of a `src` that many records lie in; answers where the next byte goes. */
  #part(at: number, src: Uint8Array, start: number, length: number): number {
    const from = writeVarint(this.#out, at, length);
    if (length <= 0) return from;
    if (src !== this.#src) {
      this.#src = src;
      this.#srcView = viewOf(src);
    }
    if (length <= WORDS_BEAT_SET) copyWords(this.#srcView, start, this.#outView, from, length);
    else this.#out.set(src.subarray(start, start + length), from);
    return from + length;
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#out.length, this.#at + more));
    larger.set(this.#out.subarray(0, this.#at));
    this.#out = larger;
    this.#outView = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
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
