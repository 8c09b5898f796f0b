/**
 * Transactions: who writes exactly once, and what of it counts. Kafka's transaction coordinator, decided by whoever comes: each
 * call reads the row of a transactional id, asks pure functions (transaction.ts), and writes what changed, markers and offsets
 * too, all in the caller's one transaction.
 *
 * The room knows producer ids and epochs, transactions, the markers that end them and the offsets that come with them. It must
 * not know who waits for their end, what time it is, or how one sees that a process has ended (`Surroundings`). Methods that
 * only look run inside the caller's `store.read`, the others inside its `store.write`.
 *
 * Invariants (beck check holds the file to them)
 * X1  A producer id is given to one transactional id, or to one producer without, and never twice; its epoch only grows.
 * X2  A transaction that has written into a partition, and has no marker there, is the ongoing one of its transactional id, and
 *     the partition is one of its own.
 * X3  It ends everywhere or nowhere: its markers, its offsets and its state are one commit. So nothing is ever between.
 * X4  A transaction that was aborted by another than its producer leaves an epoch that this producer does not have.
 * X5  Only an ongoing transaction has partitions and pending offsets.
 * X6  Nothing in this room outlives the partition, or the group, that it is about; a process's transactional id does not outlive
 *     the process, once somebody has looked.
 */
import { BrokerError } from '../errors.ts';
import { checkGroupName } from '../group/group-name.ts';
import type { Groups, SendingMember } from '../group/groups.ts';
import type { CommitResult } from '../group/offsets/commit-offsets.ts';
import type { Admission } from '../log/log.ts';
import type { LogRows } from '../log/rows.ts';
import type { Origin } from '../log/validate.ts';
import type { Store } from '../store/store.ts';
import { nearestName } from '../topic/names.ts';
import { endTransaction, forgetTransaction, type Room } from './end-transaction.ts';
import { type InitRequest, initProducer } from './init-producer.ts';
import { type TransactionRow, TransactionRows } from './rows.ts';
import { commitOffsets, pendOffsets, type Sent } from './send-offsets.ts';
import { findOverdue, settleOverdue } from './sweep.ts';
import {
  fenced,
  judgeBatch,
  mustEnd,
  ongoing,
  type ProducerIdentity,
  requireSame,
  type Surroundings,
  type TransactionRef,
} from './transaction.ts';

export type { InitRequest } from './init-producer.ts';
export type { TransactionRow } from './rows.ts';
export type { Sent } from './send-offsets.ts';

/** How long (ms) the row of an ongoing transaction may not say that its process still writes: a fraction of UNSEEN_PROCESS_MS. */
const TOUCH_MS = 60_000;

export class Transactions implements Admission {
  readonly rows: TransactionRows;
  readonly #room: Room;

  constructor(store: Store, log: LogRows, groups: Groups) {
    this.rows = new TransactionRows(store);
    this.#room = { rows: this.rows, log, groups };
  }

  /** As `initProducer`. */
  init(request: InitRequest, now: number): ProducerIdentity {
    return initProducer(this.#room, request, now);
  }

  /**
   * A transactional batch is about to be appended. One of beck's own begins the transaction with it, and adds the partition.
   * Throws INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE.
   */
  admit({ producerId, epoch }: ProducerIdentity, partition: number, origin: Origin, now: number): void {
    if (this.rows.isAdmitted(producerId, epoch, partition, now - TOUCH_MS)) return;
    const found = this.rows.ofProducer(producerId);
    const added = found !== undefined && this.rows.isAdded(found.id, partition);
    const row = judgeBatch(found, { producerId, epoch }, { added, origin });
    this.rows.keep(ongoing(row, now));
    this.rows.addPartition(row.id, partition);
  }

  /** All of them or none. Throws INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, UNKNOWN_TOPIC_OR_PARTITION. */
  addPartitions(ref: TransactionRef, partitions: readonly number[], now: number): void {
    const row = this.#same(ref);
    const unknown = partitions.find((id) => this.rows.place(id) === undefined);
    if (unknown !== undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: `partition ${unknown}` });
    this.rows.keep(ongoing(row, now));
    for (const id of partitions) this.rows.addPartition(row.id, id);
  }

