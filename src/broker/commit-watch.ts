import type { Broker } from './broker.ts';

/** Why the waiting ended: something was committed, the time is up, or whoever waited was let go. */
export type Woken = 'commit' | 'time' | 'released';

/** Somebody who waits. */
export interface Parked {
  readonly woken: Promise<Woken>;
  /** Ends the waiting now. */
  release(): void;
}

interface Waiter {
  wake(why: Woken): void;
}

/**
 * Wakes any number of those who wait for commits, this process's own and others', in one process that lives long. Own commits
 * wake at once, others' through the wake file. Between a read and `park` nothing must be awaited: then no commit is missed.
 */
export class CommitWatch {
  readonly #broker: Broker;
  readonly #waiters = new Map<number, Set<Waiter>>();
  /** Those who wait for anything. */
  readonly #curious = new Set<Waiter>();
  readonly #stops: readonly (() => void)[];
  #seenSeq: number;
  #seenCatalogue: number;
  #seenVersion: number;
  #isLooking = false;

  constructor(broker: Broker) {
    const { store, rows, catalogue, wake } = broker;
    this.#broker = broker;
    this.#seenVersion = store.dataVersion();
    const seen = store.read(() => ({ seq: rows.lastSeq(), catalogue: catalogue.version() }));
    this.#seenSeq = seen.seq;
    this.#seenCatalogue = seen.catalogue;
    this.#stops = [wake.onTouch(() => this.#lookSoon()), wake.watch(() => this.#lookAtOthers())];
  }

  /** Waits, `ms` at most, for a batch or a marker in one of these partitions (ids) or a change of topics; null: for any commit. */
  park(partitions: readonly number[] | null, ms: number): Parked {
    let wake: Waiter['wake'] = () => undefined;
    const woken = new Promise<Woken>((resolve) => {
      wake = resolve;
    });
    const waiter: Waiter = {
      wake: (why) => {
        clearTimeout(timer);
        this.#forget(waiter, partitions);
        wake(why);
      },
    };
    const timer = setTimeout(() => waiter.wake('time'), ms);
    this.#remember(waiter, partitions);
    return { woken, release: () => waiter.wake('released') };
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #remember(waiter: Waiter, partitions: readonly number[] | null): void {
    if (partitions === null) this.#curious.add(waiter);
    for (const id of partitions ?? []) {
      const waiting = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiting.add(waiter));
    }
  }

  #forget(waiter: Waiter, partitions: readonly number[] | null): void {
    this.#curious.delete(waiter);
    for (const id of partitions ?? []) {
      const waiting = this.#waiters.get(id);
      if (waiting?.delete(waiter) && waiting.size === 0) this.#waiters.delete(id);
    }
  }

  /** After an own commit, once for all that are made in one go: the touch comes while the write is still at work. */
  #lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    queueMicrotask(() => {
      this.#isLooking = false;
      if (this.#broker.store.isOpen) this.#look();
    });
  }

  #lookAtOthers(): boolean {
    const version = this.#broker.store.dataVersion();
    if (version === this.#seenVersion) return false;
    this.#seenVersion = version;
    return this.#look();
  }

  /** Wakes those who wait for what was committed since; answers whether that is more than a heartbeat. */
  #look(): boolean {
    const { store, rows, catalogue } = this.#broker;
    const seen = store.read(() => ({ batches: rows.since(this.#seenSeq), catalogue: catalogue.version() }));
    this.#seenSeq = seen.batches.at(-1)?.seq ?? this.#seenSeq;
    const topicsChanged = seen.catalogue !== this.#seenCatalogue;
    this.#seenCatalogue = seen.catalogue;
    for (const waiter of this.#woken(seen.batches, topicsChanged)) waiter.wake('commit');
    return topicsChanged || seen.batches.length > 0;
  }

  #woken(batches: readonly { readonly partition: number }[], topicsChanged: boolean): Set<Waiter> {
    const woken = new Set(this.#curious);
    const ids = topicsChanged ? this.#waiters.keys() : new Set(batches.map(({ partition }) => partition));
    for (const id of ids) for (const waiter of this.#waiters.get(id) ?? []) woken.add(waiter);
    return woken;
  }
}
