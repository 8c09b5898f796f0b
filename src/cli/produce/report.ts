import type { Producer, ProduceTotals } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError, type ExitCode } from '../../errors.ts';
import type { InputParser } from '../input/index.ts';
import { count, duration, groupDigits, bytes as sayBytes } from '../units.ts';
import { Refusals } from './refusals.ts';

export interface ReportOptions {
  /** Null where each record names its own. */
  readonly topic: string | null;
  readonly json: boolean;
  /** Whether all of it is kept or nothing. */
  readonly transaction: boolean;
  /** On the monotonic clock. */
  readonly startedAt: number;
  /** Always, on stderr. */
  readonly warn: (line: string) => void;
  /** On a terminal only. */
  readonly say: (line: string) => void;
}

/** What a run of `produce` says, as it goes and at its end. */
export class ProduceReport {
  readonly #options: ReportOptions;
  readonly #refusals: Refusals;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.warn, options.json);
  }

  refused(line: number, error: BrokerError): void {
    this.#refusals.add(line, error);
  }

  /** For somebody who sits before an empty terminal and wonders. */
  invitation(): string {
    const { topic, transaction } = this.#options;
    const ends = transaction ? 'Ctrl-D commits them all, Ctrl-C none' : 'Ctrl-D ends';
    return `each line you type is a record for ${topic ?? 'the topic it names'}; ${ends}`;
  }

  /** Waits for the run and says how it went; rejects as the run does, having said what is safe. Answers the exit code. */
  async of(
    run: Promise<ProduceTotals>,
    producer: Producer,
    parser: InputParser,
    interrupt: AbortSignal,
  ): Promise<ExitCode> {
    let totals: ProduceTotals;
    try {
      totals = await run;
    } catch (error) {
      this.#refusals.end();
      this.#options.warn(this.#failed(error, producer.totals));
      throw error;
    }
    this.#refusals.end();
    if (interrupt.aborted) this.#options.warn(this.#goOn(totals, 'interrupted'));
    else this.#summary(totals);
    if (parser.warnsCarriageReturns)
      this.#options.warn('every line ended in a carriage return, which was kept; --crlf takes it off');
    if (totals.expired > 0) this.#options.warn(expiredLine(totals.expired, this.#options.topic ?? 'their topic'));
    return totals.refused > 0 ? 1 : 0;
  }

  #summary({ records, bytes, refused, topics = 0 }: ProduceTotals): void {
    const { topic, transaction, startedAt, json, say, warn } = this.#options;
    if (refused > 0 && !json) return warn(transaction ? 'nothing was written' : keptLine(records));
    const where = topic ?? count(topics, 'topic');
    const how = transaction ? ', in one transaction' : '';
    say(
      `${count(records, 'record')} to ${where} (${sayBytes(bytes)}) in ${duration(Math.round(monotonic() - startedAt))}${how}`,
    );
  }

  /** `isUnsure`: of what was given last it is not known whether it was stored. */
  #goOn({ line, records }: ProduceTotals, what: string, isUnsure = false): string {
    const { transaction } = this.#options;
    if (transaction && isUnsure) return `${what}; all of it was written, or nothing`;
    if (records === 0) return isUnsure ? `${what}; some of it may be stored` : `${what}; nothing was written`;
    if (transaction) return `${what}; all of it had been written by then`;
    const kept = `everything up to line ${groupDigits(line)} is stored${isUnsure ? ', and some of what follows may be' : ''}`;
    return `${what}; ${kept}, --skip ${line} goes on from there`;
  }

  #failed(error: unknown, totals: ProduceTotals): string {
    const isUnsynced = error instanceof BrokerError && error.code === 'SYNC_FAILED';
    return isUnsynced ? this.#unsynced(totals) : this.#goOn(totals, 'failed', isLost(error));
  }

  /** The last commit can be seen, and the disk did not take it. */
  #unsynced({ line, records }: ProduceTotals): string {
    const rest = 'can be read, and a power cut may take it';
    if (this.#options.transaction || records === 0) return `failed; what was written ${rest}`;
    return `failed; everything up to line ${groupDigits(line)} is stored, what was written behind it ${rest}`;
  }
}

/** The server went away before it had answered. */
function isLost(error: unknown): boolean {
  return error instanceof BrokerError && error.code === 'BROKER_LOST' && error.details['unsure'] !== 'no';
}

/** What became of the neighbours of what was refused. */
function keptLine(records: number): string {
  if (records === 0) return 'nothing else was written';
  return `${count(records, 'other record')} ${records === 1 ? 'was' : 'were'} written`;
}

function expiredLine(records: number, topic: string): string {
  const them = records === 1 ? 'it' : 'them';
  return `${count(records, 'record')} older than ${topic} keeps (retention.ms): retention may take ${them} at once`;
}
