import type { Statement, Store } from '../store/store.ts';
import { ProducerRows } from './producers/rows.ts';

/** A partition as its row keeps it; see store/schema.ts for what each number promises. */
export interface PartitionRow {
  readonly id: number;
  readonly topic: number;
  readonly number: number;
  readonly logStart: number;
  /** = high watermark. */
  readonly nextOffset: number;
  /** The first offset of the oldest ongoing transaction, else the high watermark. */
  readonly lastStable: number;
  readonly compactedTo: number;
  readonly records: number;
  readonly bytes: number;
  readonly maxTimestamp: number;
}

/** What is known of a batch without opening it. */
export interface BatchRow {
  readonly seq: number;
  readonly partition: number;
  readonly base: number;
  readonly last: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly runningMax: number;
  readonly records: number;
  readonly bytes: number;
  readonly producerId: number;
  readonly attributes: number;
}

export type NewBatchRow = Omit<BatchRow, 'seq'> & { readonly data: Buffer };

/** What compaction changes of a batch. */
export type RewrittenRow = Omit<NewBatchRow, 'partition' | 'base' | 'last' | 'producerId'>;

export interface BatchSums {
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
}

const PARTITION = `id, topic, number, log_start AS logStart, next_offset AS nextOffset,
  max(log_start, coalesce((SELECT min(first) FROM ongoing_txn WHERE partition = partition.id), next_offset)) AS lastStable,
  compacted_to AS compactedTo, records, bytes, max_timestamp AS maxTimestamp`;
const BATCH = `seq, partition, base, last, base_timestamp AS baseTimestamp, max_timestamp AS maxTimestamp,
  running_max AS runningMax, records, bytes, producer_id AS producerId, attributes`;

