import type { Statement, Store } from '../../store/store.ts';

/** What a group has committed in a partition (its id). */
export interface Offset {
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** ms */
  readonly committed: number;
}

/** What is read of a row. */
export const OFFSET_COLUMNS = 'partition, "offset", leader_epoch AS leaderEpoch, metadata, committed';

export const OFFSET_SQL = {
  hasPartition: 'SELECT 1 AS yes FROM partition WHERE id = ?',
  put: `INSERT INTO committed_offset (grp, partition, "offset", leader_epoch, metadata, committed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET "offset" = excluded."offset", leader_epoch = excluded.leader_epoch,
    metadata = excluded.metadata, committed = excluded.committed`,
  list: `SELECT ${OFFSET_COLUMNS} FROM committed_offset WHERE grp = ? ORDER BY partition`,
  forgetPartition: 'DELETE FROM committed_offset WHERE partition = ?',
} as const;

/** The SQL of committed offsets. As `GroupRows`. */
export class OffsetRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof OFFSET_SQL): Statement {
    return this.#store.prepare(OFFSET_SQL[name]);
  }

  hasPartition(id: number): boolean {
    return this.#sql('hasPartition').get(id) !== undefined;
  }

  put(grp: number, { partition, offset, leaderEpoch, metadata, committed }: Offset): void {
    this.#sql('put').run(grp, partition, offset, leaderEpoch, metadata, committed);
  }

  /** By partition. */
  list(grp: number): Offset[] {
    return this.#sql('list').all(grp) as Offset[];
  }

  forgetPartition(id: number): void {
    this.#sql('forgetPartition').run(id);
  }
}
