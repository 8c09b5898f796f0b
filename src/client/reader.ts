/** Reading, whoever has it: what is asked, and how batches are handed out (C3). */
import type { TopicSelector } from '../topic/topics.ts';
import type { Isolation, Position, TopicPartition } from '../types.ts';

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
  /** So many offsets from `lastStable` on were asked for too: a transaction that is open holds them back. */
  readonly heldBack: number;
  /** Set when `from` was below the log start: reading begins at `logStart`, so many offsets later. */
  readonly lost: number;
}

/** One batch, still packed, and which of its offsets are asked for: `from <= offset < until`. */
export interface ReadBatch extends TopicPartition {
  readonly seq: number;
  readonly blob: Buffer;
  readonly from: number;
  readonly until: number;
  /** Of a group's reader: which of the partition's stays with this member it belongs to. */
  readonly tenure?: number | undefined;
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
  /** What an open transaction holds back now of the ranges that have been read as far as may be; with the offsets of now. */
  heldBack(): Promise<readonly ReadRange[]>;
  close(): void;
}
