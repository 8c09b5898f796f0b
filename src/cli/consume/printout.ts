import type { Writer } from '../io.ts';
import { OutputBuffer } from '../output/output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from '../output/printer.ts';

/** Records on their way to stdout, and how many of them there are; those that stdout did not take whole count no more. */
export class Printout {
  readonly #printer: RecordPrinter;
  readonly #stdout: Writer;
  readonly #stop: AbortSignal;
  readonly #out = new OutputBuffer();
  /** Where each record that waits in `#out` ends there; the first `#waiting` count. */
  readonly #ends: number[] = [];
  #waiting = 0;
  #taken = 0;

  /** Once `stop` aborts, a reader that sleeps is not waited for much longer. */
  constructor(printer: RecordPrinter, stdout: Writer, stop: AbortSignal) {
    this.#printer = printer;
    this.#stdout = stdout;
    this.#stop = stop;
    printer.begin(this.#out);
  }

  get records(): number {
    return this.#taken + this.#waiting;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#out.length;
  }

  add(place: PrintContext, record: RecordView): void {
    this.#printer.write(place, record, this.#out);
    this.#ends[this.#waiting++] = this.#out.length;
  }

  /** Nothing more for now: what is held back is shown. */
  async pause(): Promise<void> {
    this.#printer.flush(this.#out);
    await this.drain();
  }

  async end(): Promise<void> {
    this.#printer.end(this.#out);
    await this.drain();
  }

  async drain(): Promise<void> {
    const { length } = this.#out;
    if (length === 0) return;
    const taken = await this.#stdout.write(this.#out.view(), this.#stop);
    this.#taken += taken === length ? this.#waiting : this.#endedBy(taken);
    this.#waiting = 0;
    // What was given up may still be read: its memory is not used again.
    if (!this.#stdout.gaveUp) this.#out.reset();
  }

  #endedBy(bytes: number): number {
    const next = this.#ends.findIndex((end, i) => i >= this.#waiting || end > bytes);
    return next < 0 ? this.#waiting : next;
  }
}
