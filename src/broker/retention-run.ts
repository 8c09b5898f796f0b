import { Compaction } from '../log/compaction/compaction.ts';
import { findCleanable, isCompactionDue } from '../log/compaction/cleanable.ts';
import { planRetention, planTrim, type TrimPlan } from '../log/retention.ts';
import { resolvePosition } from '../log/offsets.ts';
import { Trim, type TrimSlice } from '../log/trim.ts';
import type { Topic } from '../topic/topics.ts';
import type { Position, TopicPartition } from '../types.ts';
import type { Broker } from './broker.ts';

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

/**
 * Does what each topic's cleanup.policy says, step by step: every step is at most one short transaction, and whoever drives
 * may pause or stop between any two. Yields a row when a loss is complete, undefined otherwise.
 */
export function* retentionSteps(broker: Broker, run: RetentionRun): Generator<RetentionRow | undefined> {
  for (const topic of run.topics) {
    for (const { id, number } of topic.partitions) {
      const place = { topic: topic.name, partition: number };
      yield* trimSteps(broker, id, place, run, () => planned(broker, topic, id, run.now));
      yield* compactionSteps(broker, topic, id, place, run);
    }
  }
}

/** `topic trim`: everything below a position goes, in each partition or in one. All plans are made before anything goes. */
export function* trimTopicSteps(
  broker: Broker,
  topic: Topic,
  { before, partitions, dryRun }: { before: Position; partitions: readonly { id: number; number: number }[]; dryRun: boolean },
): Generator<RetentionRow | undefined> {
  const plans = broker.store.read(() => partitions.map(({ id, number }) => ({ id, number, plan: planBefore(broker, topic, id, before) })));
  for (const { id, number, plan } of plans) {
    if (plan !== null) yield* trimSteps(broker, id, { topic: topic.name, partition: number }, { dryRun }, () => [plan]);
  }
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
): Generator<RetentionRow | undefined> {
  for (const { why, limit, start, newStart, records, bytes } of broker.store.read(plan)) {
    const row = { ...place, why, limit, start, newStart };
    if (dryRun) {
      yield { ...row, records, bytes };
      continue;
    }
    const trim = new Trim(broker.rows, id, newStart, slice);
    while (broker.storeQuietly(() => trim.step())) yield undefined;
    yield { ...row, records: trim.records, bytes: trim.bytes };
  }
}

function* compactionSteps(
  broker: Broker,
  { config }: Topic,
  id: number,
  place: TopicPartition,
  { now, dryRun, onlyDue }: RetentionRun,
): Generator<RetentionRow | undefined> {
  if (!config.cleanupPolicy.includes('compact')) return;
  const partition = broker.store.read(() => broker.rows.partition(id));
  if (partition === undefined) return;
  if (onlyDue && !broker.store.read(() => isCompactionDue(config, findCleanable(broker.rows, partition, config, now), now))) return;
  const compaction = new Compaction(broker.rows, id, config, now, { dryRun });
  while (compaction.next !== 'done') {
    if (compaction.next === 'read') broker.store.read(() => compaction.step());
    else broker.storeQuietly(() => compaction.step());
    yield undefined;
  }
  const { superseded, tombstones } = compaction.lost;
  const row = { ...place, limit: null, start: partition.logStart, newStart: partition.logStart };
  if (superseded.records > 0 || superseded.bytes > 0) yield { ...row, why: 'compaction', ...superseded };
  if (tombstones.records > 0 || tombstones.bytes > 0) yield { ...row, why: 'tombstone', ...tombstones };
}
