import type { Header } from '../../types.ts';

/** Turns the bytes of inputs into records, which it gives to a sink. */
export interface InputParser {
  /** False when the flags say all there is: nothing is to be read, only `end` to be called. */
  readonly needsInput: boolean;
  /** True when there were lines and every one ended in a carriage return, which was kept: the input may want `--crlf`. */
  readonly warnsCarriageReturns: boolean;
  /** More of the input. The chunk is the caller's again when this returns. */
  push(chunk: Buffer): void;
  /** An input ends here; what is left of it is its last record. Another may follow, and the numbering goes on. */
  end(): void;
}

/** What the flags say about reading records; `undefined` leaves it to the input, or to the producer. */
export interface InputOptions {
  /** Named when a record is too large for it; null where the input names each record's own. */
  readonly topic: string | null;
  /** -D: what ends a record; "\n" by default, one NUL for -0, several bytes allowed. */
  readonly delimiter: Buffer;
  /** -K: what stands between key and value. */
  readonly keyDelimiter: Buffer | null;
  /** -k: the key of every record. */
  readonly key: Buffer | null;
  /** -H: headers of every record. */
  readonly headers: readonly Header[];
  /** --timestamp, in ms; wins over what the input says. */
  readonly timestamp?: number | undefined;
  /** -p; wins over what the input says. */
  readonly partition?: number | undefined;
  /** --null-value: a key or value that is this text is null. */
  readonly nullValue: Buffer | null;
  /** --tombstone: each record is a key, its value null; with `key`, there is one record and no input. */
  readonly tombstone: boolean;
  /** --whole: each input is one record. */
  readonly whole: boolean;
  /** --skip: so many records at the start are not given; the numbering counts them. */
  readonly skip: number;
  /** --crlf: one carriage return before a line's end goes with it. */
  readonly crlf: boolean;
  /** A record that takes more bytes is refused as it arrives, so that memory stays bounded. */
  readonly maxRecordBytes: number;
}
