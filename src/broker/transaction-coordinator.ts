import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { SendingMember } from '../group/groups.ts';
import type { CommitResult, Committing } from '../group/offsets/commit-offsets.ts';
import type { LogRows } from '../log/rows.ts';
import { PRODUCER_ID_EXPIRATION_MS } from '../settings.ts';
import type { Durability, Store } from '../store/store.ts';
import type { PendingOffset, TransactionPartition } from '../txn/rows.ts';
import type { ProducerIdentity, Surroundings, TransactionRef } from '../txn/transaction.ts';
import type { InitRequest, Sent, TransactionRow, Transactions } from '../txn/transactions.ts';
import { isGone, sees } from './peers.ts';
import type { WakeFile } from './wait.ts';

export type { SendingMember } from '../group/groups.ts';
export type { Committing } from '../group/offsets/commit-offsets.ts';
export type { PendingOffset, TransactionPartition } from '../txn/rows.ts';
export type { ProducerIdentity, TransactionRef } from '../txn/transaction.ts';
export type { InitRequest, Sent, TransactionRow } from '../txn/transactions.ts';

/** A transactional id, and what its open transaction has touched. */
export interface TransactionDescription extends TransactionRow {
  readonly partitions: readonly TransactionPartition[];
  readonly offsets: readonly PendingOffset[];
}

/** What a partition knows of a producer. Times in ms. */
export interface ActiveProducer {
  readonly producerId: number;
  readonly epoch: number;
  /** -1: none yet. */
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** Where its open transaction begins; null: it has none here. */
  readonly firstOffset: number | null;
}

/** What the coordinator needs of the broker. */
export interface TransactionSurroundings {
  readonly store: Store;
  readonly log: LogRows;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly wake: WakeFile;
}

/**
 * The doors of transactions: each call is one transaction of the file (B1), and wakes who waits for records after it (B2).
 * Throws what `Transactions` throws, and STORAGE_*.
 */
export class TransactionCoordinator {
  readonly #store: Store;
  readonly #log: LogRows;
  readonly #transactions: Transactions;
  readonly #clock: Clock;
  readonly #wake: WakeFile;

  constructor({ store, log, transactions, clock, wake }: TransactionSurroundings) {
    this.#store = store;
    this.#log = log;
    this.#transactions = transactions;
    this.#clock = clock;
    this.#wake = wake;
  }

  /**
   * A producer's id and epoch; what its transactional id has left open is aborted. A client may live through a power cut here, and
   * nobody else may be given what it has then; a process does not.
   */
  init(request: InitRequest, durability: Durability = request.process == null ? 'full' : 'normal'): ProducerIdentity {
    return this.#write(({ now }) => this.#transactions.init(request, now), durability);
  }

  addPartitions(ref: TransactionRef, partitions: readonly number[]): void {
    this.#write(({ now }) => this.#transactions.addPartitions(ref, partitions, now), 'normal');
  }

  /** A group's offsets will come; the group need not exist. */
  addOffsets(ref: TransactionRef, group: string): void {
    this.#write(({ now }) => this.#transactions.addOffsets(ref, group, now), 'normal');
  }

  /** They wait for the transaction's end, which is not to come without them: so they survive a power cut. */
  commitOffsets(
    ref: TransactionRef,
    group: string,
    member: SendingMember | null,
    offsets: readonly Committing[],
    durability: Durability = 'full',
  ): CommitResult[] {
    return this.#write((s) => this.#transactions.pend(ref, { group, member, offsets }, s), durability);
  }

  /** Markers, pending offsets and state in one commit; done again, it is answered the same. */
  end(ref: TransactionRef, commit: boolean, durability: Durability = 'full'): void {
    this.#write(({ now }) => this.#transactions.end(ref, commit, now), durability);
  }

  /**
   * Kafka's sendOffsetsToTransaction and commitTransaction in one step that survives a power cut. Where an offset is refused
   * nothing is committed, and the caller has to abort.
   */
  commitWith(ref: TransactionRef, sent: Sent | null): void {
    this.#write((s) => this.#transactions.commitWith(ref, sent, s), 'full');
  }

  /** A process's own id, when it closes. */
  forget(ref: TransactionRef): void {
    this.#write(({ now }) => this.#transactions.forget(ref, now), 'normal');
  }

  /** By an administrator: its producer is fenced. Answers what was aborted, as it was. */
  abort(transactionalId: string): TransactionRow {
    return this.#write(({ now }) => this.#transactions.abort(transactionalId, now), 'full');
  }

  /**
   * Aborts what nobody will end: transactions of processes that are gone, of clients whose time is up, of group members that are
   * members no more. Answers how many. Where nothing can be written, nothing is done and nobody fails: that is for whoever
   * writes himself.
   */
  sweep(): number {
    if (!this.#store.isWritable) return 0;
    let ended = 0;
    try {
      for (const id of this.#store.read(() => this.#transactions.overdue(this.#around()))) {
        if (this.#write((s) => this.#transactions.settle(id, s), 'normal')) ended++;
      }
    } catch (error) {
      if (!(error instanceof BrokerError) || !error.code.startsWith('STORAGE_')) throw error;
    }
    return ended;
  }

  /** What partitions know of producers that have been silent for long; housekeeping, which nobody waits for. */
  expireProducers(): void {
    const until = this.#clock.now() - PRODUCER_ID_EXPIRATION_MS;
    const { producers } = this.#log;
    if (this.#store.read(() => producers.expired(until)).length === 0) return;
    this.#store.write(() => {
      for (const { partition, producerId } of producers.expired(until)) producers.expire(partition, producerId);
    }, 'normal');
  }

  /** By name. */
  list(): TransactionRow[] {
    return this.#store.read(() => this.#transactions.rows.all());
  }

  /** All of them by name, or these in their order. Throws TRANSACTIONAL_ID_NOT_FOUND. */
  describe(names?: readonly string[]): TransactionDescription[] {
    return this.#store.read(() => {
      const rows = this.#transactions.rows;
      const found = names?.map((name) => this.#transactions.require(name)) ?? rows.all();
      return found.map((row) => ({ ...row, partitions: rows.placed(row), offsets: rows.placedPending(row.id) }));
    });
  }

  /** Kafka's DescribeProducers: what a partition (its id) knows of idempotent producers. */
  producers(partition: number): ActiveProducer[] {
    return this.#store.read(() =>
      this.#log.producers.of(partition).map(({ producerId, epoch, batches, changed, firstOffset }) => {
        const lastSequence = batches.at(-1)?.lastSequence ?? -1;
        return { producerId, epoch, lastSequence, lastTimestamp: changed, firstOffset };
      }),
    );
  }

  /** Whether an offset of the group waits for the end of a transaction: Kafka's UNSTABLE_OFFSET_COMMIT. */
  hasPending(group: string, partition: number): boolean {
    return this.#store.read(() => this.#transactions.rows.hasPending(group, partition));
  }

  #around(): Surroundings {
    return { now: this.#clock.now(), isGone, sees };
  }

  /** The time is asked for when the write has its turn. */
  #write<T>(fn: (s: Surroundings) => T, durability: Durability): T {
    return this.#store.write(
      () => fn(this.#around()),
      durability,
      () => this.#wake.touch(),
    );
  }
}
