import { BrokerError } from '../errors.ts';
import { findCleanable, isCompactionDue } from '../log/compaction/cleanable.ts';
import { Compaction } from '../log/compaction/compaction.ts';
import { resolvePosition } from '../log/offsets.ts';
import { planRetention, planTrim, type TrimPlan } from '../log/retention.ts';
import { Trim, type TrimSlice } from '../log/trim.ts';
import type { PartitionId } from '../topic/rows.ts';
import type { Topic } from '../topic/topics.ts';
import type { Position, TopicPartition } from '../types.ts';
import type { Broker } from './broker.ts';
import type { Steps } from './steps.ts';

/** What goes, or went, and why. Bytes of batches, offsets half-open. */
export interface RetentionRow extends TopicPartition {
  readonly why: 'time' | 'size' | 'trim' | 'compaction' | 'tombstone';
  /** The limit that was over: ms for time, bytes for size, an offset for trim; null for compaction. */
  readonly limit: number | null;
  /** Log start before and after; equal for compaction, which leaves offsets where they are. */
  readonly start: number;
  readonly newStart: number;
  readonly records: number;
  readonly bytes: number;
}

export interface RetentionRun {
  readonly topics: readonly Topic[];
  /** ms */
  readonly now: number;
  readonly dryRun: boolean;
  /** Compact only what Kafka's dirty ratio and lag say is worth it; `retention run` compacts in any case. */
  readonly onlyDue: boolean;
  /** What one step may take; small ones for those who have little time. */
  readonly slice?: TrimSlice | undefined;
}

/** Damage that concerns one partition; the others are done all the same. */
const OF_ONE_PARTITION = new Set<string>(['CORRUPT_MESSAGE', 'UNSUPPORTED_COMPRESSION_TYPE']);

/**
 * Does what each topic's cleanup.policy says, step by step: every step is at most one short transaction. Answers what went, or
 * would go. A partition that cannot be read costs no other one; it is thrown at the end (CORRUPT_MESSAGE), or passed over by
 * housekeeping.
 */
export function* retentionSteps(broker: Broker, run: RetentionRun): Steps<RetentionRow[]> {
  const rows: RetentionRow[] = [];
  const total = run.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
  let done = 0;
  let failure: BrokerError | undefined;
  for (const topic of run.topics) {
    for (const partition of topic.partitions) {
      try {
        rows.push(...(yield* partitionSteps(broker, topic, partition, run)));
      } catch (error) {
        if (!(error instanceof BrokerError) || !OF_ONE_PARTITION.has(error.code)) throw error;
        failure ??= error;
      }
      yield { done: ++done, total, unit: 'partitions' };
    }
  }
  if (failure !== undefined && !run.onlyDue) throw failure;
  return rows;
}

function* partitionSteps(
  broker: Broker,
  topic: Topic,
  { id, number }: PartitionId,
  run: RetentionRun,
): Steps<RetentionRow[]> {
  const place = { topic: topic.name, partition: number };
  const trimmed = yield* trimSteps(broker, id, place, run, () => planned(broker, topic, id, run.now));
  return [...trimmed, ...(yield* compactionSteps(broker, topic, id, place, run))];
}

/** `topic trim`: everything below a position goes, in each partition or in one. All plans are made before anything goes. */
export function* trimTopicSteps(
  broker: Broker,
  topic: Topic,
  { before, partitions, dryRun }: { before: Position; partitions: readonly PartitionId[]; dryRun: boolean },
): Steps<RetentionRow[]> {
  const rows: RetentionRow[] = [];
  const plans = broker.store.read(() =>
    partitions.map(({ id, number }) => ({ id, number, plan: planBefore(broker, topic, id, before) })),
  );
  for (const { id, number, plan } of plans) {
    const plans = plan === null ? [] : [plan];
    rows.push(...(yield* trimSteps(broker, id, { topic: topic.name, partition: number }, { dryRun }, () => plans)));
  }
  return rows;
}

/** A position beyond the end by time or count is the end; an offset that was written down is meant as it is. */
function planBefore({ rows }: Broker, topic: Topic, id: number, before: Position): TrimPlan | null {
  const partition = rows.partition(id);
  if (partition === undefined) return null;
  const offset = resolvePosition(rows, partition, before, partition.nextOffset);
  const bounded = before.at === 'after-start' ? Math.min(offset, partition.nextOffset) : offset;
  return planTrim(rows, topic.name, partition, topic.config, bounded);
}

function planned({ rows }: Broker, topic: Topic, id: number, now: number): TrimPlan[] {
  const partition = rows.partition(id);
  return partition === undefined ? [] : planRetention(rows, partition, topic.config, now);
}

function* trimSteps(
  broker: Broker,
  id: number,
  place: TopicPartition,
  { dryRun, slice }: Pick<RetentionRun, 'dryRun' | 'slice'>,
  plan: () => readonly TrimPlan[],
): Steps<RetentionRow[]> {
  const lost: RetentionRow[] = [];
  for (const { why, limit, start, newStart, records, bytes } of broker.store.read(plan)) {
    const row = { ...place, why, limit, start, newStart };
    if (dryRun) {
      lost.push({ ...row, records, bytes });
      continue;
    }
    const trim = new Trim(broker.rows, id, newStart, slice);
    while (broker.storeQuietly(() => trim.step())) yield { done: trim.bytes, total: bytes };
    lost.push({ ...row, records: trim.records, bytes: trim.bytes });
  }
  return lost;
}

function* compactionSteps(
  broker: Broker,
  { config }: Topic,
  id: number,
  place: TopicPartition,
  { now, dryRun, onlyDue }: RetentionRun,
): Steps<RetentionRow[]> {
  const { store, rows } = broker;
  const partition = config.cleanupPolicy.includes('compact') ? store.read(() => rows.partition(id)) : undefined;
  if (partition === undefined) return [];
  if (onlyDue && !store.read(() => isCompactionDue(config, findCleanable(rows, partition, config, now), now)))
    return [];
  const compaction = new Compaction(rows, id, config, now, { dryRun });
  while (compaction.next !== 'done') {
    if (compaction.next === 'read') store.read(() => compaction.step());
    else broker.storeQuietly(() => compaction.step());
    yield compaction.progress;
  }
  const { superseded, tombstones } = compaction.lost;
  const row = { ...place, limit: null, start: partition.logStart, newStart: partition.logStart };
  const lost = [
    { ...row, why: 'compaction' as const, ...superseded },
    { ...row, why: 'tombstone' as const, ...tombstones },
  ];
  return lost.filter(({ records, bytes }) => records > 0 || bytes > 0);
}
