import { shown } from '../input/refusals.ts';
import { Draft } from './draft.ts';

/** The bytes that a step may look at: `bytes[at, end)`, and whether nothing will follow them. */
export interface Window {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
  readonly final: boolean;
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

/** The input ended where more of `field` was expected. */
export function ends(field: string): Mismatch {
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
    if (!found.equals(this.#bytes.subarray(0, found.length)))
      throw new Mismatch(`${shown(this.#bytes)} was expected, not ${shown(bytes.subarray(at, end))}`);
    if (found.length < this.#bytes.length) {
      if (final) throw new Mismatch(`the input ends where ${shown(this.#bytes)} was expected`);
      return false;
    }
    window.at += found.length;
    return true;
  }

  reset(): void {}
}

/** A number that the template itself says, `%K{4}`; nothing of the input is read. */
export class GivenStep implements Step {
  readonly #n: number;
  readonly #store: (draft: Draft, n: number) => void;

  constructor(n: number, store: (draft: Draft, n: number) => void) {
    this.#n = n;
    this.#store = store;
  }

  run(_: Window, draft: Draft): boolean {
    this.#store(draft, this.#n);
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

  constructor(
    field: string,
    width: number | null,
    read: (bytes: Buffer) => number,
    store: (draft: Draft, n: number) => void,
  ) {
    this.#field = field;
    this.#width = width;
    this.#read = read;
    this.#store = store;
  }

  run(window: Window, draft: Draft): boolean {
    const length = this.#width ?? digitsAt(window);
    if (
      window.at + length > window.end ||
      (this.#width === null && window.at + length === window.end && !window.final)
    ) {
      if (window.final) throw ends(this.#field);
      if (length > MOST_DIGITS) throw new Mismatch(`${this.#field} is a number of more than ${MOST_DIGITS} digits`);
      return false;
    }
    const found = window.bytes.subarray(window.at, window.at + length);
    const n = this.#read(found);
    if (!Number.isSafeInteger(n))
      throw new Mismatch(`${this.#field} wants a number, not ${shown(window.bytes.subarray(window.at, window.end))}`);
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
