import type { PlacedRecord } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import type { Io, Writer } from '../io.ts';
import { openOutput, outputFormat } from '../output/index.ts';
import { OutputBuffer } from '../output/output-buffer.ts';
import { printRecord } from '../output/placed-view.ts';
import type { RecordPrinter } from '../output/printer.ts';

export interface EchoOptions {
  readonly io: Io;
  readonly interrupt: AbortSignal;
  /** Whether each record must say its topic. */
  readonly manyTopics: boolean;
}

const NEWLINE = Buffer.from('\n');

/**
 * Prints records as they were stored, after their commit. When its reader leaves, storing goes on; when its reader sleeps,
 * storing waits, but not beyond the interrupt.
 */
export class Echo {
  readonly #stdout: Writer;
  readonly #interrupt: AbortSignal;
  readonly #printer: RecordPrinter;
  readonly #out = new OutputBuffer();

  /** Throws USAGE for a format that is not there, or that has an end: an input need not have one. */
  constructor(format: string, { io, interrupt, manyTopics }: EchoOptions) {
    if (outputFormat(format).bounded) {
      throw new BrokerError('USAGE', {
        problem: `-o ${format} is for consume alone`,
        hint: '-o jsonl prints one record a line',
      });
    }
    this.#stdout = io.stdout;
    this.#interrupt = interrupt;
    this.#printer = openOutput(format, {
      delimiter: NEWLINE,
      nullValue: null,
      terminal: io.stdout,
      manyTopics,
      now: io.now(),
    });
    this.#printer.begin(this.#out);
  }

  async print(records: readonly PlacedRecord[]): Promise<void> {
    for (const record of records) printRecord(this.#printer, record, this.#out);
    this.#printer.flush(this.#out);
    await this.#drain();
  }

  async end(): Promise<void> {
    this.#printer.end(this.#out);
    await this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#out.length > 0) await this.#stdout.write(this.#out.view(), this.#interrupt);
    if (!this.#stdout.gaveUp) this.#out.reset();
  }
}
