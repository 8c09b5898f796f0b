import type { Statement, Store } from '../../store/store.ts';
import type { TopicPartition } from '../../types.ts';

/** A partition by name, and the offsets that it has. */
export interface PlacedPartition extends TopicPartition {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** What is known of a batch without opening it; times in ms. */
export interface BatchGlance {
  readonly base: number;
  readonly last: number;
  readonly records: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
}

const PLACED = `SELECT p.id, t.name AS topic, p.number AS partition, p.log_start AS start, p.next_offset AS "end"
  FROM partition p JOIN topic t ON t.id = p.topic`;

export const VIEW_SQL = {
  partition: `${PLACED} WHERE p.id = ?`,
  partitions: PLACED,
  batch: `SELECT base, last, records, base_timestamp AS baseTimestamp, max_timestamp AS maxTimestamp FROM batch
    WHERE partition = ? AND base <= ? ORDER BY base DESC LIMIT 1`,
} as const;

/** What looking at groups asks for beside the groups themselves. Each method is one statement, inside the caller's `store.read`. */
export class ViewRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof VIEW_SQL): Statement {
    return this.#store.prepare(VIEW_SQL[name]);
  }

  partition(id: number): PlacedPartition | undefined {
    return this.#sql('partition').get(id) as PlacedPartition | undefined;
  }

  /** All there are. */
  partitions(): PlacedPartition[] {
    return this.#sql('partitions').all() as PlacedPartition[];
  }

  /** The last batch that begins at or before an offset. */
  batchAt(partition: number, offset: number): BatchGlance | undefined {
    return this.#sql('batch').get(partition, offset) as BatchGlance | undefined;
  }
}
