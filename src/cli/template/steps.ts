import { isUtf8 } from 'node:buffer';
import type { Header } from '../../types.ts';
import { shown } from '../input/refusals.ts';
import { compactJson, jsonEnd } from './json-value.ts';

/** The bytes that a step may look at: `bytes[at, end)`, and whether nothing will follow them. */
export interface Window {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
  readonly final: boolean;
}

/** A record, or a header, while its fields are read. Sizes of -1 have not been read. */
export class Draft {
  key: Buffer | null = null;
  value: Buffer | null = null;
  headers: Header[] = [];
  timestamp: number | undefined;
  partition: number | undefined;
  keySize = -1;
  valueSize = -1;
  headerCount = 0;
  /** Bytes of all fields, even of those that were too large to keep. */
  size = 0;
  /** Why this is no record although it can be told where it ends. */
  problem: string | null = null;
}

/** What bounds every field. */
export interface ReadLimits {
  readonly maxRecordBytes: number;
  readonly nullValue: Buffer | null;
}

/** One part of an input template. It may be asked again and again until all of its bytes are there. */
export interface Step {
  /** True when it is done and `at` is behind it, false when it needs more. @throws Mismatch */
  run(window: Window, draft: Draft): boolean;
  /** Forgets what it has of a record that is given up. */
  reset(): void;
}

/** The input does not look like the template, so that it cannot be told where the record ends. */
export class Mismatch extends Error {}

function ends(field: string): Mismatch {
  return new Mismatch(`the input ends inside ${field}`);
}

/** Text of the template that the input must repeat. At the end of the input the last one may be missing. */
export class LiteralStep implements Step {
  readonly #bytes: Buffer;
  readonly #last: boolean;

  constructor(bytes: Buffer, last: boolean) {
    this.#bytes = bytes;
    this.#last = last;
  }

