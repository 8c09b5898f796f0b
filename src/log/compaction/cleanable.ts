import type { LogConfig } from '../../types.ts';
import type { LogRows, PartitionRow } from '../rows.ts';

/** What compaction has to do with a partition's new records. */
export interface Cleanable {
  /** Offsets [from, until) have not been compacted yet and may be; a batch is inside or outside. */
  readonly from: number;
  readonly until: number;
  /** Bytes of those batches, and of them and all before them. */
  readonly dirtyBytes: number;
  readonly totalBytes: number;
  /** The largest timestamp (ms) of the oldest of those batches; null when there is none. */
  readonly oldest: number | null;
}

/**
 * What may be compacted at `now` (ms): up to the last stable offset, and up to the first batch with a record that is younger
 * than `min.compaction.lag.ms` (org.apache.kafka.storage.internals.log.LogCleanerManager.cleanableOffsets).
 */
export function findCleanable(rows: LogRows, partition: PartitionRow, config: LogConfig, now: number): Cleanable {
  const { id, bytes } = partition;
  const first = rows.batchFrom(id, Math.max(partition.compactedTo, partition.logStart));
  const from = first?.base ?? partition.nextOffset;
  const until = Math.max(from, Math.min(partition.lastStable, lagEnd(rows, partition, config, from, now)));
  if (first === undefined || until === from) return { from, until, dirtyBytes: 0, totalBytes: bytes, oldest: null };
  const dirtyBytes = rows.sumBetween(id, from, until).bytes;
  const totalBytes = bytes - rows.sumBetween(id, until, Number.MAX_SAFE_INTEGER).bytes;
  return { from, until, dirtyBytes, totalBytes, oldest: first.maxTimestamp };
}

function lagEnd(rows: LogRows, partition: PartitionRow, config: LogConfig, from: number, now: number): number {
  const lag = config.minCompactionLagMs;
  const young = lag > 0 ? rows.batchReaching(partition.id, from, now - lag + 1) : undefined;
  return young?.base ?? partition.nextOffset;
}

/**
 * Whether housekeeping should compact: more of the log is dirty than `min.cleanable.dirty.ratio`, or something has waited for
 * more than `max.compaction.lag.ms` (LogToClean, LogCleanerManager.maxCompactionDelay). `now` in ms.
 */
export function isCompactionDue(config: LogConfig, cleanable: Cleanable, now: number): boolean {
  const { dirtyBytes, totalBytes, oldest } = cleanable;
  if (!config.cleanupPolicy.includes('compact') || oldest === null) return false;
  return dirtyBytes / totalBytes > config.minCleanableDirtyRatio || now - oldest > config.maxCompactionLagMs;
}
