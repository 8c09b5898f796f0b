import type { Broker } from '../../broker/broker.ts';
import { BrokerError } from '../../errors.ts';
import { resolvePosition } from '../../log/offsets.ts';
import type { Topic } from '../../topic/topics.ts';
import type { Position } from '../../types.ts';
import { partitionOf } from '../partition-of.ts';
import { type LocatedRange, type RangeQuestion, rangeWithin } from '../range.ts';

/** The ranges of a topic that a reader asked for, frozen now. Throws UNKNOWN_PARTITION. */
export function locateRanges(broker: Broker, topic: Topic, question: RangeQuestion): LocatedRange[] {
  const wanted = question.partitions ?? topic.partitions.map(({ number }) => number);
  return wanted.map((number) => locateRange(broker, topic.name, partitionOf(topic, number), question));
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
  const ends = { logStart: row.logStart, highWatermark: row.nextOffset, lastStable: row.lastStable };
  const place = (position: Position, readable: number) => resolvePosition(rows, row, position, readable);
  return { topic, partition: number, id, ...rangeWithin(ends, question, place) };
}
