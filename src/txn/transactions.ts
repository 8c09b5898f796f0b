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
import type { Groups, MemberRef } from '../group/groups.ts';
import type { CommitResult, Committing } from '../group/offsets/commit-offsets.ts';
import { appendMarker } from '../log/log.ts';
import type { LogRows } from '../log/rows.ts';
import type { Origin } from '../log/validate.ts';
import { MAX_TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import type { Store } from '../store/store.ts';
import { nearestName } from '../topic/names.ts';
import type { ProcessId } from '../types.ts';
import { type TransactionRow, TransactionRows } from './rows.ts';
import {
  asksAgain,
  begun,
  ended,
  fenced,
  judgeBatch,
  mustEnd,
  ongoing,
  type ProducerIdentity,
  requireSame,
  type Surroundings,
  succeeded,
  type TransactionRef,
  verdictOn,
} from './transaction.ts';
import { checkTransactionalId } from './transactional-id.ts';

export type { TransactionRow } from './rows.ts';

/** Who comes to write. */
export interface InitRequest {
  /** Null: idempotent, without transactions. */
  readonly transactionalId: string | null;
  /** ms; null: as long as its process. */
  readonly timeoutMs: number | null;
  /** What it was until now, when it wants to go on. */
  readonly current?: ProducerIdentity | undefined;
  /** One of beck's own; null: a socket's client. */
  readonly process?: ProcessId | null | undefined;
  /** The group member on whose behalf it works: when that loses its partitions, the transaction is aborted. */
  readonly member?: MemberRef | null | undefined;
}

/** Offsets that a group member sends with a transaction. */
export interface Sent {
  readonly group: string;
  readonly member: MemberRef;
  readonly offsets: readonly Committing[];
}

/** How long it may be unknown that an open transaction's process still writes (ms); a fraction of UNSEEN_PROCESS_MS. */
const TOUCH_MS = 60_000;

export class Transactions {
  readonly rows: TransactionRows;
  readonly #groups: Groups;
  readonly #log: LogRows;

  constructor(store: Store, log: LogRows, groups: Groups) {
    this.rows = new TransactionRows(store);
    this.#log = log;
    this.#groups = groups;
  }

  /**
   * Kafka's InitProducerId. What its transactional id has left open is aborted, in the same step.
   * Throws USAGE (the id), INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED.
   */
  init(
    { transactionalId, timeoutMs, current, process = null, member = null }: InitRequest,
    now: number,
  ): ProducerIdentity {
    if (transactionalId === null) return { producerId: this.rows.nextProducerId(), epoch: 0 };
    checkTransactionalId(transactionalId);
    checkTimeout(timeoutMs, process);
    const wish = { timeout: timeoutMs, process, current };
    const newId = () => this.rows.nextProducerId();
    const known = this.rows.named(transactionalId);
    if (known !== undefined && asksAgain(known, current)) return identityOf(known);
    const row = known === undefined ? this.rows.add(begun(transactionalId, newId(), wish, now)) : known;
    if (known !== undefined) this.rows.keep({ ...row, ...this.#successor(known, wish, newId, now) });
    if (member !== null) this.rows.workFor(row.id, member.group, member.memberId);
    return identityOf(this.rows.named(transactionalId) as TransactionRow);
  }

  /** An open transaction is aborted with the epoch that comes next, which then is the new producer's. */
  #successor(row: TransactionRow, wish: Parameters<typeof succeeded>[1], newId: () => number, now: number) {
    if (row.state !== 'Ongoing') return succeeded(row, wish, newId, now);
    const next = succeeded(row, wish, newId, now);
    this.#end(fenced(row), false, now);
    return next;
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
    const row = this.#require(ref);
    const unknown = partitions.find((id) => !this.rows.hasPartition(id));
    if (unknown !== undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: `partition ${unknown}` });
    this.rows.keep(ongoing(row, now));
    for (const id of partitions) this.rows.addPartition(row.id, id);
  }

  /** Kafka's AddOffsetsToTxn: offsets of a group will come. Throws INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED. */
  addOffsets(ref: TransactionRef, now: number): void {
    this.rows.keep(ongoing(this.#require(ref), now));
  }

  /**
   * Kafka's TxnOffsetCommit: they are judged now as a commit would be, and stored when the transaction commits. Throws as
   * `Groups.commit` and `addOffsets`, and INVALID_TXN_STATE.
   */
  pend(
    ref: TransactionRef,
    { group, member, offsets }: Omit<Sent, 'member'> & { readonly member: MemberRef | null },
    s: Surroundings,
  ): CommitResult[] {
    const row = this.#require(ref);
    const { transactionalId } = row;
    if (row.state !== 'Ongoing')
      throw new BrokerError('INVALID_TXN_STATE', {
        id: transactionalId,
        problem: 'offsets come, and no transaction has begun',
      });
    const { grp, results } = this.#groups.judge(group, member, offsets, s);
    const refused = new Set(results.flatMap(({ id, error }) => (error === null ? [] : [id])));
    for (const each of offsets) if (!refused.has(each.id)) this.rows.pend(row.id, grp, each);
    return results;
  }

  /** Whether it was to be ended, and not ended so already. Throws as `addOffsets`, and INVALID_TXN_STATE. */
  end(ref: TransactionRef, commit: boolean, now: number): boolean {
    const row = this.#require(ref);
    if (!mustEnd(row, commit)) return false;
    this.#end(row, commit, now);
    return true;
  }

  /**
   * Offsets and the end in one step; where nothing was written, the offsets alone. Throws as `Groups.commit` and `addOffsets`, and
   * for the first offset that is refused STALE_MEMBER_EPOCH, UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE; then the caller's transaction must be rolled
   * back.
   */
  commitWith(ref: TransactionRef, sent: Sent | null, s: Surroundings): void {
    const row = this.#require(ref);
    if (sent !== null) this.#commitOffsets(row, sent, s);
    if (row.state === 'Ongoing') this.#end(row, true, s.now);
  }

  #commitOffsets(row: TransactionRow, { group, member, offsets }: Sent, s: Surroundings): void {
    const refused = this.#groups.commit(group, member, offsets, s).find(({ error }) => error !== null);
    if (refused !== undefined && refused.error !== null)
      throw new BrokerError(refused.error, this.#details(group, refused.id));
    this.rows.workFor(row.id, group, member.memberId);
  }

  #details(group: string, id: number) {
    const { topic, partition } = this.rows.place(id) ?? { topic: `partition ${id}`, partition: '' };
    return { group, topic, partition, bytes: 'too many', limit: 4096 };
  }

  /** A transactional id that nobody will come as again; what it has left open is aborted. One that is another's by now stays. */
  forget(ref: TransactionRef, now: number): void {
    const row = this.rows.named(ref.transactionalId);
    if (row === undefined || row.producerId !== ref.producerId || row.epoch !== ref.epoch) return;
    this.#forget(row, now);
  }

  #forget(row: TransactionRow, now: number): void {
    if (row.state === 'Ongoing') this.#end(row, false, now);
    this.rows.remove(row.id);
    this.#log.producers.forget(row.producerId);
  }

  /** By an administrator. Throws TRANSACTIONAL_ID_NOT_FOUND, INVALID_TXN_STATE when nothing is open. */
  abort(transactionalId: string, now: number): TransactionRow {
    const row = this.require(transactionalId);
    if (row.state !== 'Ongoing')
      throw new BrokerError('INVALID_TXN_STATE', { id: transactionalId, problem: 'it has no open transaction' });
    this.#end(fenced(row), false, now);
    return row;
  }

  /** Those that are to be ended or forgotten. Reads only. */
  overdue(s: Surroundings): TransactionRow[] {
    return this.rows.all().filter((row) => verdictOn(row, row.isMember, s) !== null || isAhead(row, s.now));
  }

  /** Ends or forgets one of those, if that is still right. Answers whether a transaction was ended. */
  settle(transactionalId: string, s: Surroundings): boolean {
    const row = this.rows.named(transactionalId);
    if (row === undefined) return false;
    if (isAhead(row, s.now)) this.rows.rewind(row.id, s.now);
    const verdict = verdictOn(row, row.isMember, s);
    if (verdict === null) return false;
    if (verdict === 'gone' || verdict === 'expired') this.#forget(row, s.now);
    else this.#end(fenced(row), false, s.now);
    return row.state === 'Ongoing';
  }

  /** X3 */
  #end(row: TransactionRow, commit: boolean, now: number): void {
    const { producerId, epoch: producerEpoch } = row;
    const marker = { producerId, producerEpoch, commit, coordinatorEpoch: 0, timestamp: now };
    for (const id of this.rows.partitions(row.id)) {
      const partition = this.#log.partition(id);
      if (partition !== undefined) appendMarker(this.#log, partition, marker);
    }
    if (commit) for (const { grp, ...offset } of this.rows.pending(row.id)) this.#groups.store(grp, offset, now);
    this.rows.clear(row.id);
    this.rows.keep(ended(row, commit, now));
  }

  /** Partitions (ids) went with their topic (X6). */
  forgetPartitions(ids: readonly number[]): void {
    for (const id of ids) this.rows.forgetPartition(id);
  }

  /** Throws TRANSACTIONAL_ID_NOT_FOUND, naming the one that may have been meant. Reads only. */
  require(transactionalId: string): TransactionRow {
    return this.rows.named(transactionalId) ?? this.#unknown(transactionalId);
  }

  #require(ref: TransactionRef): TransactionRow {
    return requireSame(this.rows.named(ref.transactionalId), ref);
  }

  #unknown(transactionalId: string): never {
    const near = nearestName(transactionalId, this.rows.names());
    if (near === undefined) throw new BrokerError('TRANSACTIONAL_ID_NOT_FOUND', { id: transactionalId });
    const hint = `did you mean '${near}'? \`beck txn list\` shows them all`;
    throw new BrokerError('TRANSACTIONAL_ID_NOT_FOUND', { id: transactionalId, hint });
  }
}

function identityOf({ producerId, epoch }: ProducerIdentity): ProducerIdentity {
  return { producerId, epoch };
}

/** The clock was set back. */
function isAhead({ started, changed }: TransactionRow, now: number): boolean {
  return changed > now || (started ?? now) > now;
}

/** Throws INVALID_TRANSACTION_TIMEOUT. */
function checkTimeout(timeout: number | null, process: ProcessId | null): void {
  if (timeout === null ? process !== null : timeout > 0 && timeout <= MAX_TRANSACTION_TIMEOUT_MS) return;
  throw new BrokerError('INVALID_TRANSACTION_TIMEOUT', {
    timeout: timeout ?? 'none',
    most: MAX_TRANSACTION_TIMEOUT_MS,
  });
}
