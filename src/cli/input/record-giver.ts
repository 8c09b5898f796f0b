import type { RecordSink } from '../../client/cluster.ts';
import type { Header } from '../../types.ts';
import type { InputOptions } from './input-parser.ts';

/** Gives the sink records made of the input's bytes and of what the flags add to every record. */
export class RecordGiver {
  readonly #sink: RecordSink;
  readonly #key: Buffer | null;
  readonly #headers: readonly Header[];
  readonly #timestamp: number | undefined;
  readonly #partition: number | undefined;
  readonly #nullValue: Buffer | null;
  /** Whether the flags add something: then a record is an object, else only bytes. */
  readonly #adds: boolean;

  constructor(options: InputOptions, sink: RecordSink) {
    this.#sink = sink;
    this.#key = options.key;
    this.#headers = options.headers;
    this.#timestamp = options.timestamp;
    this.#partition = options.partition;
    this.#nullValue = options.nullValue;
    this.#adds =
      options.key !== null ||
      options.headers.length > 0 ||
      options.timestamp !== undefined ||
      options.partition !== undefined;
  }

  /** A record whose key and value lie in `src`, which stays the caller's; a start of -1 means null. */
  give(src: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void {
    if (this.#nullValue !== null) return this.#giveNullable(src, keyStart, keyEnd, valueStart, valueEnd, line);
    this.#give(src, keyStart, keyEnd, valueStart, valueEnd, line);
  }

  #giveNullable(
    src: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    line: number,
  ): void {
    const noKey = this.#isNull(src, keyStart, keyEnd);
    const noValue = this.#isNull(src, valueStart, valueEnd);
    this.#give(
      src,
      noKey ? -1 : keyStart,
      noKey ? -1 : keyEnd,
      noValue ? -1 : valueStart,
      noValue ? -1 : valueEnd,
      line,
    );
  }

  #give(src: Buffer, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void {
    if (!this.#adds) return this.#sink.bytes(src, keyStart, keyEnd, valueStart, valueEnd, line);
    const key = keyStart === -1 ? this.#key : Buffer.from(src.subarray(keyStart, keyEnd));
    const value = valueStart === -1 ? null : Buffer.from(src.subarray(valueStart, valueEnd));
    this.#sink.record(
      { key, value, headers: this.#headers, timestamp: this.#timestamp, partition: this.#partition },
      line,
    );
  }

  #isNull(src: Buffer, start: number, end: number): boolean {
    const text = this.#nullValue as Buffer;
    return start !== -1 && end - start === text.length && text.equals(src.subarray(start, end));
  }
}
