import { BrokerError, errorSaid } from '../../errors.ts';
import { placeOf } from '../../log/offsets.ts';
import { listOffsets } from '../../protocol/messages/02-list-offsets.ts';
import type { Isolation, Position } from '../../types.ts';
import { type LocatedRange, type PartitionEnds, type RangeQuestion, rangeWithin } from '../range.ts';
import type { Line } from './line.ts';
import { byTopic, type WirePlaces } from './places.ts';
import type { WireTopic } from './topics.ts';

const EARLIEST = -2;
const LATEST = -1;

interface Asked {
  readonly topic: string;
  readonly partition: number;
}

/** By place (`keyOf`): the first offset of a time (ms), or where the log begins or ends; -1: there is none. */
async function offsetsAt(
  line: Line,
  asked: readonly Asked[],
  timestamp: number,
  isolation: Isolation,
): Promise<Map<string, number>> {
  const isolationLevel = isolation === 'read_committed' ? 1 : 0;
  const topics = [...byTopic(asked)].map(([name, partitions]) => ({
    name,
    partitions: partitions.map(({ partition: partitionIndex }) => ({ partitionIndex, timestamp })),
  }));
  const answer = await line.ask(listOffsets, { isolationLevel, topics });
  const found = new Map<string, number>();
  for (const { name: topic, partitions } of answer.topics)
    for (const { partitionIndex: partition, errorCode, offset } of partitions) {
      if (errorCode !== 0) throw errorSaid(errorCode, null, { topic, partition });
      found.set(keyOf({ topic, partition }), offset);
    }
  return found;
}

function keyOf({ topic, partition }: Asked): string {
  return `${partition} ${topic}`;
}

/** The offsets of partitions now, by place. */
export async function endsOf(line: Line, asked: readonly Asked[]): Promise<(place: Asked) => PartitionEnds> {
  if (asked.length === 0) return () => ({ logStart: 0, highWatermark: 0, lastStable: 0 });
  const [starts, stable, ends] = await Promise.all([
    offsetsAt(line, asked, EARLIEST, 'read_uncommitted'),
    offsetsAt(line, asked, LATEST, 'read_committed'),
    offsetsAt(line, asked, LATEST, 'read_uncommitted'),
  ]);
  return (place) => {
    const key = keyOf(place);
    return {
      logStart: starts.get(key) as number,
      lastStable: stable.get(key) as number,
      highWatermark: ends.get(key) as number,
    };
  };
}

/** The ranges of topics that a reader asked for, frozen now. Throws UNKNOWN_PARTITION. */
export async function locateWireRanges(
  { line, places }: { readonly line: Line; readonly places: WirePlaces },
  topics: readonly WireTopic[],
  question: RangeQuestion,
): Promise<LocatedRange[]> {
  const asked = topics.flatMap((topic) =>
    wantedOf(topic, question).map((partition) => ({ topic: topic.name, partition, id: places.add(topic, partition) })),
  );
  const ends = await endsOf(line, asked);
  const times = await offsetsOfTimes(line, asked, question);
  return asked.map((each) => {
    const known = ends(each);
    const place = (position: Position, readable: number) =>
      placeOf(position, { logStart: known.logStart, end: readable }, (timestamp) => times(timestamp, each));
    return { ...each, ...rangeWithin(known, question, place) };
  });
}

function wantedOf({ name: topic, partitions: count }: WireTopic, question: RangeQuestion): readonly number[] {
  const wanted = question.partitions ?? Array.from({ length: count }, (_, partition) => partition);
  const missing = wanted.find((partition) => partition >= count || partition < 0);
  if (missing !== undefined) throw new BrokerError('UNKNOWN_PARTITION', { topic, partition: missing, count });
  return wanted;
}

/** Looks up the times that a question names. */
async function offsetsOfTimes(
  line: Line,
  asked: readonly Asked[],
  { from, until }: RangeQuestion,
): Promise<(timestamp: number, place: Asked) => number | undefined> {
  const times = [from, until].flatMap((position) => (position?.at === 'time' ? [position.timestamp] : []));
  const found = new Map<number, Map<string, number>>();
  if (asked.length > 0)
    for (const time of new Set(times))
      found.set(time, await offsetsAt(line, asked, Math.max(0, time), 'read_uncommitted'));
  return (timestamp, place) => {
    const offset = found.get(timestamp)?.get(keyOf(place)) ?? -1;
    return offset < 0 ? undefined : offset;
  };
}
