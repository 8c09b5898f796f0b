import { isUtf8 } from 'node:buffer';
import { shown } from '../input/refusals.ts';
import type { Draft, StoreText } from './draft.ts';
import { compactJson, jsonEnd } from './json-value.ts';
import { ends, Mismatch, type Step, type Window } from './steps.ts';

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
  readonly #stop: Buffer | null;
  readonly #most: number;
  readonly #store: StoreText;
  #dropped = 0;

  /** `last`: the input may end instead. `stop`: the end of the record, which the field cannot hold. */
  constructor(
    field: string,
    delimiter: Buffer,
    { last, stop }: { last: boolean; stop: Buffer | null },
    most: number,
    store: StoreText,
  ) {
    this.#field = field;
    this.#delimiter = delimiter;
    this.#last = last;
    this.#stop = stop;
    this.#most = most;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const { bytes, at, end, final } = window;
    const length = bytes.subarray(at, end).indexOf(this.#delimiter);
    if (this.#stops(bytes.subarray(at, length === -1 ? end : at + length))) throw this.#missing();
    if (length !== -1) return this.#done(window, draft, length, length + this.#delimiter.length);
    if (final && this.#last) return this.#done(window, draft, end - at, end - at);
    if (final) throw this.#missing();
    if (this.#dropped + end - at > this.#most) this.#drop(window);
    return false;
  }

  reset(): void {
    this.#dropped = 0;
  }

  #stops(field: Buffer): boolean {
    return this.#stop !== null && field.includes(this.#stop);
  }

  #missing(): Mismatch {
    return new Mismatch(`there is no ${shown(this.#delimiter)} after ${this.#field}`);
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
