import type { RecordSink } from '../../client/cluster.ts';

/** Digits at the head of each value: when it was given, in µs of the monotonic clock. */
export const STAMP_BYTES = 16;

const KEY_DIGITS = 8;
const KEY_PREFIX = 'key-';
const KEY_BYTES = KEY_PREFIX.length + KEY_DIGITS;
/** Different values lie ready up to so many bytes of them. */
const POOL_BYTES = 1 << 20;
const POOL_RECORDS = 1024;
const LETTERS = 'etaoin shrdlu,ETAOIN {"":0123456789}';
const ZERO = 0x30;

/**
 * Records as a bench gives them: values of one size, of letters that compress about as a log does, keys drawn evenly. Always
 * the same ones for the same `seed`.
 */
export class Payload {
  readonly #pool: Buffer;
  readonly #size: number;
  readonly #keys: number;
  readonly #slot: number;
  readonly #slots: number;
  #state: number;

  /** `size` in bytes, at least STAMP_BYTES; `keys` 0 for records without. */
  constructor({ size, keys, seed = 1 }: { size: number; keys: number; seed?: number }) {
    this.#size = size;
    this.#keys = keys;
    this.#slot = size + KEY_BYTES;
    this.#slots = Math.max(1, Math.min(POOL_RECORDS, Math.floor(POOL_BYTES / this.#slot)));
    this.#state = seed;
    this.#pool = Buffer.alloc(this.#slot * this.#slots);
    for (let i = 0; i < this.#pool.length; i++) this.#pool[i] = LETTERS.charCodeAt(this.#random(LETTERS.length));
    for (let slot = 0; slot < this.#slots; slot++) this.#pool.write(KEY_PREFIX, slot * this.#slot + size);
  }

  /** Bytes of a key and a value. */
  get recordBytes(): number {
    return this.#size + (this.#keys > 0 ? KEY_BYTES : 0);
  }

  /** Gives record number `line`, stamped with `micros`. */
  give(sink: RecordSink, line: number, micros: number): void {
    const start = (line % this.#slots) * this.#slot;
    const keyStart = start + this.#size;
    this.#digits(start, Math.floor(micros / 1e8));
    this.#digits(start + 8, micros % 1e8);
    if (this.#keys > 0) this.#digits(keyStart + KEY_PREFIX.length, this.#random(this.#keys));
    const key = this.#keys > 0 ? keyStart : -1;
    sink.bytes(this.#pool, key, key < 0 ? -1 : keyStart + KEY_BYTES, start, keyStart, line);
  }

  /** Eight decimal digits. */
  #digits(at: number, n: number): void {
    let rest = n;
    for (let i = at + 7; i >= at; i--) {
      const tens = Math.floor(rest / 10);
      this.#pool[i] = ZERO + rest - tens * 10;
      rest = tens;
    }
  }

  /** A whole number below `limit`; mulberry32. */
  #random(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}

/** The stamp of a value, in µs; NaN where it is somebody else's value. */
export function readStamp(bytes: Uint8Array, start: number, length: number): number {
  if (length < STAMP_BYTES) return Number.NaN;
  let stamp = 0;
  for (let i = start; i < start + STAMP_BYTES; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    stamp = stamp * 10 + digit;
  }
  return stamp;
}
