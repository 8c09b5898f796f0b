import type { Broker } from '../../broker/broker.ts';
import { NEIGHBOUR_MS } from '../../settings.ts';
import type { LocatedRange } from '../range.ts';
import type { ReadRange } from '../reader.ts';

/** Those of which an open transaction holds something back now, with the offsets of now. */
export function heldBackOf({ store, rows }: Broker, ranges: readonly LocatedRange[]): ReadRange[] {
  return store.read(() =>
    ranges.flatMap((range) => {
      const row = rows.partition(range.id);
      if (row === undefined || row.lastStable >= Math.min(range.end ?? row.nextOffset, row.nextOffset)) return [];
      const { lastStable, nextOffset: highWatermark } = row;
      return [{ ...range, lastStable, highWatermark, heldBack: highWatermark - lastStable }];
    }),
  );
}

/**
 * What `look` sees when nothing waits behind a process that is gone. Whoever is first ends its transactions, so where something is
 * held back all is looked up again, swept here or not.
 */
export function lookSettled<T>({ transactions }: Broker, look: () => T, isHeldBack: (seen: T) => boolean): T {
  const seen = look();
  if (!isHeldBack(seen)) return seen;
  transactions.sweep();
  return look();
}

/**
 * For a reader that waits: while an open transaction holds back what it reads, it looks now and then whether that one's process is
 * gone. Nobody else may ever come.
 */
export class HeldBackWatch {
  readonly #broker: Broker;
  readonly #isHeldBack: () => boolean;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #hasNews = false;

  /** `wake` is called when this process itself has ended one: it does not hear of its own commits. */
  constructor(broker: Broker, isHeldBack: () => boolean, wake: () => void) {
    this.#broker = broker;
    this.#isHeldBack = isHeldBack;
    this.#wake = wake;
  }

  /** Whether this process has ended a transaction since `catchUp`. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** As `hasNews`, which it resets. */
  catchUp(): boolean {
    const hasNews = this.#hasNews;
    this.#hasNews = false;
    return hasNews;
  }

  /** To be called whenever the reader has seen all that it may see. */
  look(): void {
    if (!this.#isHeldBack()) return this.stop();
    this.#timer ??= setInterval(() => {
      if (this.#broker.transactions.sweep() === 0) return;
      this.#hasNews = true;
      this.#wake();
    }, NEIGHBOUR_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
