import type { GroupReader, ReadBatch, Reader } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { readHeader } from '../../record/batch.ts';
import { RecordCursor } from '../../record/cursor.ts';
import type { Writer } from '../io.ts';
import { Places } from '../output/places.ts';
import type { RecordPrinter } from '../output/printer.ts';
import type { Filter } from './filter.ts';
import type { Passed } from './marks.ts';
import { Printout, type Witness } from './printout.ts';

/** No timer of Node's waits longer (ms; 24.8 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Handed to stdout at the latest when so much has gathered; what is behind it, at each pause. */
const DRAIN_BYTES = 256 << 10;

export interface SessionOptions {
  readonly reader: Reader;
  /** The reader, where it is a group's: it is told what was shown. */
  readonly member?: GroupReader | undefined;
  /** It is told before that, and not after: nothing is shown twice, and something perhaps never. */
  readonly atMostOnce?: boolean | undefined;
  /** Called after each look for more. */
  readonly onLook?: (() => void) | undefined;
  readonly printer: RecordPrinter;
  readonly stdout: Writer;
  readonly interrupt: AbortSignal;
  readonly filter?: Filter | undefined;
  /** `-n` */
  readonly limit?: number | undefined;
  /** `--tail` */
  readonly tail?: number | undefined;
  /** ms without a record that is shown */
  readonly idleTimeout?: number | undefined;
  /** ms for all of it */
  readonly timeout?: number | undefined;
}

/** Why a session ended. `closed`: whoever read stdout has left. */
export type Ending = 'end' | 'limit' | 'idle' | 'timeout' | 'closed' | 'interrupted';

export interface Outcome {
  readonly ending: Ending;
  /** Records that stdout took, every byte of them. */
  readonly printed: number;
}

