import { RecordCursor } from '../../record/cursor.ts';
import { OutputBuffer } from '../output/output-buffer.ts';
import type { Places } from '../output/places.ts';
import type { RecordPrinter } from '../output/printer.ts';
import type { PipedBatch } from './piped-batch.ts';

/** Written at once (bytes). */
const CHUNK_BYTES = 128 << 10;

/** Prints batches for the command, each from its printer's beginning to its end. */
export class Feed {
  readonly #openPrinter: () => RecordPrinter;
  readonly #places: Places;
  readonly #out = new OutputBuffer(2 * CHUNK_BYTES);
  #cursor: RecordCursor | undefined;

  /** `openPrinter` is asked for each batch. */
  constructor(openPrinter: () => RecordPrinter, places: Places) {
    this.#openPrinter = openPrinter;
    this.#places = places;
  }

  /** What `write` is given is good until it returns. Throws CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE, and what `write` throws. */
  print({ topic, partition, pieces }: PipedBatch, write: (bytes: Buffer) => void): void {
    const out = this.#out;
    const printer = this.#openPrinter();
    out.reset();
    printer.begin(out);
    for (const { blob, from, until } of pieces) {
      const cursor = this.#open(blob);
      const place = this.#places.of(topic, partition, cursor.header);
      while (cursor.next()) {
        if (cursor.offset < from || cursor.offset >= until) continue;
        printer.write(place, cursor, out);
        if (out.length < CHUNK_BYTES) continue;
        printer.flush(out);
        write(out.view());
        out.reset();
      }
    }
    printer.end(out);
    write(out.view());
  }

  #open(blob: Buffer): RecordCursor {
    this.#cursor = this.#cursor?.reset(blob) ?? new RecordCursor(blob);
    return this.#cursor;
  }
}
