/**
 * cli/pipe/: a command stands between topics.
 *
 * The room knows processes and batches of records: it gathers what was read, runs the command on it, judges the run by its exit
 * and decides what becomes of records that the command fails on. It must not know how a transaction is kept, nor who has which
 * partition: the client does.
 *
 * R1  What a run has written and the offsets of what it has read become visible together or not at all.
 * R2  A run reads records of one partition, in its order. What failed, was killed or was lost to another member leaves nothing.
 * R3  Of a partition nothing is committed before everything that came earlier is.
 * R4  Exit code 0 is the only good verdict, and it is one whether or not all of stdin was read.
 * R5  Memory grows neither with a topic nor with what a run writes; who is slow is waited for.
 */
import type { ReadBatch } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { Gather } from './gather.ts';
import { cut, type PipedBatch, placeOf } from './piped-batch.ts';
import { type Failure, Runs, type RunsOptions } from './runs.ts';

/** No timer of Node's waits longer (ms; 24.8 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How long (ms) what is less than a full batch waits while more is being read, so that large topics make large batches. */
const PATIENCE_MS = 250;

/** How often (ms) the group is looked at while there is much to run, so that what another one has left is not left alone. */
const ATTEND_EVERY_MS = 500;

export interface PipeOptions extends RunsOptions {
  /** Whether what the command fails on is a reason to stop, and not to look for the record that it fails on. */
  readonly stops: boolean;
  /** Records of one run, at the most. */
  readonly batch: number;
  /** ms for which records wait for others to come. */
  readonly lingerMs: number;
}

/** Reads, runs and commits until a bounded reader has ended, or until it is interrupted. */
export class PipeSession {
  readonly #options: PipeOptions;
  readonly #gather: Gather;
  readonly #runs: Runs;
  /** What is run before anything else: the last one first. */
  readonly #parts: PipedBatch[] = [];
  #attendedAt = Number.NEGATIVE_INFINITY;
  /** Said when everything before it has been run. */
  #damage: unknown;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.#gather = new Gather(options.batch);
    this.#runs = new Runs(options);
  }

  /** Throws COMMAND_FAILED, and what reading and storing throw. */
  async run(): Promise<void> {
    try {
      await this.#untilEnd();
    } finally {
      await this.#runs.close();
    }
  }

  async #untilEnd(): Promise<void> {
    const { reader, interrupt } = this.#options;
    while (!interrupt.aborted) {
      const isQuiet = (await this.#read()) === 0;
      await this.#runDue(this.#lingerMs(isQuiet));
      if (!isQuiet || interrupt.aborted) continue;
      if (this.#damage !== undefined) throw this.#damage;
      if (reader.ended && this.#gather.isEmpty) return;
      await this.#wait();
    }
  }

  /** How many batches of the log came. */
  async #read(): Promise<number> {
    const { reader, report } = this.#options;
    const batches = await reader.next().catch((error: unknown): readonly ReadBatch[] => {
      this.#damage = error;
      return [];
    });
    report.news(reader);
    const now = monotonic();
    this.#attendedAt = now;
    for (const batch of batches) this.#gather.add(batch, now);
    return batches.length;
  }

  #lingerMs(isQuiet: boolean): number {
    const { lingerMs } = this.#options;
    if (!isQuiet) return Math.max(lingerMs, PATIENCE_MS);
    return this.#damage === undefined ? lingerMs : 0;
  }

  async #wait(): Promise<void> {
    const { reader, report, interrupt, lingerMs } = this.#options;
    const dueIn = this.#gather.dueIn(monotonic(), lingerMs);
    if (dueIn === null) report.rest();
    await reader.wait(dueIn === null ? null : Math.min(dueIn, LONGEST_TIMER_MS), interrupt);
  }

  async #runDue(lingerMs: number): Promise<void> {
    while (!this.#options.interrupt.aborted) {
      this.#gatherNext(lingerMs);
      const part = this.#parts.pop();
      if (part === undefined) return;
      await this.#settle(part, lingerMs);
      await this.#attend();
    }
  }

  async #attend(): Promise<void> {
    const { reader, report } = this.#options;
    if (monotonic() - this.#attendedAt < ATTEND_EVERY_MS) return;
    await reader.attend();
    report.news(reader);
    this.#attendedAt = monotonic();
  }

  #gatherNext(lingerMs: number): void {
    const batch = this.#parts.length === 0 ? this.#gather.take(monotonic(), lingerMs) : undefined;
    if (batch !== undefined) this.#parts.push(batch);
  }

  /** What is run next, where it may be. */
  #next(lingerMs: number): PipedBatch | undefined {
    this.#gatherNext(lingerMs);
    const part = this.#parts.at(-1);
    return part !== undefined && this.#isTaken(part) ? part : undefined;
  }

  #isTaken({ pieces }: PipedBatch): boolean {
    return this.#options.reader.take(pieces.at(-1) as ReadBatch);
  }

  /** Runs a batch; one that fails is halved, where that is wanted, until the record stands alone that it fails on. */
  async #settle(part: PipedBatch, lingerMs: number): Promise<void> {
    if (!this.#isTaken(part)) return this.#runs.close();
    const { reader, stops } = this.#options;
    let verdict = await this.#runs.run(part, () => this.#next(lingerMs));
    if (typeof verdict === 'object' && stops) throw commandFailed(part, verdict);
    if (typeof verdict === 'object' && part.records === 1) verdict = await this.#runs.giveUp(part, verdict);
    if (verdict === 'lost') reader.again(part.topic, part.partition);
    else if (verdict !== 'committed') this.#parts.push(...cut(part, Math.ceil(part.records / 2)).reverse());
  }
}

function commandFailed(part: PipedBatch, { why }: Failure): BrokerError {
  return new BrokerError('COMMAND_FAILED', { problem: `${placeOf(part)}: ${why}` });
}
