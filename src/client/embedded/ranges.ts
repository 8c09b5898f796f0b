import type { Broker } from '../../broker/broker.ts';
import type { ScanRange } from '../../broker/merged-read.ts';
import { BrokerError } from '../../errors.ts';
import { readableEnd, resolvePosition } from '../../log/offsets.ts';
import type { Topic } from '../../topic/topics.ts';
import type { Isolation, Position } from '../../types.ts';
import type { ReadRange } from '../cluster.ts';
import { partitionOf } from './partition-of.ts';

/** A range, and the row of the partition it lies in. */
export interface LocatedRange extends ReadRange {
  readonly id: number;
}

export interface RangeQuestion {
  readonly partitions?: readonly number[] | undefined;
  readonly from: Position;
  readonly until?: Position | undefined;
  readonly follow: boolean;
  readonly isolation: Isolation;
}

/** The ranges of a topic that a reader asked for, frozen now. Throws UNKNOWN_PARTITION. */
export function locateRanges(broker: Broker, topic: Topic, question: RangeQuestion): LocatedRange[] {
  const wanted = question.partitions ?? topic.partitions.map(({ number }) => number);
  return wanted.map((number) => locateRange(broker, topic.name, partitionOf(topic, number), question));
}

export function scanRange({ id, start, end }: LocatedRange): ScanRange {
  return { partition: id, from: start, until: end ?? Number.MAX_SAFE_INTEGER };
}

/** Runs inside the caller's read transaction. */
function locateRange(
  { rows }: Broker,
  topic: string,
  { id, number }: { id: number; number: number },
  question: RangeQuestion,
): LocatedRange {
  const row = rows.partition(id);
  if (row === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic });
  const { logStart, nextOffset: highWatermark, lastStable } = row;
  const readable = readableEnd(row, question.isolation);
  const asked = resolvePosition(rows, row, question.from, readable);
  const start = Math.max(asked, logStart);
  const until = question.until === undefined ? undefined : resolvePosition(rows, row, question.until, readable);
  const wanted = Math.min(until ?? highWatermark, highWatermark);
  return {
    topic,
    partition: number,
    id,
    start,
    end: rangeEnd(question, start, until, readable),
    logStart,
    highWatermark,
    lastStable,
    heldBack: Math.max(0, wanted - readable),
    lost: start - asked,
  };
}

/** Bounded reads end at what is readable now; followers at what they asked for, which may lie ahead, or never (null). */
function rangeEnd(
  { follow }: RangeQuestion,
  start: number,
  until: number | undefined,
  readable: number,
): number | null {
  if (follow) return until === undefined ? null : Math.max(start, until);
  return Math.max(start, Math.min(until ?? readable, readable));
}