  /** Kafka's AddOffsetsToTxn: offsets of a group will come. Throws INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_GROUP_ID. */
  addOffsets(ref: TransactionRef, group: string, now: number): void {
    checkGroupName(group);
    this.rows.keep(ongoing(this.#same(ref), now));
  }

  /** Kafka's TxnOffsetCommit. Throws as `pendOffsets` and `addOffsets`, and INVALID_TXN_STATE. */
  pend(ref: TransactionRef, sent: Sent<SendingMember | null>, s: Surroundings): CommitResult[] {
    const row = this.#same(ref);
    if (row.state !== 'Ongoing') throw wrongState(row, 'offsets come, and no transaction has begun');
    return pendOffsets(this.#room, row, sent, s);
  }

  /** Ends it, unless it has ended so already. Throws as `addOffsets`, and INVALID_TXN_STATE. */
  end(ref: TransactionRef, commit: boolean, now: number): void {
    const row = this.#same(ref);
    if (mustEnd(row, commit)) endTransaction(this.#room, row, commit, now);
  }

  /** Offsets and the commit in one step; where nothing was written, the offsets alone. Throws as `commitOffsets` and `addOffsets`. */
  commitWith(ref: TransactionRef, sent: Sent | null, s: Surroundings): void {
    const row = this.#same(ref);
    if (sent !== null) commitOffsets(this.#room, row, sent, s);
    if (row.state === 'Ongoing') endTransaction(this.#room, row, true, s.now);
  }

  /** A transactional id that nobody will come as again; what it has left open is aborted. One that is another's by now stays. */
  forget(ref: TransactionRef, now: number): void {
    const row = this.rows.named(ref.transactionalId);
    if (row !== undefined && row.producerId === ref.producerId && row.epoch === ref.epoch)
      forgetTransaction(this.#room, row, now);
  }

  /** By an administrator. Answers the row as it was. Throws TRANSACTIONAL_ID_NOT_FOUND, INVALID_TXN_STATE when nothing is open. */
  abort(transactionalId: string, now: number): TransactionRow {
    const row = this.require(transactionalId);
    if (row.state !== 'Ongoing') throw wrongState(row, 'it has no open transaction');
    endTransaction(this.#room, fenced(row), false, now);
    return row;
  }

  /** As `findOverdue`. */
  overdue(s: Surroundings): string[] {
    return findOverdue(this.rows, s);
  }

  /** As `settleOverdue`. */
  settle(transactionalId: string, s: Surroundings): boolean {
    return settleOverdue(this.#room, transactionalId, s);
  }

  /** Partitions (ids) went with their topic (X6). */
  forgetPartitions(ids: readonly number[]): void {
    for (const id of ids) this.rows.forgetPartition(id);
  }

  /** Throws TRANSACTIONAL_ID_NOT_FOUND, naming the one that may have been meant. Reads only. */
  require(transactionalId: string): TransactionRow {
    return this.rows.named(transactionalId) ?? this.#unknown(transactionalId);
  }

  #same(ref: TransactionRef): TransactionRow {
    return requireSame(this.rows.named(ref.transactionalId), ref);
  }

  #unknown(id: string): never {
    const near = nearestName(id, this.rows.names());
    if (near === undefined) throw new BrokerError('TRANSACTIONAL_ID_NOT_FOUND', { id });
    const hint = `did you mean '${near}'? \`beck txn list\` shows them all`;
    throw new BrokerError('TRANSACTIONAL_ID_NOT_FOUND', { id, hint });
  }
}

function wrongState({ transactionalId: id }: TransactionRef, problem: string): BrokerError {
  return new BrokerError('INVALID_TXN_STATE', { id, problem });
}
