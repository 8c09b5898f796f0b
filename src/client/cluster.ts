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
import type { BrokerError } from '../errors.ts';
import type { BatchHeader } from '../record/batch.ts';
import type { TopicSelector, TopicSpec } from '../topic/topics.ts';
import type {
  Acks,
  Codec,
  Header,
  Isolation,
  NewRecord,
  Position,
  RecordPlace,
  TimestampType,
  TopicPartition,
} from '../types.ts';

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
  readonly records: number;
  readonly bytes: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

export interface TopicDescription extends TopicSummary {
  readonly partitionList: readonly PartitionSummary[];
}

/** How the records of one run are written. */
export interface ProduceOptions {
  /** Null: each record names its own (`NewRecord.topic`); one whose topic is not there is refused. */
  readonly topic: string | null;
  /** A topic that is not there is made, with one partition. */
  readonly create?: boolean | undefined;
  readonly acks: Acks;
  readonly codec: Codec;
  /** Called after each commit, in input order: everything up to and with line `line` is stored. */
  readonly onCommit?: ((commit: Commit) => void | Promise<void>) | undefined;
  /** Called for each record that was refused; its neighbours are kept. */
  readonly onRefused?: ((line: number, error: BrokerError) => void) | undefined;
  /** True: `Commit.places` says where each record landed (costs memory; for an echo). */
  readonly places?: boolean | undefined;
  /** Give every record to this partition. */
  readonly partition?: number | undefined;
}

export interface Commit {
  readonly records: number;
  readonly bytes: number;
  /** The last line (or record number, from 1) of the input that this commit covers. */
  readonly line: number;
  readonly places: readonly PlacedRecord[];
}

export interface PlacedRecord extends RecordPlace {
  readonly timestampType: TimestampType;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

/** Takes records; both ways in do the same, the first without an object a record (it is the hot path of lines). */
export interface RecordSink {
  /** For a producer of one topic: a record without headers whose key and value lie in one buffer; a start of -1 means null. The bytes are copied at once. */
  bytes(src: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void;
  record(record: NewRecord, line: number): void;
  /** The input had something here that is no record. Counted and reported as refused. */
  refuse(line: number, error: BrokerError): void;
}

export interface Producer extends RecordSink {
  /** Resolves at once, or when enough has been stored that more may be given (back-pressure). Rejects when storing failed. */
  ready(): Promise<void>;
  /** Stores everything given so far. Called when the input pauses: what has arrived is one batch and one commit. */
  flush(): Promise<void>;
  /** `flush`, then gives up what it holds. The totals are what was stored. */
  close(): Promise<ProduceTotals>;
  /** No record larger than this is taken (the topic's max.message.bytes; the most that any topic may have). */
  readonly maxRecordBytes: number;
  /** What has been stored so far; after a failure, what is safe. */
  readonly totals: ProduceTotals;
}

export interface ProduceTotals {
  readonly records: number;
  readonly bytes: number;
  readonly refused: number;
  /** Everything up to this line is stored or was refused by name. */
  readonly line: number;
  /** So many are older than the topic keeps: retention may take them at once. */
  readonly expired: number;
  /** How many topics they went to, where each record names its own. */
  readonly topics?: number | undefined;
}

export interface ConsumeOptions {
  readonly topics: TopicSelector;
  readonly partitions?: readonly number[] | undefined;
  readonly from: Position;
  /** Half-open: up to, without. */
  readonly until?: Position | undefined;
  readonly follow: boolean;
  readonly isolation: Isolation;
}

/** A range of one partition, as frozen when the reader was opened. */
export interface ReadRange extends TopicPartition {
  readonly start: number;
  /** Exclusive; null when following. */
  readonly end: number | null;
  readonly logStart: number;
  readonly highWatermark: number;
  readonly lastStable: number;
  /** Set when `from` was below the log start: reading begins at `logStart`, so many offsets later. */
  readonly lost: number;
}

/** One batch, still packed, and which of its offsets are asked for: `from <= offset < until`. */
export interface ReadBatch extends TopicPartition {
  readonly seq: number;
  readonly blob: Buffer;
  readonly from: number;
  readonly until: number;
}

export interface Reader {
  readonly ranges: readonly ReadRange[];
  /**
   * The next batches, some MiB at most, in the order of their commits. Empty: nothing for now (`wait` then), or, when
   * `ended`, nothing any more. Control batches and, under read_committed, aborted ones never appear.
   */
  next(): Promise<readonly ReadBatch[]>;
  /**
   * Before the first `next`: begins where the last `wanted` matches of all ranges together begin, `count` being asked how
   * many records of a batch match. Answers how many matches from there on are too many.
   */
  tail(wanted: number, count: (batch: ReadBatch) => number): Promise<number>;
  /** Resolves when there may be more (another commit), when `ms` have passed, or when `signal` aborts. */
  wait(ms: number | null, signal: AbortSignal): Promise<void>;
  readonly ended: boolean;
  close(): void;
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

/** A batch as it lies in the log; the header's words are RecordBatch v2's. */
export interface DumpedBatch extends TopicPartition {
  readonly seq: number;
  readonly header: BatchHeader;
  readonly checksumHolds: boolean;
  /** Of a control batch. */
  readonly marker: 'COMMIT' | 'ABORT' | null;
}

export interface DumpQuestion {
  readonly topics: TopicSelector;
  readonly partitions?: readonly number[] | undefined;
  readonly from: Position;
  readonly until?: Position | undefined;
}

export interface CheckProblem {
  readonly what: string;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
}

export interface CheckReport {
  readonly path: string;
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  readonly problems: readonly CheckProblem[];
}

export interface SalvageReport {
  readonly path: string;
  readonly topics: number;
  readonly records: number;
  /** Offsets that could not be read, per partition: [from, until). */
  readonly gaps: readonly (TopicPartition & { readonly from: number; readonly until: number })[];
  /** Tables of the file that could not be read to their end: there may have been more than is known of. */
  readonly unread: readonly string[];
}

/** Progress of long work: how much of how much, in `unit`. */
export type OnProgress = (done: number, total: number, unit: string) => void;

export interface Cluster {
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
  consume(options: ConsumeOptions): Promise<Reader>;
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
