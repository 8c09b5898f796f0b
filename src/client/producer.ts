/** Writing, whoever stores it: what is asked, how records are given (C1, C2), what is answered. */
import type { BrokerError } from '../errors.ts';
import type { Acks, Codec, Header, NewRecord, RecordPlace, TimestampType } from '../types.ts';

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
  /** Each batch says whose it is and which (KIP-98), so that one that is sent again is stored once. */
  readonly idempotent?: boolean | undefined;
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
  /**
   * Records without a key that are given from now on go to partition `number` of their topic, modulo how many it has; with null
   * round the partitions again.
   */
  stickTo(number: number | null): void;
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