  run(window: Window): boolean {
    const { bytes, at, end, final } = window;
    const found = bytes.subarray(at, Math.min(end, at + this.#bytes.length));
    if (found.length === 0 && final && this.#last) return true;
    if (!found.equals(this.#bytes.subarray(0, found.length))) throw new Mismatch(`${shown(this.#bytes)} was expected, not ${shown(bytes.subarray(at, end))}`);
    if (found.length < this.#bytes.length) {
      if (final) throw new Mismatch(`the input ends where ${shown(this.#bytes)} was expected`);
      return false;
    }
    window.at += found.length;
    return true;
  }

  reset(): void {}
}

/** A number: of a fixed width, or as many digits as there are. */
export class NumberStep implements Step {
  readonly #field: string;
  readonly #width: number | null;
  readonly #read: (bytes: Buffer) => number;
  readonly #store: (draft: Draft, n: number) => void;

  constructor(field: string, width: number | null, read: (bytes: Buffer) => number, store: (draft: Draft, n: number) => void) {
    this.#field = field;
    this.#width = width;
    this.#read = read;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const length = this.#width ?? digitsAt(window);
    if (window.at + length > window.end || (this.#width === null && window.at + length === window.end && !window.final)) {
      if (window.final) throw ends(this.#field);
      if (length > MOST_DIGITS) throw new Mismatch(`${this.#field} is a number of more than ${MOST_DIGITS} digits`);
      return false;
    }
    const found = window.bytes.subarray(window.at, window.at + length);
    const n = this.#read(found);
    if (!Number.isSafeInteger(n)) throw new Mismatch(`${this.#field} wants a number, not ${shown(window.bytes.subarray(window.at, window.end))}`);
    window.at += length;
    this.#store(draft, n);
    return true;
  }

  reset(): void {}
}

const MOST_DIGITS = 20;

function digitsAt({ bytes, at, end }: Window): number {
  let to = at < end && bytes[at] === 0x2d ? at + 1 : at;
  while (to < end && (bytes[to] as number) >= 0x30 && (bytes[to] as number) <= 0x39) to++;
  return to - at;
}

/** Turns the text of a field into its bytes and puts them where they belong. */
export type StoreText = (draft: Draft, text: Buffer) => void;

/** A field whose size was read before it. */
export class SizedStep implements Step {
  readonly #field: string;
  readonly #size: (draft: Draft) => number;
  readonly #most: number;
  readonly #store: StoreText;
  #skipped = 0;

  constructor(field: string, size: (draft: Draft) => number, most: number, store: StoreText) {
    this.#field = field;
    this.#size = size;
    this.#most = most;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const size = this.#size(draft);
    if (size < 0) throw new Mismatch(`the size of ${this.#field} is ${size}`);
    const there = Math.min(size - this.#skipped, window.end - window.at);
    if (this.#skipped + there < size && window.final) throw ends(this.#field);
    if (size > this.#most) return this.#skip(window, draft, there, size);
    if (there < size) return false;
    this.#store(draft, window.bytes.subarray(window.at, window.at + size));
    window.at += size;
    return true;
  }

  reset(): void {
    this.#skipped = 0;
  }

  /** Lets a field that is too large go by without keeping it. */
  #skip(window: Window, draft: Draft, there: number, size: number): boolean {
    window.at += there;
    this.#skipped += there;
    if (this.#skipped < size) return false;
    draft.size += size;
    this.#skipped = 0;
    return true;
  }
}

/** A field that ends where its delimiter begins; the last one of the template may end with the input. */
export class DelimitedStep implements Step {
  readonly #field: string;
  readonly #delimiter: Buffer;
  readonly #last: boolean;
  readonly #most: number;
  readonly #store: StoreText;
  #dropped = 0;

  constructor(field: string, delimiter: Buffer, last: boolean, most: number, store: StoreText) {
    this.#field = field;
    this.#delimiter = delimiter;
    this.#last = last;
    this.#most = most;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const { bytes, at, end, final } = window;
    const length = bytes.subarray(at, end).indexOf(this.#delimiter);
    if (length !== -1) return this.#done(window, draft, length, length + this.#delimiter.length);
    if (final && this.#last) return this.#done(window, draft, end - at, end - at);
    if (final) throw new Mismatch(`there is no ${shown(this.#delimiter)} after ${this.#field}`);
    if (this.#dropped + end - at > this.#most) this.#drop(window);
    return false;
  }

  reset(): void {
    this.#dropped = 0;
  }

  #done(window: Window, draft: Draft, length: number, taken: number): boolean {
    if (this.#dropped + length > this.#most) draft.size += this.#dropped + length;
    else this.#store(draft, window.bytes.subarray(window.at, window.at + length));
    window.at += taken;
    this.#dropped = 0;
    return true;
  }

  /** Lets the bytes of a field that is too large go, but for those that may begin the delimiter. */
  #drop(window: Window): void {
    const kept = Math.min(window.end - window.at, this.#delimiter.length - 1);
    this.#dropped += window.end - window.at - kept;
    window.at = window.end - kept;
  }
}

/** The last field of a line: all that is left of it. */
export class RestStep implements Step {
  readonly #store: StoreText;

  constructor(store: StoreText) {
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    this.#store(draft, window.bytes.subarray(window.at, window.end));
    window.at = window.end;
    return true;
  }

  reset(): void {}
}

/** A field as long as its regular expression matches. Only within a line, of which all is there. */
export class RegexStep implements Step {
  readonly #field: string;
  readonly #regex: RegExp;
  readonly #store: StoreText;

  constructor(field: string, regex: RegExp, store: StoreText) {
    this.#field = field;
    this.#regex = regex;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const rest = window.bytes.subarray(window.at, window.end);
    const encoding = isUtf8(rest) ? 'utf8' : 'latin1';
    this.#regex.lastIndex = 0;
    const match = this.#regex.exec(rest.toString(encoding));
    if (match === null) throw new Mismatch(`${this.#field} does not match ${shown(rest)}`);
    const length = Buffer.byteLength(match[0], encoding);
    this.#store(draft, rest.subarray(0, length));
    window.at += length;
    return true;
  }

  reset(): void {}
}

/** A field that is one JSON value, which ends where it ends; white space before it, and within it, is dropped. */
export class JsonStep implements Step {
  readonly #field: string;
  readonly #most: number;
  readonly #store: StoreText;

  constructor(field: string, most: number, store: StoreText) {
    this.#field = field;
    this.#most = most;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const { bytes, at, end, final } = window;
    const to = jsonEnd(bytes, at, end, final);
    if (to === 'none') throw new Mismatch(`${this.#field} wants a JSON value, not ${shown(bytes.subarray(at, end))}`);
    if (to === 'more') {
      if (final) throw ends(this.#field);
      if (end - at > this.#most) throw new Mismatch(`${this.#field} is a JSON value of more than ${this.#most} bytes`);
      return false;
    }
    const compact = compactJson(bytes.subarray(at, to));
    if (compact === null) draft.problem ??= `${this.#field} is not JSON: ${shown(bytes.subarray(at, to))}`;
    else this.#store(draft, compact);
    window.at = to;
    return true;
  }

  reset(): void {}
}

/** The headers: as many as `%H` said, each read by the same steps. */
export class HeadersStep implements Step {
  readonly #steps: readonly Step[];
  readonly #most: number;
  #header = new Draft();
  #done = 0;
  #step = 0;

  constructor(steps: readonly Step[], most: number) {
    this.#steps = steps;
    this.#most = most;
  }

  run(window: Window, draft: Draft): boolean {
    for (; this.#done < draft.headerCount; this.#done++) {
      for (; this.#step < this.#steps.length; this.#step++) {
        if (!(this.#steps[this.#step] as Step).run(window, this.#header)) return false;
      }
      this.#finish(draft);
    }
    this.#done = 0;
    return true;
  }

  reset(): void {
    this.#header = new Draft();
    this.#done = 0;
    this.#step = 0;
    for (const step of this.#steps) step.reset();
  }

  #finish(draft: Draft): void {
    const { key, value, size, problem } = this.#header;
    draft.size += size;
    draft.problem ??= problem;
    if (draft.size <= this.#most) draft.headers.push({ name: key ?? Buffer.alloc(0), value });
    this.#header = new Draft();
    this.#step = 0;
  }
}
