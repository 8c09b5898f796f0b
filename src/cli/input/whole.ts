import type { RecordSink } from '../../client/cluster.ts';
import type { InputOptions, InputParser } from './input-parser.ts';
import { RecordGiver } from './record-giver.ts';
import { tooLarge } from './refusals.ts';

/** Each input is one record, byte for byte; an empty one is an empty value. */
export class WholeParser implements InputParser {
  readonly needsInput = true;
  readonly warnsCarriageReturns = false;
  readonly #options: InputOptions;
  readonly #sink: RecordSink;
  readonly #giver: RecordGiver;
  #chunks: Buffer[] = [];
  #length = 0;
  #number = 0;

  constructor(options: InputOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
    this.#giver = new RecordGiver(options, sink);
  }

  push(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length <= this.#options.maxRecordBytes) this.#chunks.push(Buffer.from(chunk));
    else this.#chunks = [];
  }

  end(): void {
    const number = ++this.#number;
    const bytes = this.#length;
    const value = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    if (number <= this.#options.skip) return;
    if (bytes > this.#options.maxRecordBytes) this.#sink.refuse(number, tooLarge(bytes, this.#options));
    else this.#giver.give(value, -1, -1, 0, bytes, number);
  }
}