/** Reads, filters, prints and waits until one of the endings comes. Ends at a record's boundary, unless its reader sleeps. */
export class ConsumeSession {
  readonly #options: SessionOptions;
  readonly #printout: Printout;
  #cursor: RecordCursor | undefined;
  readonly #places: Places;
  readonly #stop: AbortSignal;
  readonly #deadline: AbortSignal | undefined;
  #skip = 0;
  #lastShown = monotonic();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#places = new Places(() => options.reader.ranges);
    this.#deadline = options.timeout === undefined ? undefined : deadlineAfter(options.timeout);
    this.#stop = AbortSignal.any([
      options.interrupt,
      options.stdout.gone,
      ...(this.#deadline === undefined ? [] : [this.#deadline]),
    ]);
    this.#printout = new Printout(options.printer, options.stdout, this.#stop, witnessOf(options));
  }

  async run(): Promise<Outcome> {
    const { reader, stdout, tail } = this.#options;
    if (tail !== undefined) this.#skip = await reader.tail(tail, (batch) => this.#matches(batch));
    const ending = await this.#untilEnding();
    await this.#printout.end();
    const isCutShort = stdout.gone.aborted || stdout.gaveUp;
    return { ending: isCutShort ? this.#whyStopped() : ending, printed: this.#printout.records };
  }

  /** Whatever happens, what was printed goes out. */
  async #untilEnding(): Promise<Ending> {
    try {
      let ending: Ending | undefined = this.#isFull ? 'limit' : undefined;
      while (ending === undefined) ending = await this.#round();
      return ending;
    } finally {
      await this.#printout.pause();
    }
  }

  /** The next batches, and what follows them: more, an ending, or waiting. */
  async #round(): Promise<Ending | undefined> {
    const { reader, onLook } = this.#options;
    const batches = await reader.next();
    onLook?.();
    const ending = await this.#printAll(batches);
    if (ending !== undefined) return ending;
    await this.#printout.pause();
    if (this.#stop.aborted) return this.#whyStopped();
    if (batches.length > 0) return undefined;
    if (reader.ended) return 'end';
    const idleFor = this.#idleFor;
    if (idleFor <= 0) return 'idle';
    await reader.wait(idleFor === Number.POSITIVE_INFINITY ? null : Math.min(idleFor, LONGEST_TIMER_MS), this.#stop);
    return undefined;
  }

  async #printAll(batches: readonly ReadBatch[]): Promise<Ending | undefined> {
    const { member } = this.#options;
    for (const batch of batches) {
      if (member?.take(batch) === false) continue;
      this.#print(batch);
      if (this.#isFull) return 'limit';
      if (this.#printout.length >= DRAIN_BYTES) await this.#printout.drain();
      if (this.#stop.aborted) return this.#whyStopped();
    }
    return undefined;
  }

  get #isFull(): boolean {
    return this.#printout.records >= (this.#options.limit ?? Number.POSITIVE_INFINITY);
  }

  /** How many ms more it may be quiet. */
  get #idleFor(): number {
    const { idleTimeout } = this.#options;
    return idleTimeout === undefined ? Number.POSITIVE_INFINITY : this.#lastShown + idleTimeout - monotonic();
  }

  #whyStopped(): Ending {
    if (this.#options.interrupt.aborted) return 'interrupted';
    return this.#options.stdout.gone.aborted ? 'closed' : 'timeout';
  }

  #print(batch: ReadBatch): void {
    const before = this.#printout.records;
    if (!this.#printWhole(batch)) this.#printEach(batch);
    if (this.#printout.records > before) this.#lastShown = monotonic();
  }

  /** Where every record of the batch is shown, and the format can, without looking at each; false: nothing was done. */
  #printWhole({ topic, partition, blob, from, until }: ReadBatch): boolean {
    const { filter, limit = Number.POSITIVE_INFINITY } = this.#options;
    if (filter !== undefined || this.#skip > 0) return false;
    const header = readHeader(blob);
    if (header.baseOffset < from || header.lastOffset >= until) return false;
    if (this.#printout.records + header.count >= limit || !this.#printout.addBatch(blob, header)) return false;
    this.#printout.pass(topic, partition, until);
    return true;
  }

  #printEach({ topic, partition, blob, from, until }: ReadBatch): void {
    const { filter, limit = Number.POSITIVE_INFINITY } = this.#options;
    const printout = this.#printout;
    const cursor = this.#open(blob);
    const place = this.#places.of(topic, partition, cursor.header);
    let { records } = printout;
    while (records < limit && cursor.next()) {
      if (cursor.offset < from || cursor.offset >= until || (filter !== undefined && !filter(cursor))) continue;
      if (this.#skip > 0) {
        this.#skip--;
        continue;
      }
      printout.add(place, cursor);
      records++;
    }
    printout.pass(topic, partition, records < limit ? until : cursor.offset + 1);
  }

  #matches({ blob, from, until }: ReadBatch): number {
    const { filter } = this.#options;
    const cursor = this.#open(blob);
    let matches = 0;
    while (cursor.next())
      if (cursor.offset >= from && cursor.offset < until && (filter === undefined || filter(cursor))) matches++;
    return matches;
  }

  #open(blob: Buffer): RecordCursor {
    this.#cursor = this.#cursor?.reset(blob) ?? new RecordCursor(blob);
    return this.#cursor;
  }
}

/** At least once: a group is told when the bytes are out. At most once: before that, and without it nothing goes out. */
function witnessOf({ member, atMostOnce = false }: SessionOptions): Witness | undefined {
  if (member === undefined) return undefined;
  const tell = (passed: readonly Passed[]): void => {
    for (const { topic, partition, next } of passed) member.done(topic, partition, next);
  };
  if (!atMostOnce) return { written: tell };
  return {
    written: () => undefined,
    mayWrite: async (passed) => {
      tell(passed);
      if (passed.length === 0) return true;
      const stored = new Map(
        (await member.commit()).map(({ topic, partition, offset }) => [`${partition} ${topic}`, offset]),
      );
      return passed.every(({ topic, partition, next }) => (stored.get(`${partition} ${topic}`) ?? -1) >= next);
    },
  };
}

/** As `AbortSignal.timeout`, for any time (ms). Keeps nobody alive. */
function deadlineAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  const arm = (left: number): void => {
    const next = (): void => (left > LONGEST_TIMER_MS ? arm(left - LONGEST_TIMER_MS) : controller.abort());
    setTimeout(next, Math.min(left, LONGEST_TIMER_MS)).unref();
  };
  arm(ms);
  return controller.signal;
}
