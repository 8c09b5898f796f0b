import type { GroupReader, SentOffsets } from '../../client/cluster.ts';
import { BrokerError, type ErrorCode } from '../../errors.ts';
import type { CommandLine } from '../command/command-line.ts';
import { Places } from '../output/places.ts';
import type { RecordPrinter } from '../output/printer.ts';
import { BatchFile } from './batch-file.ts';
import { CommandRun } from './command-run.ts';
import type { DeadLetters } from './dead-letter.ts';
import { Feed } from './feed.ts';
import type { FifoStock } from './fifo-stock.ts';
import { type Outlet, RefusedOutput } from './outlet.ts';
import { firstOffset, nextOffset, type PipedBatch } from './piped-batch.ts';
import type { PipeReport } from './report.ts';

export interface RunsOptions {
  readonly reader: GroupReader;
  readonly outlet: Outlet;
  /** Where records go that the command fails on; without it they are left out. */
  readonly deadLetters?: DeadLetters | undefined;
  readonly command: CommandLine;
  readonly fifos: FifoStock;
  /** A printer for one run. */
  readonly openPrinter: () => RecordPrinter;
  readonly report: PipeReport;
  readonly interrupt: AbortSignal;
}

/** Nothing of the run was kept. */
export interface Failure {
  readonly why: string;
  /** The end of its stderr. */
  readonly lastWords: string;
}

/** `lost`: nothing of it was kept, and it is to be read again, by whoever has the partition by now. */
export type Verdict = 'committed' | 'lost' | Failure;

/** A batch that the command has been started on. */
interface Begun {
  readonly part: PipedBatch;
  readonly run: CommandRun;
}

/** Another member has the partition; or somebody has ended the transaction: an administrator, or whoever took this member for dead. */
const LOST: ReadonlySet<ErrorCode> = new Set([
  'STALE_MEMBER_EPOCH',
  'UNKNOWN_MEMBER_ID',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** What is kept of the end of a run's stderr (characters), as the reason why it failed. */
const LAST_WORDS = 1000;

/** Runs the command on batches that were taken, and commits what comes of it (R1, R2). */
export class Runs {
  readonly #options: RunsOptions;
  readonly #feed: Feed;
  #ahead: Begun | undefined;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#feed = new Feed(options.openPrinter, new Places(() => options.reader.ranges));
  }

  /**
   * Runs the command on a batch. While that is being committed, the command works on what `next` answers already: what is run
   * next, and was taken. Throws COMMAND_FAILED when the command can't be run, and what reading and storing throw.
   */
  async run(part: PipedBatch, next: () => PipedBatch | undefined): Promise<Verdict> {
    const { outlet, reader, report } = this.#options;
    const { topic, partition, records } = part;
    if (records === 0) {
      reader.done(topic, partition, nextOffset(part));
      return 'committed';
    }
    outlet.begin(partition);
    const failure = await this.#attempt(part);
    if (failure !== undefined) {
      await outlet.abort();
      return failure;
    }
    await this.#beginAhead(next());
    const totals = await this.#commit(part, (sent) => outlet.commit(sent));
    if (totals === 'lost') return 'lost';
    report.ran(part, totals);
    return 'committed';
  }

  /** Goes on without the batch's only record. */
  async giveUp(part: PipedBatch, { why, lastWords }: Failure): Promise<'committed' | 'lost'> {
    const { outlet, deadLetters, report } = this.#options;
    const reason = [why, lastLine(lastWords)].filter(Boolean).join(': ');
    const done = await this.#commit<unknown>(part, (sent) =>
      deadLetters === undefined ? outlet.commit(sent) : deadLetters.commit(part, reason, sent),
    );
    if (done === 'lost') return 'lost';
    report.gaveUp(part, why, deadLetters?.topic);
    return 'committed';
  }

  /** What was begun ahead is of no use. */
  async close(): Promise<void> {
    await this.#ahead?.run.discard();
    this.#ahead = undefined;
  }

  /** One run of the command, from where it is. Its output is stored, and not visible yet. */
  async #attempt(part: PipedBatch): Promise<Failure | 'lost' | undefined> {
    const { outlet, interrupt, report } = this.#options;
    let lastWords = '';
    try {
      const run = await this.#begun(part);
      const why = await run.finish({
        out: (chunk) => outlet.take(chunk),
        err: (chunk) => {
          lastWords = `${lastWords}${chunk}`.slice(-LAST_WORDS);
          return report.said(chunk);
        },
      });
      if (interrupt.aborted) return 'lost';
      if (why !== undefined) return { why, lastWords };
      outlet.end();
      return undefined;
    } catch (error) {
      if (error instanceof RefusedOutput) return { why: error.message, lastWords };
      if (isLoss(error)) return 'lost';
      await outlet.abort().catch(() => undefined);
      throw error;
    }
  }

  async #begun(part: PipedBatch): Promise<CommandRun> {
    if (this.#ahead?.part !== part) {
      await this.close();
      return this.#begin(part);
    }
    const { run } = this.#ahead;
    this.#ahead = undefined;
    return run;
  }

  /** What can't be begun is tried again when its turn has come; then it is said why. */
  async #beginAhead(part: PipedBatch | undefined): Promise<void> {
    if (part === undefined || part.records === 0 || this.#options.interrupt.aborted) return;
    const run = await this.#begin(part).catch(() => undefined);
    this.#ahead = run && { part, run };
  }

  async #begin(part: PipedBatch): Promise<CommandRun> {
    const { command, fifos, interrupt } = this.#options;
    const file = new BatchFile();
    try {
      this.#feed.print(part, (bytes) => file.write(bytes));
      const line = { ...command, env: { ...command.env, ...factsOf(part) } };
      return await CommandRun.start(line, file.fd, { fifos, signal: interrupt });
    } finally {
      file.close();
    }
  }

  /** Commits with the offset behind the part. */
  async #commit<T>(part: PipedBatch, commit: (sent: SentOffsets) => Promise<T>): Promise<T | 'lost'> {
    const { reader } = this.#options;
    const offsets = [{ topic: part.topic, partition: part.partition, offset: nextOffset(part) }];
    try {
      const totals = await commit({ group: reader.metadata, offsets });
      reader.committed(offsets);
      return totals;
    } catch (error) {
      if (isLoss(error) || isGone(error, part.topic)) return 'lost';
      throw error;
    }
  }
}

function isLoss(error: unknown): boolean {
  if (!(error instanceof BrokerError)) return false;
  return LOST.has(error.code) || (error.code === 'BROKER_LOST' && error.details['unsure'] === 'no');
}

/** A group goes on without a topic that is deleted. */
function isGone(error: unknown, topic: string): boolean {
  const isUnknown = error instanceof BrokerError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION';
  return isUnknown && error.details['topic'] === topic;
}

/** What the command is told of its batch. */
function factsOf(part: PipedBatch): Record<string, string> {
  const { topic, partition, records } = part;
  return {
    BECK_TOPIC: topic,
    BECK_PARTITION: `${partition}`,
    BECK_OFFSET: `${firstOffset(part)}`,
    BECK_RECORDS: `${records}`,
  };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
