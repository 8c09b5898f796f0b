import type { Reader, ReadRange, TransactionAdministration } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';
import type { Isolation } from '../../types.ts';
import { type HeldBack, heldBackBy, heldBackLines } from '../pages/held-back.ts';

/** How often (ms) a follower looks; what is open for less is no news. */
const LOOK_EVERY_MS = 1000;

export interface HeldReportOptions {
  readonly reader: Reader;
  readonly isolation: Isolation;
  readonly follow: boolean;
  readonly transactions: TransactionAdministration;
  /** Whether there is a terminal to be told. */
  readonly isTold: boolean;
  readonly now: () => number;
  readonly say: (line: string) => void;
}

/**
 * Tells a terminal who holds records back that a reader would else show: one that reads to the end when it has come there, a
 * follower as soon as it has been so for a second. Each holder is told of once, until nothing is held back any more.
 */
export class HeldReport {
  readonly #options: HeldReportOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #told = '';

  constructor(options: HeldReportOptions) {
    this.#options = options;
    if (!this.#isTold || !options.follow) return;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  get #isTold(): boolean {
    return this.#options.isTold && this.#options.isolation === 'read_committed';
  }

  /** When everything has been read. */
  async end(): Promise<void> {
    const { reader, follow } = this.#options;
    if (!this.#isTold || follow) return;
    this.#say(await this.#holders(reader.ranges.filter(({ heldBack }) => heldBack > 0)));
  }

  /** Tells nothing any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const held = await this.#holders(await this.#options.reader.heldBack());
      const old = held.filter(({ by }) => by?.since != null && by.since <= this.#options.now() - LOOK_EVERY_MS);
      const who = old.map(({ by }) => by?.transactionalId).join(' ');
      if (who !== this.#told) this.#say(old);
      this.#told = who;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
  }

  async #holders(ranges: readonly ReadRange[]): Promise<readonly HeldBack[]> {
    if (ranges.length === 0) return [];
    return heldBackBy(ranges, await this.#options.transactions.describe(null));
  }

  #say(held: readonly HeldBack[]): void {
    for (const line of heldBackLines(held, this.#options.now())) this.#options.say(line);
  }
}
