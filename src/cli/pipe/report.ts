import type { Cluster, GroupReader, PartitionOffset, ProduceTotals, ReadBatch } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { HeldReport } from '../consume/held-report.ts';
import { leaveLine, tellNews } from '../consume/member-report.ts';
import type { Io } from '../io.ts';
import { type Progress, startProgress } from '../progress.ts';
import { bytes, count, duration } from '../units.ts';
import { nextOffset, type PipedBatch, placeOf } from './piped-batch.ts';

export interface ReportOptions {
  readonly io: Io;
  readonly group: string;
  /** The topic that is written to; null where each record names its own. */
  readonly to: string | null;
  /** Whether it goes on at the ends. */
  readonly follows: boolean;
  /** On a terminal only. */
  readonly say: (line: string) => void;
  /** Always. */
  readonly warn: (line: string) => void;
}

/** What a pipe has done, as `--json` says it. */
export interface PipeTotals {
  readonly group: string;
  readonly batches: number;
  readonly read: number;
  readonly written: number;
  /** Bytes of keys, values and headers. */
  readonly size: number;
  readonly skipped: number;
  readonly deadLetters: number;
  /** ms */
  readonly elapsed: number;
}

/** What a pipe says, as it goes and at its end. The line of progress makes room for everything else. */
export class PipeReport {
  readonly #options: ReportOptions;
  readonly #progress: Progress;
  readonly #startedAt = monotonic();
  #totals = { batches: 0, read: 0, written: 0, size: 0, skipped: 0, deadLetters: 0 };
  /** Offsets that are to be read; 0 where there is no end. */
  #ahead = 0;
  #passed = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#progress = startProgress('piping', options.io);
  }

  /** What happened in the group. */
  news(reader: GroupReader): void {
    const { group, follows } = this.#options;
    const news = reader.news();
    if (news.length === 0) return;
    this.#progress.done();
    tellNews(group, reader.memberName, news, this.#options);
    if (follows) return;
    const begun = news.flatMap((row) => row.begun);
    this.#ahead += begun.reduce((sum, { start, end }) => sum + (end ?? start) - start, 0);
  }

  /** Tells a terminal who holds back what else would be read. */
  held(reader: GroupReader, { transactions }: Cluster): HeldReport {
    const { io, follows, say } = this.#options;
    return new HeldReport({
      reader,
      transactions,
      isolation: 'read_committed',
      follow: follows,
      isTold: io.stderr.isTTY,
      now: io.now,
      say: (line) => {
        this.#progress.done();
        say(line);
      },
    });
  }

  /** Of the command's stderr. */
  async said(chunk: Buffer): Promise<void> {
    this.#progress.done();
    await this.#options.io.stderr.write(chunk).catch(() => undefined);
  }

  ran(batch: PipedBatch, { records, bytes: size }: ProduceTotals): void {
    this.#totals.batches++;
    this.#totals.read += batch.records;
    this.#totals.written += records;
    this.#totals.size += size;
    this.#pass(batch);
    this.#progress.update(this.#passed, this.#ahead, 'records');
  }

  #pass(batch: PipedBatch): void {
    this.#passed += nextOffset(batch) - (batch.pieces[0] as ReadBatch).from;
  }

  gaveUp(batch: PipedBatch, why: string, to: string | undefined): void {
    this.#pass(batch);
    this.#totals.read++;
    this.#totals[to === undefined ? 'skipped' : 'deadLetters']++;
    this.#progress.done();
    this.#options.warn(`${placeOf(batch)}: ${why}; ${to === undefined ? 'left out' : `written to ${to}`}`);
  }

  /** Nothing is to be done for now. */
  rest(): void {
    this.#progress.done();
  }

  get totals(): PipeTotals {
    const elapsed = Math.round(monotonic() - this.#startedAt);
    return { group: this.#options.group, ...this.#totals, elapsed };
  }

  end(committed: readonly PartitionOffset[]): void {
    const { group, say } = this.#options;
    this.#progress.done();
    say(leaveLine(group, committed));
    say(this.#summary());
  }

  #summary(): string {
    const { read, written, size, skipped, deadLetters, elapsed } = this.totals;
    const parts = [
      `${count(read, 'record')} read`,
      `${count(written, 'record')} to ${this.#options.to ?? 'the topics they name'} (${bytes(size)})`,
      ...(deadLetters > 0 ? [`${count(deadLetters, 'dead letter')}`] : []),
      ...(skipped > 0 ? [`${count(skipped, 'record')} left out`] : []),
    ];
    return `${parts.join(', ')} in ${duration(elapsed)}`;
  }
}