/** Every statement of this room, by name. */
export const LOG_SQL = {
  partition: `SELECT ${PARTITION} FROM partition WHERE id = ?`,
  partitionsOf: `SELECT ${PARTITION} FROM partition WHERE topic = ? ORDER BY number`,
  advance: `UPDATE partition SET next_offset = ?, records = records + ?, bytes = bytes + ?, max_timestamp = ? WHERE id = ?`,
  keep: `UPDATE partition SET log_start = ?, compacted_to = ?, records = ?, bytes = ?, max_timestamp = ? WHERE id = ?`,
  insert: `INSERT INTO batch (partition, base, last, base_timestamp, max_timestamp, running_max, records, bytes, producer_id,
    attributes, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  data: 'SELECT data FROM batch WHERE seq = ?',
  floor: `SELECT ${BATCH} FROM batch WHERE partition = ? AND base <= ? ORDER BY base DESC LIMIT 1`,
  from: `SELECT ${BATCH} FROM batch WHERE partition = ? AND base >= ? AND base < ? ORDER BY base LIMIT ?`,
  below: `SELECT ${BATCH} FROM batch WHERE partition = ? AND base < ? ORDER BY base DESC LIMIT ?`,
  byTime: `SELECT ${BATCH} FROM batch WHERE partition = ? AND running_max >= ? ORDER BY running_max, seq LIMIT 1`,
  largestFrom: `SELECT ${BATCH} FROM batch WHERE partition = ? AND base >= ? AND max_timestamp >= ? ORDER BY base LIMIT 1`,
  since: 'SELECT seq, partition FROM batch NOT INDEXED WHERE seq > ? ORDER BY seq',
  lastSeq: 'SELECT coalesce(max(seq), 0) AS seq FROM batch',
  rewrite: `UPDATE batch SET base_timestamp = ?, max_timestamp = ?, running_max = ?, records = ?, bytes = ?, attributes = ?, data = ?
    WHERE seq = ?`,
  runningMax: 'UPDATE batch SET running_max = ? WHERE seq = ?',
  remove: 'DELETE FROM batch WHERE seq = ?',
  sumBetween: `SELECT count(*) AS batches, coalesce(sum(records), 0) AS records, coalesce(sum(bytes), 0) AS bytes
    FROM batch WHERE partition = ? AND base >= ? AND base < ?`,
  removeBelow: 'DELETE FROM batch WHERE partition = ? AND base < ?',
  drop: 'DELETE FROM batch WHERE partition = ?',
} as const;

/** A batch's values in the order of its columns (store/schema.ts), without the seq. */
export function batchValues(row: NewBatchRow): unknown[] {
  const { partition, base, last, baseTimestamp, maxTimestamp, runningMax, records, bytes } = row;
  const { producerId, attributes, data } = row;
  const numbers = [
    partition,
    base,
    last,
    baseTimestamp,
    maxTimestamp,
    runningMax,
    records,
    bytes,
    producerId,
    attributes,
  ];
  return [...numbers, data];
}

/**
 * The log's SQL. Each method is one statement, meant to run inside the caller's `store.read` or `store.write`; nothing here
 * decides anything.
 */
export class LogRows {
  readonly producers: ProducerRows;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.producers = new ProducerRows(store);
  }

  #sql(name: keyof typeof LOG_SQL): Statement {
    return this.#store.prepare(LOG_SQL[name]);
  }

  partition(id: number): PartitionRow | undefined {
    return this.#sql('partition').get(id) as PartitionRow | undefined;
  }

  /** A topic's partitions by their numbers. */
  partitionsOf(topic: number): PartitionRow[] {
    return this.#sql('partitionsOf').all(topic) as PartitionRow[];
  }

  /** After an append: the new end, and what came with it. */
  advance(id: number, to: { nextOffset: number; records: number; bytes: number; maxTimestamp: number }): void {
    this.#sql('advance').run(to.nextOffset, to.records, to.bytes, to.maxTimestamp, id);
  }

  /** After losing records: everything but the end. */
  keep(row: PartitionRow): void {
    this.#sql('keep').run(row.logStart, row.compactedTo, row.records, row.bytes, row.maxTimestamp, row.id);
  }

  insert(row: NewBatchRow): number {
    return Number(this.#sql('insert').run(...batchValues(row)).lastInsertRowid);
  }

  data(seq: number): Buffer | undefined {
    return (this.#sql('data').get(seq) as { data: Buffer } | undefined)?.data;
  }

  batchHolding(partition: number, offset: number): BatchRow | undefined {
    const floor = this.#sql('floor').get(partition, offset) as BatchRow | undefined;
    return floor !== undefined && floor.last >= offset ? floor : undefined;
  }

  /** The batch that holds `offset`, or the first one after it. */
  batchFrom(partition: number, offset: number): BatchRow | undefined {
    return this.batchHolding(partition, offset) ?? this.batches(partition, offset, Number.MAX_SAFE_INTEGER, 1)[0];
  }

  /** Batches whose base is in [from, until), oldest first. */
  batches(partition: number, from: number, until: number, limit: number): BatchRow[] {
    return this.#sql('from').all(partition, from, until, limit) as BatchRow[];
  }

  /** Batches whose base is below `until`, newest first. */
  batchesBelow(partition: number, until: number, limit: number): BatchRow[] {
    return this.#sql('below').all(partition, until, limit) as BatchRow[];
  }

  /** The first batch whose running maximum of timestamps reaches `timestamp`. */
  batchByTime(partition: number, timestamp: number): BatchRow | undefined {
    return this.#sql('byTime').get(partition, timestamp) as BatchRow | undefined;
  }

  /** The first batch from `base` on that itself has a timestamp of at least `timestamp`. */
  batchReaching(partition: number, base: number, timestamp: number): BatchRow | undefined {
    return this.#sql('largestFrom').get(partition, base, timestamp) as BatchRow | undefined;
  }

  /** The batches behind `seq` and their partitions. Takes as long as there are such, however large the log is. */
  since(seq: number): readonly { readonly seq: number; readonly partition: number }[] {
    return this.#sql('since').all(seq) as { seq: number; partition: number }[];
  }

  lastSeq(): number {
    return (this.#sql('lastSeq').get() as { seq: number }).seq;
  }

  /** Compaction's rewrite in place: same seq, base and last. */
  rewrite(seq: number, row: RewrittenRow): void {
    const { baseTimestamp, maxTimestamp, runningMax, records, bytes, attributes, data } = row;
    this.#sql('rewrite').run(baseTimestamp, maxTimestamp, runningMax, records, bytes, attributes, data, seq);
  }

  setRunningMax(seq: number, runningMax: number): void {
    this.#sql('runningMax').run(runningMax, seq);
  }

  remove(seq: number): void {
    this.#sql('remove').run(seq);
  }

  /** What lies in batches whose base is in [from, until). */
  sumBetween(partition: number, from: number, until: number): BatchSums {
    return this.#sql('sumBetween').get(partition, from, until) as BatchSums;
  }

  removeBelow(partition: number, base: number): void {
    this.#sql('removeBelow').run(partition, base);
  }

  /** Everything of a partition but its own row. */
  drop(partition: number): void {
    this.#sql('drop').run(partition);
    this.producers.drop(partition);
  }
}
