import type { Statement, Store } from '../../store/store.ts';
import { type BatchRow, batchValues, type NewBatchRow } from '../rows.ts';

/** A row as the file has it, of whatever types. */
export type RawRow = Readonly<Record<string, unknown>>;

/** A table as the schema of this version makes it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/** A partition, or what was salvaged of it. */
export interface SalvagedPartition {
  readonly id: number;
  readonly topic: number;
  readonly name: string;
  readonly number: number;
  readonly logStart: number;
  readonly nextOffset: number;
  readonly compactedTo: number;
}

const BATCH = `seq, partition, base, last, base_timestamp AS baseTimestamp, max_timestamp AS maxTimestamp,
  running_max AS runningMax, records, bytes, producer_id AS producerId, attributes, data`;

const SQL = {
  tables:
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'batch' ORDER BY name",
  columns: 'SELECT name, pk FROM pragma_table_info(?) ORDER BY pk, cid',
  batch: `SELECT ${BATCH} FROM batch WHERE seq >= ? ORDER BY seq LIMIT 1`,
  lastSeq: 'SELECT seq FROM batch ORDER BY seq DESC LIMIT 1',
  sequences: 'SELECT name, seq FROM sqlite_sequence',
  raiseSequence: 'UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?',
  addSequence: 'INSERT INTO sqlite_sequence (seq, name) SELECT ?, ? WHERE changes() = 0',
  known: 'SELECT 1 AS yes FROM batch WHERE partition = ? AND base >= ? AND base < ? LIMIT 1',
  partitions: `SELECT p.id, p.topic, t.name, p.number, p.log_start AS logStart, p.next_offset AS nextOffset, p.compacted_to AS compactedTo
    FROM partition p JOIN topic t ON t.id = p.topic ORDER BY t.name, p.number`,
  add: `INSERT INTO batch (seq, partition, base, last, base_timestamp, max_timestamp, running_max, records, bytes, producer_id,
    attributes, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  addTopic: 'INSERT INTO topic (uuid, name, created) VALUES (randomblob(16), ?, 0) RETURNING id',
  addLostTopic: 'INSERT INTO topic (id, uuid, name, created) VALUES (?, randomblob(16), ?, 0)',
  addPartition: 'INSERT INTO partition (id, topic, number) VALUES (?, ?, ?)',
  startAt: 'UPDATE partition SET log_start = ? WHERE id = ?',
  hasTopic: 'SELECT 1 AS yes FROM topic WHERE name = ?',
  lostTopics: 'SELECT DISTINCT topic AS id FROM partition WHERE topic NOT IN (SELECT id FROM topic)',
  lostPartitions: 'SELECT DISTINCT partition AS id FROM batch WHERE partition NOT IN (SELECT id FROM partition)',
  emptyTopics: 'DELETE FROM topic WHERE id NOT IN (SELECT topic FROM partition)',
  strayConfigs: 'DELETE FROM topic_config WHERE topic NOT IN (SELECT id FROM topic)',
  strayOngoing: 'DELETE FROM ongoing_txn WHERE partition NOT IN (SELECT id FROM partition)',
  strayAborted: 'DELETE FROM aborted_txn WHERE partition NOT IN (SELECT id FROM partition)',
  strayOffsets: `DELETE FROM committed_offset WHERE grp NOT IN (SELECT id FROM consumer_group)
    OR partition NOT IN (SELECT id FROM partition)`,
  strayDepartures: 'DELETE FROM departure WHERE grp NOT IN (SELECT id FROM consumer_group)',
  clearMembers: 'DELETE FROM member',
  clearIds: 'DELETE FROM pending_member',
  clearAssignments: 'DELETE FROM assignment',
  emptyGroups: `UPDATE consumer_group SET empty_since = coalesce(empty_since, created), protocol = NULL, leader = NULL,
    phase = NULL, due = NULL`,
  clearOngoing: 'DELETE FROM ongoing_txn',
  clearAborted: 'DELETE FROM aborted_txn',
  ongoing: 'SELECT partition, producer_id AS producerId FROM ongoing_txn ORDER BY partition, producer_id',
  clearAdded: 'DELETE FROM txn_partition',
  clearPending: 'DELETE FROM txn_offset',
  clearProducers: 'DELETE FROM producer_state',
  clearProcesses: 'DELETE FROM txn WHERE process IS NOT NULL OR timeout IS NULL',
  endTransactions: `UPDATE txn SET state = 'CompleteAbort', started = NULL, epoch = min(epoch + 1, 32767), previous_producer_id = -1,
    previous_epoch = -1 WHERE state NOT IN ('Empty', 'CompleteCommit', 'CompleteAbort') OR started IS NOT NULL`,
  countProducers: `INSERT OR REPLACE INTO producer_counter (id, next) SELECT 1, max(
    coalesce((SELECT max(next) FROM producer_counter), 0), coalesce((SELECT max(producer_id) + 1 FROM txn), 0),
    coalesce((SELECT max(producer_id) + 1 FROM batch), 0))`,
  sums: 'SELECT coalesce(sum(records), 0) AS records, coalesce(sum(bytes), 0) AS bytes FROM batch WHERE partition = ?',
  finish: `UPDATE partition SET log_start = ?, next_offset = ?, compacted_to = ?, records = ?, bytes = ?, max_timestamp = ? WHERE id = ?`,
} as const;

/** The questions of a salvage to a damaged file, and what it writes into a new one. Inside the caller's transaction. */
export class SalvageRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof SQL): Statement {
    return this.#store.prepare(SQL[name]);
  }

  /** All tables but `batch`. */
  tables(): Table[] {
    return (this.#sql('tables').all() as { name: string }[]).map(({ name }) => {
      const columns = this.#sql('columns').all(name) as { name: string; pk: number }[];
      return {
        name,
        columns: columns.map((column) => column.name),
        key: columns.filter(({ pk }) => pk > 0).map((column) => column.name),
      };
    });
  }

  /** Hands over one row after the other until the file cannot be read any further; throws then. */
  walk({ name, columns, key }: Table, direction: 'ASC' | 'DESC', each: (row: RawRow) => void): void {
    const order = key.map((column) => `${quote(column)} ${direction}`).join(', ');
    const rows = this.#store.prepare(`SELECT ${columns.map(quote).join(', ')} FROM ${quote(name)} ORDER BY ${order}`);
    for (const row of rows.iterate()) each(row as RawRow);
  }

  /** Adds a row, in place of one with the same key. False when the schema refuses it. */
  put({ name, columns }: Table, row: RawRow): boolean {
    const places = columns.map(() => '?').join(', ');
    const insert = `INSERT OR REPLACE INTO ${quote(name)} (${columns.map(quote).join(', ')}) VALUES (${places})`;
    try {
      this.#store.prepare(insert).run(...columns.map((column) => row[column]));
      return true;
    } catch (error) {
      if (/^SQLITE_(CONSTRAINT|MISMATCH)/.test(String((error as { code?: unknown }).code))) return false;
      throw error;
    }
  }

  /** The first batch with this number or a higher one, without the help of an index. */
  batchFrom(seq: number): (BatchRow & { readonly data: unknown }) | undefined {
    return this.#sql('batch').get(seq) as (BatchRow & { readonly data: unknown }) | undefined;
  }

  lastSeq(): number {
    return (this.#sql('lastSeq').get() as { seq: number } | undefined)?.seq ?? 0;
  }

  sequences(): { name: string; seq: number }[] {
    return this.#sql('sequences').all() as { name: string; seq: number }[];
  }

  raiseSequence(name: string, seq: number): void {
    this.#sql('raiseSequence').run(seq, name);
    this.#sql('addSequence').run(seq, name);
  }

  /** Whether the index knows of a batch whose base is in [from, until). */
  knowsBatch(partition: number, from: number, until: number): boolean {
    return this.#sql('known').get(partition, from, until) !== undefined;
  }

  partitions(): SalvagedPartition[] {
    return this.#sql('partitions').all() as SalvagedPartition[];
  }

  add(seq: number, row: NewBatchRow): void {
    this.#sql('add').run(seq, ...batchValues(row));
  }

  hasTopic(name: string): boolean {
    return this.#sql('hasTopic').get(name) !== undefined;
  }

  addTopic(name: string): number {
    return (this.#sql('addTopic').get(name) as { id: number }).id;
  }

  addLostTopic(id: number, name: string): void {
    this.#sql('addLostTopic').run(id, name);
  }

  /** With an `id`, or the next one. */
  addPartition(id: number | null, topic: number, number: number): void {
    this.#sql('addPartition').run(id, topic, number);
  }

  startAt(partition: number, logStart: number): void {
    this.#sql('startAt').run(logStart, partition);
  }

  /** Topics that have partitions, but no row. */
  lostTopics(): number[] {
    return ids(this.#sql('lostTopics').all());
  }

  /** Partitions that have batches, but no row. */
  lostPartitions(): number[] {
    return ids(this.#sql('lostPartitions').all());
  }

  /** Rows that belong to nothing that is there. */
  removeStrays(): void {
    const strays = ['strayConfigs', 'strayOngoing', 'strayAborted', 'strayOffsets', 'strayDepartures'] as const;
    for (const name of ['emptyTopics', ...strays] as const) this.#sql(name).run();
  }

  /** Members are at work on the file that they opened: in a copy groups have their offsets, and nobody. */
  clearMembers(): void {
    for (const name of ['clearMembers', 'clearIds', 'clearAssignments', 'emptyGroups'] as const) this.#sql(name).run();
  }

  clearTransactions(): void {
    for (const name of ['clearOngoing', 'clearAborted'] as const) this.#sql(name).run();
  }

  /** Transactions without a marker. */
  ongoing(): { readonly partition: number; readonly producerId: number }[] {
    return this.#sql('ongoing').all() as { partition: number; producerId: number }[];
  }

  /**
   * Producers are at work on the file that they opened: in a copy none goes on, and no transaction is open. Producer ids that were
   * given are not given again.
   */
  clearProducers(): void {
    const work = ['clearAdded', 'clearPending', 'clearProducers', 'clearProcesses', 'endTransactions'] as const;
    for (const name of [...work, 'countProducers'] as const) this.#sql(name).run();
  }

  sums(partition: number): { records: number; bytes: number } {
    return this.#sql('sums').get(partition) as { records: number; bytes: number };
  }

  finish(
    id: number,
    row: {
      logStart: number;
      nextOffset: number;
      compactedTo: number;
      records: number;
      bytes: number;
      maxTimestamp: number;
    },
  ): void {
    this.#sql('finish').run(
      row.logStart,
      row.nextOffset,
      row.compactedTo,
      row.records,
      row.bytes,
      row.maxTimestamp,
      id,
    );
  }
}

function ids(rows: unknown[]): number[] {
  return (rows as { id: number }[]).map(({ id }) => id);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
