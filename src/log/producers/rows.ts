import type { Statement, Store } from '../../store/store.ts';
import type { KnownBatch, ProducerState } from './producer-state.ts';

/** What a partition knows of a producer, and since when it was silent (ms). */
export interface ProducerRow extends ProducerState {
  readonly producerId: number;
  readonly changed: number;
  /** Where its open transaction begins; null: it has none here. */
  readonly firstOffset: number | null;
}

export const PRODUCER_SQL = {
  state: 'SELECT epoch, batches FROM producer_state WHERE partition = ? AND producer_id = ? AND json_valid(batches)',
  put: `INSERT INTO producer_state (partition, producer_id, epoch, batches, changed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET epoch = excluded.epoch, batches = excluded.batches, changed = excluded.changed`,
  of: `SELECT s.producer_id AS producerId, s.epoch, s.batches, s.changed, o.first AS firstOffset FROM producer_state s
    LEFT JOIN ongoing_txn o ON o.partition = s.partition AND o.producer_id = s.producer_id
    WHERE s.partition = ? AND json_valid(s.batches) ORDER BY s.producer_id`,
  forget: 'DELETE FROM producer_state WHERE producer_id = ?',
  drop: 'DELETE FROM producer_state WHERE partition = ?',
  expired: `SELECT partition, producer_id AS producerId FROM producer_state s WHERE changed < ?
    AND NOT EXISTS (SELECT 1 FROM ongoing_txn o WHERE o.partition = s.partition AND o.producer_id = s.producer_id)`,
  expire: 'DELETE FROM producer_state WHERE partition = ? AND producer_id = ?',
  dropOngoing: 'DELETE FROM ongoing_txn WHERE partition = ?',
  dropAborted: 'DELETE FROM aborted_txn WHERE partition = ?',
  begin: 'INSERT INTO ongoing_txn (partition, producer_id, first) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  ongoing: 'SELECT first FROM ongoing_txn WHERE partition = ? AND producer_id = ?',
  end: 'DELETE FROM ongoing_txn WHERE partition = ? AND producer_id = ?',
  abort: 'INSERT INTO aborted_txn (partition, last, first, producer_id) VALUES (?, ?, ?, ?)',
  aborted: 'SELECT first FROM aborted_txn WHERE partition = ? AND producer_id = ? AND last >= ? ORDER BY last LIMIT 1',
  abortedAt: 'SELECT first, producer_id AS producerId FROM aborted_txn WHERE partition = ? AND last = ?',
  forgetAborted: 'DELETE FROM aborted_txn WHERE partition = ? AND last < ?',
  forgetAbort: 'DELETE FROM aborted_txn WHERE partition = ? AND last = ?',
} as const;

/** The SQL of producers and their transactions in a partition; as `LogRows`. */
export class ProducerRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof PRODUCER_SQL): Statement {
    return this.#store.prepare(PRODUCER_SQL[name]);
  }

  state(partition: number, producerId: number): ProducerState | undefined {
    const row = this.#sql('state').get(partition, producerId) as { epoch: number; batches: string } | undefined;
    return row && { epoch: row.epoch, batches: batchesOf(row.batches) };
  }

  put(partition: number, producerId: number, { epoch, batches }: ProducerState, now: number): void {
    this.#sql('put').run(partition, producerId, epoch, textOf(batches), now);
  }

  /** All that a partition knows of, by their ids. */
  of(partition: number): ProducerRow[] {
    const rows = this.#sql('of').all(partition) as (Omit<ProducerRow, 'batches'> & { batches: string })[];
    return rows.map((row) => ({ ...row, batches: batchesOf(row.batches) }));
  }

  /** A producer that will not come again. */
  forget(producerId: number): void {
    this.#sql('forget').run(producerId);
  }

  /** A partition that goes. */
  drop(partition: number): void {
    for (const name of ['drop', 'dropOngoing', 'dropAborted'] as const) this.#sql(name).run(partition);
  }

  /** Those without an open transaction that have been silent since before `until` (ms). Looks at all of them. */
  expired(until: number): { readonly partition: number; readonly producerId: number }[] {
    return this.#sql('expired').all(until) as { partition: number; producerId: number }[];
  }

  expire(partition: number, producerId: number): void {
    this.#sql('expire').run(partition, producerId);
  }

  beginTransaction(partition: number, producerId: number, first: number): void {
    this.#sql('begin').run(partition, producerId, first);
  }

  ongoingTransaction(partition: number, producerId: number): number | undefined {
    return (this.#sql('ongoing').get(partition, producerId) as { first: number } | undefined)?.first;
  }

  endTransaction(partition: number, producerId: number): void {
    this.#sql('end').run(partition, producerId);
  }

  addAborted(partition: number, aborted: { first: number; last: number; producerId: number }): void {
    this.#sql('abort').run(partition, aborted.last, aborted.first, aborted.producerId);
  }

  /** Whether a batch at `offset`, of a transaction, was aborted. */
  isAborted(partition: number, offset: number, producerId: number): boolean {
    return this.abortedFrom(partition, offset, producerId) !== undefined;
  }

  /**
   * Where the aborted transaction begins that holds this offset. A producer's transactions don't overlap, so only the first that
   * ends behind the offset can be the one.
   */
  abortedFrom(partition: number, offset: number, producerId: number): number | undefined {
    const next = this.#sql('aborted').get(partition, producerId, offset) as { first: number } | undefined;
    return next !== undefined && next.first <= offset ? next.first : undefined;
  }

  /** The aborted transaction that ended with the marker at this offset. */
  abortedAt(partition: number, marker: number): { readonly first: number; readonly producerId: number } | undefined {
    return this.#sql('abortedAt').get(partition, marker) as { first: number; producerId: number } | undefined;
  }

  /** Aborted transactions that ended before `offset` concern nobody any more. */
  forgetAborted(partition: number, offset: number): void {
    this.#sql('forgetAborted').run(partition, offset);
  }

  /** The aborted transaction that ended at `marker` has no record left. */
  forgetAbort(partition: number, marker: number): void {
    this.#sql('forgetAbort').run(partition, marker);
  }
}

/** Small and fast to make: it is written with every batch of a producer. */
function textOf(batches: readonly KnownBatch[]): string {
  return JSON.stringify(batches.map((b) => [b.firstSequence, b.lastSequence, b.baseOffset, b.appendTime]));
}

function batchesOf(text: string): KnownBatch[] {
  return (JSON.parse(text) as [number, number, number, number][]).map(
    ([firstSequence, lastSequence, baseOffset, appendTime]) => ({
      firstSequence,
      lastSequence,
      baseOffset,
      appendTime,
    }),
  );
}
