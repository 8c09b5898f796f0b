import type { MemberRef } from '../group/groups.ts';
import type { Committing } from '../group/offsets/commit-offsets.ts';
import type { Statement, Store } from '../store/store.ts';
import type { ProcessId, TopicPartition } from '../types.ts';
import type { Transaction } from './transaction.ts';

/** A transactional id as its row keeps it. */
export interface TransactionRow extends Transaction {
  readonly id: number;
  /** The group member on whose behalf it works, if it has said so. */
  readonly grp: number | null;
  readonly group: string | null;
  readonly member: string | null;
  /** Whether that member is one still; true where there is none. */
  readonly isMember: boolean;
}

/** A partition of a transaction. Offsets. */
export interface TransactionPartition extends TopicPartition {
  readonly id: number;
  /** Where the transaction begins in it; null: it has not written into it yet. */
  readonly first: number | null;
  /** The least of such beginnings, of all open transactions; the high watermark where there is none. */
  readonly lastStable: number;
  readonly highWatermark: number;
}

/** An offset that waits for the end of its transaction. */
export interface PendingOffset extends TopicPartition {
  readonly id: number;
  readonly group: string;
  readonly offset: number;
}

interface StoredRow {
  readonly id: number;
  readonly transactionalId: string;
  readonly producerId: number;
  readonly epoch: number;
  readonly previousProducerId: number;
  readonly previousEpoch: number;
  readonly state: Transaction['state'];
  readonly timeout: number | null;
  readonly started: number | null;
  readonly changed: number;
  readonly process: string | null;
  readonly grp: number | null;
  readonly group: string | null;
  readonly member: string | null;
  readonly isMember: number;
}

const TXN = `t.id, t.name AS transactionalId, t.producer_id AS producerId, t.epoch, t.previous_producer_id AS previousProducerId,
  t.previous_epoch AS previousEpoch, t.state, t.timeout, t.started, t.changed, t.process, t.grp,
  (SELECT name FROM consumer_group g WHERE g.id = t.grp) AS "group", t.member, t.member IS NULL
    OR EXISTS (SELECT 1 FROM member m WHERE m.grp = t.grp AND m.id = t.member AND m.away IS NULL) AS isMember`;
const PLACE = 'p.id, c.name AS topic, p.number AS partition';

