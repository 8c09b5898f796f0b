import type { Statement, Store } from '../../store/store.ts';

export const SESSION_SQL = {
  allOverdue: `SELECT name FROM consumer_group WHERE due <= :now
    OR id IN (SELECT grp FROM member WHERE rebalance_timeout IS NOT NULL AND (:now - heard > session_timeout OR :now > due))
    OR id IN (SELECT grp FROM pending_member WHERE :now - heard > session_timeout) ORDER BY name`,
  allHeard: `UPDATE member SET heard = :now, due = max(due, :now + rebalance_timeout) WHERE rebalance_timeout IS NOT NULL`,
  allComing: 'UPDATE pending_member SET heard = :now',
  allAwaited: `UPDATE consumer_group SET due = max(due, :now + ifnull((SELECT max(m.rebalance_timeout) FROM member m WHERE m.grp = consumer_group.id), 0))
    WHERE due IS NOT NULL`,
} as const;

/** The SQL of sessions behind sockets, whatever their groups. Inside the caller's `store.read` or `store.write`. */
export class SessionRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof SESSION_SQL): Statement {
    return this.#store.prepare(SESSION_SQL[name]);
  }

  /** Groups (their names) in which somebody's time is over. */
  overdue(now: number): string[] {
    return (this.#sql('allOverdue').all({ now }) as { name: string }[]).map(({ name }) => name);
  }

  /** Every member behind a socket was heard of now, and has all its time for what is wanted of it. */
  excuse(now: number): void {
    for (const name of ['allHeard', 'allComing', 'allAwaited'] as const) this.#sql(name).run({ now });
  }
}
