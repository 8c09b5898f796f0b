import type { RecordSink } from '../../client/cluster.ts';
import type { InputOptions, InputParser } from './input-parser.ts';
import { LineSplitter } from './line-splitter.ts';
import { RecordGiver } from './record-giver.ts';
import { notARecord, shown, tooLarge } from './refusals.ts';

const NEWLINE = 0x0a;

/** A line is a record: its value, with -K its key and value, with --tombstone its key. The hot path of writing. */
export class LineParser implements InputParser {
  readonly needsInput = true;
  readonly #options: InputOptions;
  readonly #sink: RecordSink;
  readonly #giver: RecordGiver;
  readonly #splitter: LineSplitter;

  constructor(options: InputOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
    this.#giver = new RecordGiver(options, sink);
    this.#splitter = new LineSplitter({
      delimiter: options.delimiter,
      crlf: options.crlf,
      maxBytes: options.maxRecordBytes,
      onLine: this.#lineHandler(),
      onTooLong: (bytes, line) => this.#refuse(line, () => tooLarge(bytes, options)),
    });
  }

  get warnsCarriageReturns(): boolean {
    const { crlf, delimiter } = this.#options;
    return !crlf && delimiter.length === 1 && delimiter[0] === NEWLINE && this.#splitter.everyLineHasReturn;
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  #lineHandler(): (src: Buffer, start: number, end: number, line: number) => void {
    const { keyDelimiter, tombstone, skip } = this.#options;
    const giver = this.#giver;
    if (keyDelimiter !== null) return (src, start, end, line) => this.#keyed(src, start, end, line, keyDelimiter);
    return (src, start, end, line) => {
      if (line <= skip) return;
      if (tombstone) giver.give(src, start, end, -1, -1, line);
      else giver.give(src, -1, -1, start, end, line);
    };
  }

  #keyed(src: Buffer, start: number, end: number, line: number, delimiter: Buffer): void {
    const at = find(src, delimiter, start, end);
    if (at === -1)
      return this.#refuse(line, () =>
        notARecord(`line ${line}`, `there is no ${shown(delimiter)} (-K) between key and value`),
      );
    if (line > this.#options.skip) this.#giver.give(src, start, at, at + delimiter.length, end, line);
  }

  #refuse(line: number, why: () => ReturnType<typeof notARecord>): void {
    if (line > this.#options.skip) this.#sink.refuse(line, why());
  }
}

/** Where `needle` begins in `src[start, end)`, or -1. Bounded, as `indexOf` is not, and keys are short. */
function find(src: Buffer, needle: Buffer, start: number, end: number): number {
  const first = needle[0] as number;
  const last = end - needle.length;
  for (let at = start; at <= last; at++) {
    if (src[at] === first && matches(src, needle, at)) return at;
  }
  return -1;
}

function matches(src: Buffer, needle: Buffer, at: number): boolean {
  for (let i = 1; i < needle.length; i++) if (src[at + i] !== needle[i]) return false;
  return true;
}
