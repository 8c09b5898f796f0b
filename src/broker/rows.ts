import type { Statement, Store } from '../store/store.ts';

export interface LeaseRow {
  /** When a round of housekeeping ended last (ms); null: never. */
  readonly last: number | null;
  /** When the next one is due (ms). */
  readonly next: number;
  /** Who does it now; null: nobody. */
  readonly owner: string | null;
}

const SQL = {
  lease: 'SELECT last, next, owner FROM housekeeping',
  claim: 'UPDATE housekeeping SET next = ?, owner = ? WHERE next <= ?',
  take: 'UPDATE housekeeping SET next = ?, owner = ?',
  renew: 'UPDATE housekeeping SET next = ? WHERE owner = ?',
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

  lease(): LeaseRow {
    return this.#sql('lease').get() as LeaseRow;
  }

  /** Takes the lease if it is due; until `next` nobody else will. */
  claim(owner: string, now: number, next: number): boolean {
    return this.#sql('claim').run(next, owner, now).changes === 1;
  }

  /** Takes the lease, due or not; until `next` nobody else will who does not need it. */
  take(owner: string, next: number): void {
    this.#sql('take').run(next, owner);
  }

  /** Has the lease until `next`, if it is still the owner's; answers whether it is. */
  renew(owner: string, next: number): boolean {
    return this.#sql('renew').run(next, owner).changes === 1;
  }

  /** Gives the lease back, if it is still the owner's. `last` of null: the round is not finished. */
  release(owner: string, last: number | null, next: number): void {
    this.#sql('release').run(last, next, owner);
  }
}
