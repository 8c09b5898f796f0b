import type { Statement, Store } from '../../store/store.ts';
import type { PendingMember } from './classic-group.ts';

export const PENDING_SQL = {
  list: 'SELECT id, session_timeout AS sessionTimeout, heard FROM pending_member WHERE grp = ? ORDER BY id',
  put: 'INSERT OR REPLACE INTO pending_member (grp, id, session_timeout, heard) VALUES (?, ?, ?, ?)',
  remove: 'DELETE FROM pending_member WHERE grp = ? AND id = ?',
  clear: 'DELETE FROM pending_member WHERE grp = ?',
  rewind: 'UPDATE pending_member SET heard = :now WHERE grp = :grp AND heard > :now',
  anyOverdue: 'SELECT 1 AS yes FROM pending_member WHERE grp = :grp AND :now - heard > session_timeout LIMIT 1',
} as const;

/** The SQL of ids that were given out. As `GroupRows`. */
export class PendingRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof PENDING_SQL): Statement {
    return this.#store.prepare(PENDING_SQL[name]);
  }

  list(grp: number): PendingMember[] {
    return this.#sql('list').all(grp) as PendingMember[];
  }

  put(grp: number, { id, sessionTimeout, heard }: PendingMember): void {
    this.#sql('put').run(grp, id, sessionTimeout, heard);
  }

  remove(grp: number, id: string): void {
    this.#sql('remove').run(grp, id);
  }

  clear(grp: number): void {
    this.#sql('clear').run(grp);
  }

  /** As `MemberRows.rewind`. */
  rewind(grp: number, now: number): void {
    this.#sql('rewind').run({ grp, now });
  }

  anyOverdue(grp: number, now: number): boolean {
    return this.#sql('anyOverdue').get({ grp, now }) !== undefined;
  }
}
