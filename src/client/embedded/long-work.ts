import { setTimeout as pause } from 'node:timers/promises';
import type { Broker } from '../../broker/broker.ts';
import { excused } from '../../broker/excused.ts';
import { giveBackSteps } from '../../broker/give-back.ts';
import { Lease } from '../../broker/lease.ts';
import type { Steps } from '../../broker/steps.ts';
import { BrokerError } from '../../errors.ts';
import { HOUSEKEEPING_MS, LONG_READER_MS, SLICE_PAUSE_MS } from '../../settings.ts';
import type { OnProgress } from '../cluster.ts';

/** Drives what takes long, step by step, so that others have their turn between any two, and Ctrl-C. */
export class LongWork {
  readonly #broker: Broker;
  readonly #signal: AbortSignal;

  /** `signal` ends work between two of its steps. */
  constructor(broker: Broker, signal: AbortSignal) {
    this.#broker = broker;
    this.#signal = signal;
  }

  /**
   * Takes work to its end; between two steps Ctrl-C has its turn, and others who write, for `pauseMs`. Throws INTERRUPTED, and
   * what the work throws.
   */
  async drive<T>(steps: Steps<T>, onProgress?: OnProgress, pauseMs = 0): Promise<T> {
    try {
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
        onProgress?.(step.value.done, step.value.total, step.value.unit ?? 'bytes');
        await (pauseMs > 0 ? pause(pauseMs) : new Promise((resolve) => setImmediate(resolve)));
        if (this.#signal.aborted) throw new BrokerError('INTERRUPTED');
      }
    } finally {
      steps.return(undefined as T);
    }
  }

  /** Drives what loses records (or, with `dryRun`, says what it would lose) and gives the space back, on a full disk too. */
  async lose<T>(begin: () => Steps<T>, dryRun: boolean, onProgress?: OnProgress): Promise<T> {
    if (dryRun) return this.drive(begin(), onProgress);
    return this.#alone(async () => {
      const lost = await this.#broker.withReserve(() => this.drive(begin(), onProgress, SLICE_PAUSE_MS));
      await this.#giveBack();
      return lost;
    });
  }

  /** Gives free space back to the file system. */
  giveBack(): Promise<void> {
    return this.#alone(() => this.#giveBack());
  }

  /** With a reserve of its own: what was lost is lost, and must not be done again because this found no room. */
  #giveBack(): Promise<void> {
    return this.#broker.withReserve(async () => {
      await this.drive(giveBackSteps(this.#broker, LONG_READER_MS), undefined, SLICE_PAUSE_MS);
      this.#broker.store.checkpoint('truncate');
    });
  }

  /** While nobody does housekeeping; but it is done on a full disk too, where that can't be said. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const lease = new Lease(this.#broker);
    const due = excused(() => lease.take());
    const timer = setInterval(() => excused(() => lease.keep()), HOUSEKEEPING_MS / 4);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      if (due !== undefined) excused(() => lease.release(null, due));
    }
  }
}
