import type { Statement, Store } from '../store/store.ts';

export interface Lease {
  /** When a round of housekeeping ended last (ms); null: never. */
  readonly last: number | null;
  /** When the next one is due (ms). */
  readonly next: number;
}

const SQL = {
  lease: 'SELECT last, next FROM housekeeping',
  claim: 'UPDATE housekeeping SET next = ?, owner = ? WHERE next <= ?',
  release: 'UPDATE housekeeping SET last = coalesce(?, last), next = ?, owner = NULL WHERE owner = ?',
} as const;

/** The lease of housekeeping: who does it, and when it is due again. Each method is one statement. */
export class LeaseRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof SQL): Statement {
    return this.#store.prepare(SQL[name]);
  }

  lease(): Lease {
    return this.#sql('lease').get() as Lease;
  }

  /** Takes the lease if it is due; until `next` nobody else will. */
  claim(owner: string, now: number, next: number): boolean {
    return this.#sql('claim').run(next, owner, now).changes === 1;
  }

  /** Gives the lease back, if it is still the owner's. `last` of null: the round is not finished. */
  release(owner: string, last: number | null, next: number): void {
    this.#sql('release').run(last, next, owner);
  }
}
