import { setTimeout as pause } from 'node:timers/promises';
import { monotonic } from '../clock.ts';
import { HOUSEKEEPING_BUDGET_MS, HOUSEKEEPING_MS, SLICE_PAUSE_MS } from '../settings.ts';
import type { Topic } from '../topic/topics.ts';
import type { Broker } from './broker.ts';
import { excused } from './excused.ts';
import { giveBackSteps } from './give-back.ts';
import { Lease } from './lease.ts';
import { offsetsRetentionMs } from './offsets-retention.ts';
import { retentionSteps } from './retention-run.ts';
import type { Steps } from './steps.ts';

/** What a round takes in one write, small enough for those who have five milliseconds. */
const SLICE = { batches: 50, bytes: 4 << 20 };

/**
 * The end of abandoned transactions, retention, compaction, expiry of offsets and producers and giving space back, without being
 * asked: one process at a time holds the lease. Long-lived commands do whole rounds in slices; a short writer does a few milliseconds of one, so that a cron job's
 * `echo x | beck produce t` expires old records too.
 */
export class Housekeeping {
  readonly #broker: Broker;
  readonly #lease: Lease;
  readonly #offsetsRetention: number;
  #stopped = false;

  /** Throws INVALID_CONFIG for a retention of offsets that is none. */
  constructor(broker: Broker) {
    this.#broker = broker;
    this.#offsetsRetention = offsetsRetentionMs();
    this.#lease = new Lease(broker);
  }

  /** As `Lease.times`. */
  get times(): Lease['times'] {
    return this.#lease.times;
  }

  /** A little of a round, if one is due: at most about `budget` ms. What is left is due at once, for the next who comes. */
  runBriefly(budget = HOUSEKEEPING_BUDGET_MS): void {
    const until = monotonic() + budget;
    excused(() => {
      if (!this.#lease.claim()) return;
      for (const _ of this.#round()) if (monotonic() >= until) return this.#release(false);
      this.#release(true);
    });
  }

  /** A round now and then, for as long as the process lives. Keeps nobody alive. Answers how to stop, which waits. */
  start(): () => Promise<void> {
    let running = Promise.resolve();
    const timer = setInterval(() => {
      running = running.then(() => this.#runWhole());
    }, HOUSEKEEPING_MS / 4).unref();
    return () => {
      this.#stopped = true;
      clearInterval(timer);
      return running;
    };
  }

  /** A timer may ring after whoever started it has closed the broker. */
  get #isWanted(): boolean {
    return !this.#stopped && this.#broker.store.isOpen;
  }

  async #runWhole(): Promise<void> {
    const steps = excused(() => (this.#isWanted && this.#lease.claim() ? this.#round() : undefined));
    if (steps === undefined) return;
    let more = true;
    while (more && this.#isWanted) {
      more = excused(() => this.#lease.keep() && steps.next().done !== true) ?? false;
      await pause(SLICE_PAUSE_MS);
    }
    if (!this.#broker.store.isOpen) return;
    excused(() => this.#release(!more));
    excused(() => this.#broker.store.checkpoint());
  }

  /** What an unfinished round left free comes first; a transaction that nobody ends keeps retention from what is behind it. */
  *#round(): Steps<void> {
    const { store, catalogue, clock, groups, transactions } = this.#broker;
    transactions.sweep();
    const topics = fromAnywhere(store.read(() => catalogue.select()));
    yield* giveBackSteps(this.#broker);
    yield* retentionSteps(this.#broker, { topics, now: clock.now(), dryRun: false, onlyDue: true, slice: SLICE });
    groups.expireOffsets(this.#offsetsRetention);
    transactions.expireProducers();
    yield* giveBackSteps(this.#broker);
  }

  #release(finished: boolean): void {
    const now = this.#broker.clock.now();
    this.#lease.release(finished ? now : null, finished ? now + HOUSEKEEPING_MS : now);
  }
}

/** All partitions, beginning with any: so those who have little time get round all of them in the end. */
function fromAnywhere(topics: readonly Topic[]): Topic[] {
  let at = Math.floor(Math.random() * topics.reduce((sum, { partitions }) => sum + partitions.length, 0));
  const first = topics.findIndex(({ partitions }) => {
    if (at < partitions.length) return true;
    at -= partitions.length;
    return false;
  });
  const topic = topics[first];
  if (topic === undefined) return [];
  const { partitions } = topic;
  const behind = [{ ...topic, partitions: partitions.slice(at) }, ...topics.slice(first + 1)];
  return [...behind, ...topics.slice(0, first), { ...topic, partitions: partitions.slice(0, at) }];
}
