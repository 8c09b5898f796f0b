import type { Statement, Store } from '../../store/store.ts';
import type { BatchRow } from '../rows.ts';

/** A partition and the name of its topic; null when there is no such topic. */
export interface NamedPartition {
  readonly id: number;
  readonly topic: string | null;
  readonly number: number;
  readonly bytes: number;
}

/** A row that belongs to nothing, or contradicts another one. */
export interface Stray {
  readonly topic: string | null;
  readonly partition: number | null;
  /** Null where a name that belongs into the sentence is. */
  readonly what: string | null;
}

const BATCH = `seq, partition, base, last, base_timestamp AS baseTimestamp, max_timestamp AS maxTimestamp,
  running_max AS runningMax, records, bytes, producer_id AS producerId, attributes`;

const SQL = {
  partitions: `SELECT p.id, t.name AS topic, p.number, p.bytes FROM partition p LEFT JOIN topic t ON t.id = p.topic
    ORDER BY t.name, p.number`,
  places: 'SELECT seq, base FROM batch WHERE partition = ? AND base >= ? ORDER BY base LIMIT ?',
  stored: `SELECT ${BATCH}, data FROM batch WHERE seq = ?`,
  ongoing: 'SELECT producer_id AS producerId, first FROM ongoing_txn WHERE partition = ?',
} as const;

/** Each row of an answer is a problem; `what` is the sentence. */
const STRAYS = [
  `SELECT NULL AS topic, NULL AS partition, count(*) || ' batches belong to partition ' || partition || ', which does not exist' AS what
    FROM batch WHERE partition NOT IN (SELECT id FROM partition) GROUP BY partition`,
  `SELECT NULL AS topic, number AS partition, 'partition ' || number || ' belongs to topic ' || topic || ', which does not exist' AS what
    FROM partition WHERE topic NOT IN (SELECT id FROM topic)`,
  `SELECT name AS topic, NULL AS partition, 'topic ' || name || ' has no partition' AS what
    FROM topic WHERE id NOT IN (SELECT topic FROM partition)`,
  `SELECT t.name AS topic, max(p.number) AS partition,
      'topic ' || t.name || ' has ' || count(*) || ' partitions, numbered ' || min(p.number) || ' to ' || max(p.number) AS what
    FROM partition p JOIN topic t ON t.id = p.topic GROUP BY t.id HAVING min(p.number) <> 0 OR max(p.number) <> count(*) - 1`,
  `SELECT NULL AS topic, NULL AS partition, 'configs belong to topic ' || topic || ', which does not exist' AS what
    FROM topic_config WHERE topic NOT IN (SELECT id FROM topic) GROUP BY topic`,
  `SELECT NULL AS topic, NULL AS partition, 'transactions belong to partition ' || partition || ', which does not exist' AS what
    FROM (SELECT partition FROM ongoing_txn UNION SELECT partition FROM aborted_txn) WHERE partition NOT IN (SELECT id FROM partition)`,
  `SELECT t.name AS topic, p.number AS partition, t.name || ' ' || p.number || ': a transaction of producer ' || o.producer_id
      || ' begins at ' || o.first || ', beyond the end at ' || p.next_offset AS what
    FROM ongoing_txn o JOIN partition p ON p.id = o.partition JOIN topic t ON t.id = p.topic WHERE o.first >= p.next_offset`,
  `SELECT t.name AS topic, p.number AS partition, t.name || ' ' || p.number || ': a transaction of producer ' || a.producer_id
      || ' is said to be aborted at ' || a.last || ', where no marker of it is' AS what
    FROM aborted_txn a JOIN batch b ON b.partition = a.partition AND b.base = a.last
    JOIN partition p ON p.id = a.partition JOIN topic t ON t.id = p.topic
    WHERE b.producer_id <> a.producer_id OR b.attributes & 32 = 0 OR a.first > a.last`,
  `SELECT NULL AS topic, NULL AS partition, 'producers are known to partition ' || partition || ', which does not exist' AS what
    FROM producer_state WHERE partition NOT IN (SELECT id FROM partition) GROUP BY partition`,
  `SELECT t.name AS topic, p.number AS partition, t.name || ' ' || p.number || ': what is said of producer ' || s.producer_id
      || ' makes no sense' AS what
    FROM producer_state s JOIN partition p ON p.id = s.partition JOIN topic t ON t.id = p.topic
    WHERE s.epoch NOT BETWEEN 0 AND 32767 OR CASE WHEN json_valid(s.batches) THEN json_array_length(s.batches) > 5
      OR EXISTS (SELECT 1 FROM json_each(s.batches) b WHERE json_array_length(b.value) <> 4) ELSE true END`,
  `SELECT NULL AS topic, NULL AS partition, 'batch ' || max(seq) || ' is newer than the last number given out, '
      || coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batch'), 0) AS what
    FROM batch HAVING max(seq) > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batch'), 0)`,
] as const;

/** The questions that only a check has. Reads only, inside the caller's `store.read`. */
export class CheckRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The questions about rows that belong to nothing, to be asked one by one. */
  get strays(): readonly (() => Stray[])[] {
    return STRAYS.map((sql) => () => this.#store.prepare(sql).all() as Stray[]);
  }

  partitions(): NamedPartition[] {
    return this.#sql('partitions').all() as NamedPartition[];
  }

  /** Where batches are, from the index alone. */
  places(partition: number, from: number, limit: number): { seq: number; base: number }[] {
    return this.#sql('places').all(partition, from, limit) as { seq: number; base: number }[];
  }

  /** A batch's row with its bytes. */
  stored(seq: number): (BatchRow & { readonly data: unknown }) | undefined {
    return this.#sql('stored').get(seq) as (BatchRow & { readonly data: unknown }) | undefined;
  }

  /** Transactions that are said to be open. */
  ongoing(partition: number): { readonly producerId: number; readonly first: number }[] {
    return this.#sql('ongoing').all(partition) as { producerId: number; first: number }[];
  }

  #sql(name: keyof typeof SQL): Statement {
    return this.#store.prepare(SQL[name]);
  }
}
