/**
 * The client: everything a command may ask, whoever answers. Commands know this interface and nothing below it.
 *
 * The room knows how a question becomes work: which partition a record goes to, how records become batches, in which order
 * batches are read back. It must not know flags, formats, terminals (they are above), SQL or files (they are below).
 *
 * Invariants
 * C1  What `Producer` reports as committed is stored as durably as its acks say; what it has not reported may be lost.
 * C2  Records of one partition are stored in the order in which they were given.
 * C3  A `Reader` hands out batches in the order in which they were committed, each offset of a range at most once.
 */

import type { RetentionRow } from '../broker/retention-run.ts';
import type { TopicSelector, TopicSpec } from '../topic/topics.ts';
import type { Position } from '../types.ts';
import type { GroupAdministration } from './group-administration.ts';
import type { GroupConsumeOptions, GroupReader } from './group-reader.ts';
import type { CheckReport, DumpedBatch, DumpQuestion, SalvageReport } from './inspection.ts';
import type { ProduceOptions, Producer } from './producer.ts';
import type { ConsumeOptions, Reader } from './reader.ts';
import type { TransactionAdministration, TransactionalOptions, TransactionalProducer } from './transactions.ts';
import type { UserAdministration } from './users.ts';

export type * from './group-administration.ts';
export type * from './group-reader.ts';
export type * from './inspection.ts';
export type * from './producer.ts';
export type * from './reader.ts';
export type * from './transactions.ts';
export type * from './users.ts';
export type { RetentionRow, TopicSelector, TopicSpec };

export interface TopicSummary {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  readonly records: number;
  /** Bytes of the batches as they lie on the disk. */
  readonly bytes: number;
  /** Timestamps in ms; null while there is no record. */
  readonly oldest: number | null;
  readonly newest: number | null;
  readonly configs: readonly ConfigValue[];
}

export interface ConfigValue {
  readonly name: string;
  readonly value: string;
  readonly default: string;
  /** One sentence on what it does. */
  readonly doc: string;
}

export interface PartitionSummary {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  /** Up to where those who read committed records see; below `end` while a transaction is open. */
  readonly lastStable: number;
  readonly records: number;
  readonly bytes: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

export interface TopicDescription extends TopicSummary {
  readonly partitionList: readonly PartitionSummary[];
}

export interface Status {
  readonly path: string;
  readonly exists: boolean;
  readonly topics: number;
  readonly partitions: number;
  readonly records: number;
  readonly bytes: number;
  /** What the directory takes on the disk: database, WAL, reserve. */
  readonly diskBytes: number;
  readonly freeBytes: number;
  readonly housekeeping: { readonly last: number | null; readonly next: number | null };
}

/** Progress of long work: how much of how much, in `unit`. */
export type OnProgress = (done: number, total: number, unit: string) => void;

export interface Cluster {
  readonly groups: GroupAdministration;
  readonly transactions: TransactionAdministration;
  readonly users: UserAdministration;
  /** All of them or none; `ifNotExists` leaves those that exist as they are. Answers what was created. */
  createTopics(
    specs: readonly TopicSpec[],
    options?: { ifNotExists?: boolean | undefined },
  ): Promise<readonly TopicSummary[]>;
  listTopics(selector?: TopicSelector): Promise<readonly TopicSummary[]>;
  describeTopics(selector: TopicSelector): Promise<readonly TopicDescription[]>;
  alterTopic(
    name: string,
    change: {
      partitions?: number | undefined;
      set?: Readonly<Record<string, string>> | undefined;
      unset?: readonly string[] | undefined;
    },
  ): Promise<TopicDescription>;
  /** All of them or none. */
  deleteTopics(selector: TopicSelector): Promise<readonly TopicSummary[]>;
  trimTopic(
    name: string,
    to: { before: Position; partition?: number | undefined; dryRun: boolean },
  ): Promise<readonly RetentionRow[]>;
  produce(options: ProduceOptions): Promise<Producer>;
  /** As `produce`, and nothing is visible before it is committed. With a topic of null one transaction spans all topics. */
  produceTransactionally(options: TransactionalOptions): Promise<TransactionalProducer>;
  consume(options: ConsumeOptions): Promise<Reader>;
  /** As `consume`, as a member of a group, which shares the partitions out among its members. */
  joinGroup(options: GroupConsumeOptions): Promise<GroupReader>;
  runRetention(run: {
    topics?: TopicSelector | undefined;
    now?: number | undefined;
    dryRun: boolean;
    onProgress?: OnProgress | undefined;
  }): Promise<readonly RetentionRow[]>;
  /** Every batch that holds offsets of a range, control batches too, partition by partition, some at a time. */
  dump(question: DumpQuestion): AsyncIterable<readonly DumpedBatch[]>;
  status(): Promise<Status>;
  check(onProgress?: OnProgress): Promise<CheckReport>;
  salvage(into: string, onProgress?: OnProgress): Promise<SalvageReport>;
  snapshot(into: string, onProgress?: OnProgress): Promise<{ path: string; bytes: number }>;
  close(): Promise<void>;
}
