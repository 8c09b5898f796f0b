import type { RecordSink } from '../../client/cluster.ts';
import type { InputOptions, InputParser } from './input-parser.ts';

/** `-k KEY --tombstone`: one record, of which the flags say everything. */
export class FixedTombstone implements InputParser {
  readonly needsInput = false;
  readonly warnsCarriageReturns = false;
  readonly #options: InputOptions;
  readonly #sink: RecordSink;
  #given = false;

  constructor(options: InputOptions, sink: RecordSink) {
    this.#options = options;
    this.#sink = sink;
  }

  push(): void {}

  end(): void {
    const { key, headers, timestamp, partition, skip } = this.#options;
    if (!this.#given && skip === 0) this.#sink.record({ key, value: null, headers, timestamp, partition }, 1);
    this.#given = true;
  }
}
