/** The nouns that every floor shares. Kafka's names for Kafka's things; offsets and timestamps (ms) are safe integers. */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * A process that can be told from every other one, before it and after it. `namespace` is where its pid counts: another one says
 * nothing about it.
 */
export interface ProcessId {
  readonly pid: number;
  /** When it began, as its system counts that; "" where that is not known. */
  readonly started: string;
  readonly namespace: string;
}

/** A record header. Kafka keeps order and duplicates, so headers are always a list, never a map. */
export interface Header {
  readonly name: Buffer;
  readonly value: Buffer | null;
}

/** A record on its way in. What is `undefined` is left to the producer: the partitioner, the clock. */
export interface NewRecord {
  /** Only where the producer has none of its own: where each record goes to. */
  readonly topic?: string | undefined;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
  /** Milliseconds since the epoch; the producer's clock when absent. */
  readonly timestamp?: number | undefined;
  readonly partition?: number | undefined;
}

/** A record as it lies in a partition. */
export interface StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

/** Where a record landed. */
export interface RecordPlace extends TopicPartition {
  readonly offset: number;
  readonly timestamp: number;
}

/** The codec's number is its place in this list (RecordBatch v2, attribute bits 0–2). */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

export const ACKS = ['all', '1', '0'] as const;
/** `all` survives power loss, `1` survives `kill -9`, `0` is `1` without waiting. */
export type Acks = (typeof ACKS)[number];

export type TimestampType = 'CreateTime' | 'LogAppendTime';
export type Isolation = 'read_committed' | 'read_uncommitted';

/** A place in a partition as people say it; `log/offsets.ts` turns it into an offset. */
export type Position =
  | { readonly at: 'start' }
  | { readonly at: 'end' }
  | { readonly at: 'offset'; readonly offset: number }
  /** `-N`: N offsets before the end. */
  | { readonly at: 'before-end'; readonly count: number }
  /** `+N`: N offsets after the log start. */
  | { readonly at: 'after-start'; readonly count: number }
  /** The first record at or after this time (ms). */
  | { readonly at: 'time'; readonly timestamp: number };

export const CLEANUP_POLICIES = ['delete', 'compact'] as const;
export type CleanupPolicy = (typeof CLEANUP_POLICIES)[number];

/**
 * A topic's configuration as the log needs it; named and meant as Kafka's topic configs (org.apache.kafka.common.config.
 * TopicConfig). `-1` is Kafka's "no limit".
 */
export interface LogConfig {
  readonly cleanupPolicy: readonly CleanupPolicy[];
  readonly compressionType: Codec | 'producer' | 'uncompressed';
  readonly maxMessageBytes: number;
  readonly messageTimestampType: TimestampType;
  readonly messageTimestampBeforeMaxMs: number;
  readonly messageTimestampAfterMaxMs: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly deleteRetentionMs: number;
}
