import type { Statement, Store } from '../../store/store.ts';
import type { TopicPartition } from '../../types.ts';

/** What a group has committed in a partition (its id). */
export interface Offset {
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** ms */
  readonly committed: number;
}

/** With the partition's name. */
export interface PlacedOffset extends Omit<Offset, 'partition'>, TopicPartition {
  readonly id: number;
}

/** What is read of a row. */
export const OFFSET_COLUMNS = 'partition, "offset", leader_epoch AS leaderEpoch, metadata, committed';

export const OFFSET_SQL = {
  hasPartition: 'SELECT 1 AS yes FROM partition WHERE id = ?',
  put: `INSERT INTO committed_offset (grp, partition, "offset", leader_epoch, metadata, committed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET "offset" = excluded."offset", leader_epoch = excluded.leader_epoch,
    metadata = excluded.metadata, committed = excluded.committed`,
  list: `SELECT ${OFFSET_COLUMNS} FROM committed_offset WHERE grp = ? ORDER BY partition`,
  placed: `SELECT o.partition AS id, t.name AS topic, p.number AS partition, o."offset", o.leader_epoch AS leaderEpoch, o.metadata,
    o.committed FROM committed_offset o CROSS JOIN partition p ON p.id = o.partition CROSS JOIN topic t ON t.id = p.topic
    WHERE o.grp = ? ORDER BY t.name, p.number`,
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

  /** By topic and number. */
  placed(grp: number): PlacedOffset[] {
    return this.#sql('placed').all(grp) as PlacedOffset[];
  }

  forgetPartition(id: number): void {
    this.#sql('forgetPartition').run(id);
  }
}
