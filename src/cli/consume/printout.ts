import type { BatchHeader } from '../../record/batch.ts';
import type { Ends } from '../../record/pack-values.ts';
import type { Writer } from '../io.ts';
import { OutputBuffer } from '../output/output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from '../output/printer.ts';
import { Marks, type Passed } from './marks.ts';

/** Whoever remembers what was shown. */
export interface Witness {
  /** Before bytes are written; false: they must not be. */
  mayWrite?(passed: readonly Passed[]): Promise<boolean>;
  /** When the reader has them. */
  written(passed: readonly Passed[]): void;
}

/** Records on their way to stdout, and how many of them there are; those that stdout did not take whole count no more. */
export class Printout {
  readonly #printer: RecordPrinter;
  readonly #stdout: Writer;
  readonly #stop: AbortSignal;
  readonly #witness: Witness | undefined;
  readonly #marks = new Marks();
  readonly #out = new OutputBuffer();
  /** Where each record that waits in `#out` ends there. */
  readonly #ends: Ends = { list: [], count: 0 };
  #taken = 0;

  /** Once `stop` aborts, a reader that sleeps is not waited for much longer. */
  constructor(printer: RecordPrinter, stdout: Writer, stop: AbortSignal, witness?: Witness) {
    this.#printer = printer;
    this.#stdout = stdout;
    this.#stop = stop;
    this.#witness = witness;
    printer.begin(this.#out);
  }

  get records(): number {
    return this.#taken + this.#ends.count;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#out.length;
  }

  add(place: PrintContext, record: RecordView): void {
    this.#printer.write(place, record, this.#out);
    this.#ends.list[this.#ends.count++] = this.#out.length;
    if (this.#witness !== undefined) this.#marks.record(record.offset);
  }

  /** As `add` for each record of the batch. False: the format cannot do it at once, and did nothing. */
  addBatch(batch: Buffer, { baseOffset, count }: BatchHeader): boolean {
    if (this.#printer.writeBatch?.(batch, this.#out, this.#ends) !== true) return false;
    if (this.#witness !== undefined) this.#marks.records(baseOffset, count);
    return true;
  }

  /** What has been added stands for everything of the partition below `next`. */
  pass(topic: string, partition: number, next: number): void {
    if (this.#witness !== undefined) this.#marks.pass(topic, partition, next);
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
    if ((await this.#witness?.mayWrite?.(this.#marks.all())) === false) return this.#forget();
    const { length } = this.#out;
    const taken = length === 0 ? 0 : await this.#stdout.write(this.#out.view(), this.#stop);
    const records = taken === length ? this.#ends.count : this.#endedBy(taken);
    this.#taken += records;
    this.#witness?.written(this.#marks.until(records));
    this.#forget();
  }

  /** What was given up may still be read: its memory is not used again. */
  #forget(): void {
    this.#ends.count = 0;
    this.#marks.clear();
    if (!this.#stdout.gaveUp) this.#out.reset();
  }

  #endedBy(bytes: number): number {
    const { list, count } = this.#ends;
    const next = list.findIndex((end, i) => i >= count || end > bytes);
    return next < 0 ? count : next;
  }
}
