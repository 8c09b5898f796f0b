/** Transactions, whoever keeps them: how records are written in one, who holds which open, how one is ended from outside. */
import type { TopicPartition } from '../types.ts';
import type { PartitionOffset } from './group-reader.ts';
import type { ProduceOptions, Producer, ProduceTotals } from './producer.ts';

/** A member as a transaction names it that commits the member's offsets: Kafka's ConsumerGroupMetadata. */
export interface GroupMetadata {
  readonly group: string;
  readonly memberId: string;
  readonly instanceId?: string | undefined;
  /** Of a member behind a socket: the epoch up to which it has heard of its group. */
  readonly generation?: number | undefined;
}

/** How far a member of a group has come, to be stored with a transaction. */
export interface SentOffsets {
  readonly group: GroupMetadata;
  readonly offsets: readonly PartitionOffset[];
}

export interface TransactionalOptions extends Omit<ProduceOptions, 'acks' | 'idempotent'> {
  /** Asked when a transaction begins: the group's member that it is for. Where that is one no more, what it has open is aborted. */
  readonly member?: (() => GroupMetadata) | undefined;
}

/**
 * What it is given since the last `commit` or `abort` becomes visible to readers of committed records as a whole or not at all.
 * A transaction begins with its first record, and lives no longer than the process. `flush` stores and shows nothing;
 * `onCommit` is called once a transaction. `close` aborts what is open.
 */
export interface TransactionalProducer extends Producer {
  readonly transactionalId: string;
  /**
   * Everything given since becomes visible, and the offsets are the group's, in one step that survives power loss; without
   * records only the offsets are stored. Answers the totals of this transaction. Throws the first refusal where a record was
   * refused, what storing throws, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID,
   * FENCED_INSTANCE_ID, UNKNOWN_TOPIC_OR_PARTITION: then nothing of it is or will be visible, and the next one may begin. Where
   * it could not be aborted either (STORAGE_*), nothing is committed until `abort` has succeeded.
   */
  commit(sent?: SentOffsets): Promise<ProduceTotals>;
  /** Nothing given since will be visible; the next one may begin. Throws STORAGE_*. */
  abort(): Promise<void>;
}

/** `Ongoing`: it holds readers of committed records back. The others have nothing open. */
export type TransactionState = 'Empty' | 'Ongoing' | 'CompleteCommit' | 'CompleteAbort';

export interface TransactionProcess {
  readonly pid: number;
  /** Whether that pid counts here; a process in another container can't be seen. */
  readonly here: boolean;
}

export interface TransactionListing {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly epoch: number;
  readonly state: TransactionState;
  /** ms since the epoch when it began; null while nothing is open. */
  readonly since: number | null;
  /** ms since the epoch when its state changed last. */
  readonly changed: number;
  /** ms after which it is aborted; null: it lives as long as its process. */
  readonly timeoutMs: number | null;
  /** The process that has it open; null: a client behind a socket. */
  readonly process: TransactionProcess | null;
  /** How many the open one has written to. */
  readonly partitions: number;
  /** So many offsets lie behind its first ones: who reads committed records can't read them before it ends. */
  readonly heldBack: number;
}

export interface TransactionDescription extends TransactionListing {
  /** By topic and number. */
  readonly partitionList: readonly TransactionPartition[];
  /** Sent with it and not committed yet, by group, topic and number. */
  readonly offsets: readonly PendingOffset[];
}

export interface TransactionPartition extends TopicPartition {
  /** Of its first record here; null while it has none here. */
  readonly first: number | null;
  readonly end: number;
  /** Offsets from `first` on. */
  readonly heldBack: number;
}

export interface PendingOffset extends PartitionOffset {
  readonly group: string;
}

export interface TransactionAdministration {
  /** Every transactional id: those that hold most back first, then by name. Ends those of processes that are gone before. */
  list(): Promise<readonly TransactionListing[]>;
  /** In the order of the names, or as `list` where they are null. Throws TRANSACTIONAL_ID_NOT_FOUND. */
  describe(names: readonly string[] | null): Promise<readonly TransactionDescription[]>;
  /** What `abort` would end. Throws what it throws. */
  planAbort(names: readonly string[]): Promise<readonly TransactionListing[]>;
  /**
   * Ends what these have open; their producers are fenced. All of them or none; answers what they were before.
   * Throws TRANSACTIONAL_ID_NOT_FOUND, INVALID_TXN_STATE.
   */
  abort(names: readonly string[]): Promise<readonly TransactionListing[]>;
}