export const TXN_SQL = {
  nextProducerId: 'UPDATE producer_counter SET next = next + 1 WHERE id = 1 RETURNING next - 1 AS id',
  named: `SELECT ${TXN} FROM txn t WHERE t.name = ?`,
  ofProducer: `SELECT ${TXN} FROM txn t WHERE t.producer_id = ?`,
  admitted: `SELECT 1 AS yes FROM txn t WHERE t.producer_id = ? AND t.epoch = ? AND t.state = 'Ongoing' AND t.changed > ?
    AND EXISTS (SELECT 1 FROM txn_partition p WHERE p.txn = t.id AND p.partition = ?)`,
  add: `INSERT INTO txn (name, producer_id, epoch, previous_producer_id, previous_epoch, state, timeout, started, changed, process)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  keep: `UPDATE txn SET producer_id = ?, epoch = ?, previous_producer_id = ?, previous_epoch = ?, state = ?, timeout = ?, started = ?,
    changed = ?, process = ? WHERE id = ?`,
  workFor: 'UPDATE txn SET grp = (SELECT id FROM consumer_group WHERE name = :group), member = :member WHERE id = :id',
  remove: 'DELETE FROM txn WHERE id = ?',
  isAdded: 'SELECT 1 AS yes FROM txn_partition WHERE txn = ? AND partition = ?',
  addPartition: 'INSERT INTO txn_partition (txn, partition) VALUES (?, ?) ON CONFLICT DO NOTHING',
  partitions: 'SELECT partition FROM txn_partition WHERE txn = ? ORDER BY partition',
  removePartitions: 'DELETE FROM txn_partition WHERE txn = ?',
  pend: 'INSERT OR REPLACE INTO txn_offset (txn, grp, partition, "offset", leader_epoch, metadata) VALUES (?, ?, ?, ?, ?, ?)',
  pending: `SELECT grp, partition AS id, "offset", leader_epoch AS leaderEpoch, metadata FROM txn_offset WHERE txn = ?
    ORDER BY grp, partition`,
  hasPending: `SELECT 1 AS yes FROM txn_offset o JOIN consumer_group g ON g.id = o.grp WHERE g.name = ? AND o.partition = ? LIMIT 1`,
  removePending: 'DELETE FROM txn_offset WHERE txn = ?',
  forgetAdded: 'DELETE FROM txn_partition WHERE partition = ?',
  forgetPending: 'DELETE FROM txn_offset WHERE partition = ?',
  place: 'SELECT c.name AS topic, p.number AS partition FROM partition p JOIN topic c ON c.id = p.topic WHERE p.id = ?',
  names: 'SELECT name FROM txn ORDER BY name',
  all: `SELECT ${TXN} FROM txn t ORDER BY t.name`,
  watched: `SELECT ${TXN} FROM txn t WHERE t.process IS NOT NULL OR t.state = 'Ongoing' OR t.changed < :expired OR t.changed > :now`,
  placed: `SELECT ${PLACE}, o.first, p.next_offset AS highWatermark,
      coalesce((SELECT min(first) FROM ongoing_txn WHERE partition = p.id), p.next_offset) AS lastStable
    FROM txn_partition a JOIN partition p ON p.id = a.partition JOIN topic c ON c.id = p.topic
    LEFT JOIN ongoing_txn o ON o.partition = a.partition AND o.producer_id = ? WHERE a.txn = ? ORDER BY c.name, p.number`,
  placedPending: `SELECT ${PLACE}, g.name AS "group", o."offset" FROM txn_offset o JOIN partition p ON p.id = o.partition
    JOIN topic c ON c.id = p.topic JOIN consumer_group g ON g.id = o.grp WHERE o.txn = ? ORDER BY g.name, c.name, p.number`,
} as const;

/** The SQL of transactions. Each method is one statement or two, inside the caller's transaction; nothing here decides anything. */
export class TransactionRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof TXN_SQL): Statement {
    return this.#store.prepare(TXN_SQL[name]);
  }

  /** One that was never given before. */
  nextProducerId(): number {
    return (this.#sql('nextProducerId').get() as { id: number }).id;
  }

  named(transactionalId: string): TransactionRow | undefined {
    return rowOf(this.#sql('named').get(transactionalId));
  }

  ofProducer(producerId: number): TransactionRow | undefined {
    return rowOf(this.#sql('ofProducer').get(producerId));
  }

  /** Whether this is an ongoing transaction that has the partition, and was changed after `since` (ms). */
  isAdmitted(producerId: number, epoch: number, partition: number, since: number): boolean {
    return this.#sql('admitted').get(producerId, epoch, since, partition) !== undefined;
  }

  add(row: Transaction): TransactionRow {
    const { transactionalId, producerId, epoch, previous, state, timeout, started, changed, process } = row;
    const last = [previous?.producerId ?? -1, previous?.epoch ?? -1];
    const values = [producerId, epoch, ...last, state, timeout, started, changed, processText(process)];
    this.#sql('add').run(transactionalId, ...values);
    return this.named(transactionalId) as TransactionRow;
  }

  keep(row: Omit<TransactionRow, 'group' | 'isMember'>): void {
    const { id, producerId, epoch, previous, state, timeout, started, changed, process } = row;
    const last = [previous?.producerId ?? -1, previous?.epoch ?? -1];
    this.#sql('keep').run(producerId, epoch, ...last, state, timeout, started, changed, processText(process), id);
  }

  /** The group member on whose behalf it works; null: none. */
  workFor(id: number, ref: MemberRef | null): void {
    this.#sql('workFor').run({ id, group: ref?.group ?? null, member: ref?.memberId ?? null });
  }

  /** With its partitions and offsets. */
  remove(id: number): void {
    for (const name of ['removePartitions', 'removePending', 'remove'] as const) this.#sql(name).run(id);
  }

  isAdded(id: number, partition: number): boolean {
    return this.#sql('isAdded').get(id, partition) !== undefined;
  }

  addPartition(id: number, partition: number): void {
    this.#sql('addPartition').run(id, partition);
  }

  partitions(id: number): number[] {
    return (this.#sql('partitions').all(id) as { partition: number }[]).map(({ partition }) => partition);
  }

  /** What an ended transaction has no use for. */
  clear(id: number): void {
    for (const name of ['removePartitions', 'removePending'] as const) this.#sql(name).run(id);
  }

  pend(id: number, grp: number, { id: partition, offset, leaderEpoch = -1, metadata = '' }: Committing): void {
    this.#sql('pend').run(id, grp, partition, offset, leaderEpoch, metadata);
  }

  pending(id: number): (Committing & { readonly grp: number })[] {
    return this.#sql('pending').all(id) as (Committing & { grp: number })[];
  }

  hasPending(group: string, partition: number): boolean {
    return this.#sql('hasPending').get(group, partition) !== undefined;
  }

  /** A partition went with its topic. */
  forgetPartition(partition: number): void {
    for (const name of ['forgetAdded', 'forgetPending'] as const) this.#sql(name).run(partition);
  }

  place(partition: number): TopicPartition | undefined {
    return this.#sql('place').get(partition) as TopicPartition | undefined;
  }

  names(): string[] {
    return (this.#sql('names').all() as { name: string }[]).map(({ name }) => name);
  }

  /** By name. */
  all(): TransactionRow[] {
    return this.#sql('all').all().map(rowOf) as TransactionRow[];
  }

  /** Those of processes, those with an open transaction, those untouched since before `expired` (ms) or touched after `now`. */
  watched(expired: number, now: number): TransactionRow[] {
    return this.#sql('watched').all({ expired, now }).map(rowOf) as TransactionRow[];
  }

  /** Its partitions, by topic and number. */
  placed({ id, producerId }: TransactionRow): TransactionPartition[] {
    return this.#sql('placed').all(producerId, id) as TransactionPartition[];
  }

  placedPending(id: number): PendingOffset[] {
    return this.#sql('placedPending').all(id) as PendingOffset[];
  }
}

function processText(process: ProcessId | null): string | null {
  return process === null ? null : JSON.stringify(process);
}

function rowOf(stored: unknown): TransactionRow | undefined {
  if (stored === undefined) return undefined;
  const { previousProducerId: producerId, previousEpoch: epoch, process, isMember, ...row } = stored as StoredRow;
  return {
    ...row,
    previous: producerId < 0 ? null : { producerId, epoch },
    process: process === null ? null : (JSON.parse(process) as ProcessId),
    isMember: isMember === 1,
  };
}
