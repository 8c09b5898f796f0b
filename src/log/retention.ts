import { BrokerError } from '../errors.ts';
import { RecordCursor } from '../record/cursor.ts';
import type { LogConfig } from '../types.ts';
import { lossBetween } from './loss.ts';
import type { BatchRow, LogRows, PartitionRow } from './rows.ts';

/** A prefix of a partition that is to go: offsets [start, newStart). `Trim` (trim.ts) carries it out. */
export interface TrimPlan {
  readonly why: 'time' | 'size' | 'trim';
  /** The limit that was over: ms for time, bytes for size, the offset for trim. */
  readonly limit: number;
  readonly start: number;
  readonly newStart: number;
  /** Records that readers lose, without control records. */
  readonly records: number;
  /** Bytes of the batches that go. */
  readonly bytes: number;
}

/** Batch rows that are looked at in one go. */
const ROWS = 100;

/**
 * What the topic's `cleanup.policy=delete` takes at `now` (ms), in the order in which it is to be carried out: first by time,
 * then by size of what time leaves. Empty when nothing has to go. Reads only; inside the caller's transaction.
 */
export function planRetention(rows: LogRows, partition: PartitionRow, config: LogConfig, now: number): TrimPlan[] {
  if (!config.cleanupPolicy.includes('delete')) return [];
  const byTime = planTime(rows, partition, config, now);
  const rest =
    byTime === null ? partition : { ...partition, logStart: byTime.newStart, bytes: partition.bytes - byTime.bytes };
  const bySize = planSize(rows, rest, config);
  return [byTime, bySize].filter((plan) => plan !== null);
}

/**
 * `retention.ms`: the longest prefix in which every record is older, strictly, than so many ms. Not beyond the last stable
 * offset. Null when nothing has to go.
 */
export function planTime(rows: LogRows, partition: PartitionRow, config: LogConfig, now: number): TrimPlan | null {
  const limit = config.retentionMs;
  if (limit < 0) return null;
  const newStart = Math.min(firstNotBefore(rows, partition, now - limit), partition.lastStable);
  return planTo(rows, partition, newStart, 'time', limit);
}

/**
 * `retention.bytes`: whole batches from the start while the rest is at least so many bytes, so that what remains never gets
 * under it (org.apache.kafka.storage.internals.log.UnifiedLog.deleteRetentionSizeBreachedSegments). Not beyond the last
 * stable offset. Null when nothing has to go.
 */
export function planSize(rows: LogRows, partition: PartitionRow, config: LogConfig): TrimPlan | null {
  const limit = config.retentionBytes;
  if (limit < 0 || partition.bytes <= limit) return null;
  const stable = partition.lastStable;
  let rest = partition.bytes;
  let newStart = partition.logStart;
  for (const batch of batchesFrom(rows, partition)) {
    rest -= batch.bytes;
    if (rest < limit || batch.last >= stable) break;
    newStart = batch.last + 1;
  }
  return planTo(rows, partition, newStart, 'size', limit);
}

/**
 * `topic trim` and DeleteRecords: everything below `offset`, committed or not. Null when nothing lies below it any more.
 * @throws BrokerError OFFSET_OUT_OF_RANGE beyond the high watermark; POLICY_VIOLATION for a topic that is only compacted
 */
export function planTrim(
  rows: LogRows,
  topic: string,
  partition: PartitionRow,
  config: LogConfig,
  offset: number,
): TrimPlan | null {
  if (config.cleanupPolicy.includes('compact') && !config.cleanupPolicy.includes('delete')) {
    const hint = `\`beck topic alter ${topic} -c cleanup.policy=compact,delete\` allows both`;
    throw new BrokerError('POLICY_VIOLATION', {
      problem: `${topic} is only compacted; its records go by their keys`,
      hint,
    });
  }
  const { logStart: start, nextOffset: end, number } = partition;
  if (offset < 0 || offset > end)
    throw new BrokerError('OFFSET_OUT_OF_RANGE', { topic, partition: number, start, end, offset });
  return offset <= start
    ? null
    : { why: 'trim', limit: offset, start, newStart: offset, ...lossBetween(rows, partition.id, start, offset) };
}

/** A log start that would move without taking a record or a batch with it stays. */
function planTo(
  rows: LogRows,
  partition: PartitionRow,
  newStart: number,
  why: 'time' | 'size',
  limit: number,
): TrimPlan | null {
  const { id, logStart: start } = partition;
  if (newStart <= start) return null;
  const loss = lossBetween(rows, id, start, newStart);
  return loss.records === 0 && loss.bytes === 0 ? null : { why, limit, start, newStart, ...loss };
}

/**
 * The offset before which every record is older than `cutoff` (ms). The running maximum finds the first batch that isn't;
 * where the maximum is a removed record's (L5), the batches from there on are looked at one by one.
 */
function firstNotBefore(rows: LogRows, partition: PartitionRow, cutoff: number): number {
  let batch = rows.batchByTime(partition.id, cutoff);
  if (batch !== undefined) batch = rows.batchReaching(partition.id, batch.base, cutoff);
  while (batch !== undefined) {
    const offset = offsetNotBefore(rows, batch, partition, cutoff);
    if (offset !== undefined) return offset;
    batch = rows.batchReaching(partition.id, batch.base + 1, cutoff);
  }
  return partition.nextOffset;
}

/**
 * The same within a batch; its base when all of it is kept, undefined when none of it is. A batch that cannot be read is
 * kept: its largest timestamp says that something in it is young enough. Compaction leaves a base timestamp that need not be
 * a record's any more.
 */
function offsetNotBefore(rows: LogRows, batch: BatchRow, partition: PartitionRow, cutoff: number): number | undefined {
  const { logStart, compactedTo } = partition;
  const firstIsKept = batch.base >= Math.max(logStart, compactedTo) && batch.baseTimestamp >= cutoff;
  const blob = firstIsKept ? undefined : rows.data(batch.seq);
  if (blob === undefined) return batch.base;
  let keptFrom = batch.base;
  try {
    const cursor = new RecordCursor(blob);
    while (cursor.next()) {
      if (cursor.offset >= logStart && cursor.timestamp >= cutoff) return keptFrom;
      keptFrom = cursor.offset + 1;
    }
    return undefined;
  } catch (error) {
    if (error instanceof BrokerError) return batch.base;
    throw error;
  }
}

function* batchesFrom(rows: LogRows, partition: PartitionRow): Generator<BatchRow> {
  let from = rows.batchFrom(partition.id, partition.logStart)?.base ?? partition.nextOffset;
  for (;;) {
    const batches = rows.batches(partition.id, from, Number.MAX_SAFE_INTEGER, ROWS);
    yield* batches;
    const last = batches.at(-1);
    if (last === undefined) return;
    from = last.base + 1;
  }
}
