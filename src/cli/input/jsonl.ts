import { isUtf8 } from 'node:buffer';
import type { RecordSink } from '../../client/cluster.ts';
import type { InputOptions, InputParser } from './input-parser.ts';
import { NoRecord, readJsonRecord } from './jsonl-record.ts';
import { LineSplitter } from './line-splitter.ts';
import { notARecord, refuseTime, tooLarge } from './refusals.ts';

/** JSON may spell one byte in six, `\u0000`; the rest is room for its fields. */
const MOST_SPELLING = 6;
const FIELDS_ROOM = 64 * 1024;

/** A line is a record in JSON, as `-o jsonl` prints it. Blank lines are no records: they are passed over, and counted. */
export class JsonlParser implements InputParser {
  readonly needsInput = true;
  readonly warnsCarriageReturns = false;
  readonly #options: InputOptions;
  readonly #sink: RecordSink;
  readonly #splitter: LineSplitter;

  constructor(options: InputOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
    this.#splitter = new LineSplitter({
      delimiter: options.delimiter,
      crlf: options.crlf,
      maxBytes: MOST_SPELLING * options.maxRecordBytes + FIELDS_ROOM,
      onLine: (src, start, end, line) => {
        if (line > options.skip) this.#line(src, start, end, line);
      },
      onTooLong: (bytes, line) => {
        if (line > options.skip) sink.refuse(line, tooLarge(bytes, options));
      },
    });
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  #line(src: Buffer, start: number, end: number, line: number): void {
    if (isBlank(src, start, end)) return;
    try {
      if (!isUtf8(src.subarray(start, end))) throw new NoRecord('the line is not UTF-8; bytes are {"base64":"…"}');
      const record = readJsonRecord(src.toString('utf8', start, end));
      const { timestamp = record.timestamp, partition = record.partition } = this.#options;
      const refusal = refuseTime(timestamp);
      if (refusal === undefined) this.#sink.record({ ...record, timestamp, partition }, line);
      else this.#sink.refuse(line, refusal);
    } catch (error) {
      if (!(error instanceof NoRecord)) throw error;
      this.#sink.refuse(line, notARecord(`line ${line}`, error.message));
    }
  }
}

/** Nothing but JSON's white space. */
function isBlank(src: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = src[i];
    if (c !== 0x20 && c !== 0x09 && c !== 0x0d && c !== 0x0a) return false;
  }
  return true;
}
