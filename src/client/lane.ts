import type { NewRecord } from '../types.ts';
import type { LocalProducer } from './batch-producer.ts';
import type { PlacedRecord, ProduceOptions } from './cluster.ts';

/** What a lane has stored since it was asked last. */
export interface LaneNews {
  readonly records: number;
  readonly bytes: number;
  readonly placed: { readonly line: number; readonly place: PlacedRecord }[];
}

/** One topic's producer among those of other topics, and which lines of the common input it has. */
export class Lane {
  readonly producer: LocalProducer;
  #records = 0;
  #bytes = 0;
  readonly #places: PlacedRecord[] = [];
  /** The lines of those that `#places` will hold, where places are wanted. */
  readonly #lines: number[] | undefined;
  #given = 0;
  /** Nothing before this line waits here. */
  #openFrom = 0;
  #refused = 0;

  /** `open` makes the producer; what it throws is thrown. */
  constructor(options: ProduceOptions, open: (options: ProduceOptions) => LocalProducer) {
    this.#lines = options.places ? [] : undefined;
    this.producer = open({
      ...options,
      onCommit: ({ records, bytes, places }) => {
        this.#records += records;
        this.#bytes += bytes;
        for (const place of places) this.#places.push(place);
      },
      onRefused: (line, error) => {
        this.#refused = line;
        options.onRefused?.(line, error);
      },
    });
  }

  give(record: NewRecord, line: number): void {
    if (this.firstOpenLine === Number.POSITIVE_INFINITY) this.#openFrom = line;
    this.producer.record(record, line);
    this.#given = line;
    if (this.#refused !== line) this.#lines?.push(line);
  }

  /** The first line that may not be stored yet; Infinity when all are. */
  get firstOpenLine(): number {
    const { line } = this.producer.totals;
    return line >= this.#given ? Number.POSITIVE_INFINITY : Math.max(this.#openFrom, line + 1);
  }

  take(): LaneNews {
    const lines = this.#lines?.splice(0, this.#places.length) ?? [];
    const placed = this.#places.splice(0).map((place, i) => ({ line: lines[i] ?? this.#given, place }));
    const news = { records: this.#records, bytes: this.#bytes, placed };
    this.#records = 0;
    this.#bytes = 0;
    // A batch that was refused as a whole has left lines behind that nothing will be placed for.
    if (this.#lines !== undefined && this.firstOpenLine === Number.POSITIVE_INFINITY) this.#lines.length = 0;
    return news;
  }
}
