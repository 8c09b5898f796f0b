import { HOUSEKEEPING_MS } from '../settings.ts';
import type { Broker } from './broker.ts';
import { LeaseRows } from './rows.ts';

/**
 * The right to take and give back space, which one process has at a time: two that give back side by side only wait for each other, and
 * neither finds the moment to begin the WAL anew. Who is killed with it has it for HOUSEKEEPING_MS more. Each method may throw STORAGE_*.
 */
export class Lease {
  readonly #broker: Broker;
  readonly #rows: LeaseRows;
  /** A process id alone may be somebody else's in another container. */
  readonly #owner = `${process.pid}-${Math.random().toString(36).slice(2)}`;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#rows = new LeaseRows(broker.store);
  }

  /** When a round of housekeeping ended last and when the next is due (ms); null: never, or at the next write. */
  get times(): { readonly last: number | null; readonly next: number | null } {
    const { last, next } = this.#read();
    return { last, next: next === 0 ? null : next };
  }

  /** Takes it if a round of housekeeping is due. */
  claim(): boolean {
    if (this.#read().next > this.#now) return false;
    return this.#broker.storeQuietly(() => this.#rows.claim(this.#owner, this.#now, this.#now + HOUSEKEEPING_MS));
  }

  /** Takes it in any case, from whoever has it: somebody waits for this work. Answers when the next round was due. */
  take(): number {
    return this.#broker.storeQuietly(() => {
      const { next } = this.#rows.lease();
      this.#rows.take(this.#owner, this.#now + HOUSEKEEPING_MS);
      return next;
    });
  }

  /** Whether it is still ours. Asked at each step, it stays ours for as long as the work takes. */
  keep(): boolean {
    const { owner, next } = this.#read();
    if (owner !== this.#owner) return false;
    if (next - this.#now > HOUSEKEEPING_MS / 2) return true;
    return this.#broker.storeQuietly(() => this.#rows.renew(this.#owner, this.#now + HOUSEKEEPING_MS));
  }

  /** Gives it up, if it is still ours; `last`: when a whole round was done (ms), or null. */
  release(last: number | null, next: number): void {
    this.#broker.storeQuietly(() => this.#rows.release(this.#owner, last, next));
  }

  get #now(): number {
    return this.#broker.clock.now();
  }

  #read(): ReturnType<LeaseRows['lease']> {
    return this.#broker.store.read(() => this.#rows.lease());
  }
}
