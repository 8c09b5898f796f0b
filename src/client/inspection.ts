/** Looking at the log itself: its batches as they lie there, what is wrong with them, what could be saved. */
import type { BatchHeader } from '../record/batch.ts';
import type { TopicSelector } from '../topic/topics.ts';
import type { Position, TopicPartition } from '../types.ts';

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
