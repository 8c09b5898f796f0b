/** What is asked of a group's offsets, and what it comes to: the plan that a person sees before anything is set. */
import type { Position, TopicPartition } from '../../types.ts';

/** A topic, or some partitions of it. */
export interface OffsetScope {
  readonly topic: string;
  readonly partitions?: readonly number[] | undefined;
}

export interface StoredOffset extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}

/** Where a group shall go on reading. */
export type OffsetTarget =
  | { readonly kind: 'position'; readonly position: Position }
  /** So many offsets from what is committed; negative is back. */
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'offsets'; readonly offsets: readonly StoredOffset[] };

export interface OffsetQuestion {
  readonly group: string;
  /** Null: every topic that the group has offsets of, or that the target names. */
  readonly scope: readonly OffsetScope[] | null;
  readonly to: OffsetTarget;
}

/**
 * Why an offset is not what was asked for: it would lie `below-start` or `above-end` and is set to that; no record was written
 * at that time or later (`after-last`), so that it is the end; there is nothing to go by (`nothing-committed`), so that nothing
 * changes.
 */
export type OffsetNote = 'below-start' | 'above-end' | 'after-last' | 'nothing-committed';

export interface PlannedOffset extends TopicPartition {
  /** What is committed now; null: nothing. */
  readonly before: number | null;
  /** Null: it stays as it is. */
  readonly after: number | null;
  readonly metadata: string;
  readonly start: number;
  readonly end: number;
  readonly note: OffsetNote | null;
}
