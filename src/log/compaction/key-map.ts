import { hash } from 'node:crypto';

/** Keys up to here are kept as they are, longer ones as the first 16 bytes of their SHA-256 (Kafka's map keeps MD5s of all). */
const WORDS = 4;
const KEY_BYTES = 4 * WORDS;

const EMPTY = 0;
const HASHED = 255;

/** Slots are filled up to this share. */
const LOAD = 0.7;
const FIRST_SLOTS = 1024;

/**
 * The latest offset of each key: an open hash table of 25 bytes a slot, without an object a key. After org.apache.kafka.
 * storage.internals.log.SkimpyOffsetMap, but for growing from small.
 */
export class KeyMap {
  #mask = FIRST_SLOTS - 1;
  /** 0 for an empty slot, a key's length + 1, or HASHED. */
  #tags = new Uint8Array(FIRST_SLOTS);
  #keys = new Uint32Array(FIRST_SLOTS * WORDS);
  #offsets = new Float64Array(FIRST_SLOTS);
  #size = 0;
  /** The key that is looked for, and its tag. */
  readonly #bytes = new Uint8Array(KEY_BYTES);
  readonly #key = new Uint32Array(this.#bytes.buffer);
  #tag = EMPTY;

  /** Distinct keys. */
  get size(): number {
    return this.#size;
  }

  /** Sets the latest offset of the key in `source[start, start + length)`; offsets come in rising order. */
  put(source: Uint8Array, start: number, length: number, offset: number): void {
    const slot = this.#find(source, start, length);
    this.#offsets[slot] = offset;
    if (this.#tags[slot] !== EMPTY) return;
    this.#tags[slot] = this.#tag;
    this.#keys.set(this.#key, slot * WORDS);
    this.#size++;
    if (this.#size > LOAD * this.#tags.length) this.#grow();
  }

  /** The latest offset of a key, -1 when it isn't there. */
  get(source: Uint8Array, start: number, length: number): number {
    const slot = this.#find(source, start, length);
    return this.#tags[slot] === EMPTY ? -1 : (this.#offsets[slot] as number);
  }

  #find(source: Uint8Array, start: number, length: number): number {
    const bytes = this.#bytes;
    if (length > KEY_BYTES) {
      this.#tag = HASHED;
      bytes.set(hash('sha256', source.subarray(start, start + length), 'buffer').subarray(0, KEY_BYTES));
    } else {
      this.#tag = length + 1;
      for (let i = 0; i < KEY_BYTES; i++) bytes[i] = i < length ? (source[start + i] as number) : 0;
    }
    return this.#slotOf(this.#tag);
  }

  /** The slot of the key in `#key`, or the empty one where it belongs. */
  #slotOf(tag: number): number {
    const [key, keys] = [this.#key, this.#keys];
    const a = key[0] as number;
    const b = key[1] as number;
    const c = key[2] as number;
    const d = key[3] as number;
    for (let slot = mix(a, b, c, d) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = this.#tags[slot];
      if (found === EMPTY) return slot;
      const at = slot * WORDS;
      if (found === tag && keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d)
        return slot;
    }
  }

  #grow(): void {
    const [tags, keys, offsets] = [this.#tags, this.#keys, this.#offsets];
    const slots = 2 * tags.length;
    this.#mask = slots - 1;
    this.#tags = new Uint8Array(slots);
    this.#keys = new Uint32Array(slots * WORDS);
    this.#offsets = new Float64Array(slots);
    for (let from = 0; from < tags.length; from++) {
      const tag = tags[from] as number;
      if (tag === EMPTY) continue;
      this.#key.set(keys.subarray(from * WORDS, (from + 1) * WORDS));
      const to = this.#slotOf(tag);
      this.#tags[to] = tag;
      this.#keys.set(this.#key, to * WORDS);
      this.#offsets[to] = offsets[from] as number;
    }
  }
}

/** Four words to one, each bit of which depends on all of them (MurmurHash3's steps). */
function mix(a: number, b: number, c: number, d: number): number {
  let h = step(step(step(step(0, a), b), c), d);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function step(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = h ^ k;
  return Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64;
}
