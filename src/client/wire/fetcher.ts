import { BrokerError } from '../../errors.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';
import type { Isolation } from '../../types.ts';
import type { Line } from './line.ts';
import { endsOf } from './offsets.ts';
import { byTopic, type WirePlaces } from './places.ts';
import { type FetchedPartition, fetchProblem, type ReadLane } from './read-lane.ts';

const CODE = { NONE: 0, OFFSET_OUT_OF_RANGE: 1, UNKNOWN_TOPIC_OR_PARTITION: 3, UNKNOWN_TOPIC_ID: 100 } as const;

export interface FetchQuestion {
  /** Over all of them; only the first batch of all may exceed this and `partitionMaxBytes`. */
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  /** ms for which the server waits until there is anything. */
  readonly waitMs: number;
}

/** Asks for what lanes have next, on one view of the log (Kafka's Fetch), and puts it there. */
export class Fetcher {
  readonly #line: Line;
  readonly #places: WirePlaces;
  readonly #isolation: Isolation;

  constructor(line: Line, places: WirePlaces, isolation: Isolation) {
    this.#line = line;
    this.#places = places;
    this.#isolation = isolation;
  }

  /**
   * Answers whether anything of them was there. What `isWanted` no more when the answer comes is left alone. Throws STORAGE_FAILED,
   * CORRUPT_MESSAGE, and as `Line.ask`.
   */
  async fetch(
    lanes: readonly ReadLane[],
    question: FetchQuestion,
    isWanted: (lane: ReadLane) => boolean,
  ): Promise<boolean> {
    const askedAt = lanes.map(({ fetchAt }) => fetchAt);
    const { responses, lastSequence } = await this.#line.ask(fetch, this.#asked(lanes, question));
    const fetched = new Map<number, FetchedPartition>();
    for (const { topicId, partitions } of responses)
      for (const each of partitions) fetched.set(this.#places.idOf({ id: topicId }, each.partitionIndex), each);
    let hasAny = false;
    for (const [i, lane] of lanes.entries()) {
      const own = fetched.get(lane.id);
      if (own === undefined) throw new BrokerError('BUG', { problem: 'a partition that was fetched is not answered' });
      if ((own.records?.length ?? 0) > 0 || own.errorCode !== CODE.NONE) hasAny = true;
      if (isWanted(lane) && lane.fetchAt === askedAt[i]) await this.#give(lane, own, lastSequence);
    }
    return hasAny;
  }

  /** The first of them is the first that is read, and is given its batch however large. */
  #asked(lanes: readonly ReadLane[], { maxBytes, partitionMaxBytes, waitMs }: FetchQuestion) {
    const asked = lanes.map(({ id, fetchAt: fetchOffset }) => {
      const { topic, partition } = this.#places.at(id);
      return { topic: topic.id.toString('hex'), topicId: topic.id, partition, fetchOffset, partitionMaxBytes };
    });
    return {
      maxWaitMs: Math.ceil(waitMs),
      minBytes: waitMs > 0 ? 1 : 0,
      maxBytes,
      isolationLevel: this.#isolation === 'read_committed' ? 1 : 0,
      topics: [...byTopic(asked).values()].map((partitions) => ({ topicId: partitions[0]?.topicId, partitions })),
    };
  }

  async #give(lane: ReadLane, fetched: FetchedPartition, lastSeq: number): Promise<void> {
    const { topic, partition } = this.#places.at(lane.id);
    switch (fetched.errorCode) {
      case CODE.NONE:
        return lane.take(fetched, this.#isolation, lastSeq);
      case CODE.UNKNOWN_TOPIC_OR_PARTITION:
      case CODE.UNKNOWN_TOPIC_ID:
        return lane.finish();
      case CODE.OFFSET_OUT_OF_RANGE: {
        const place = { topic: topic.name, partition };
        const { logStart, highWatermark } = (await endsOf(this.#line, [place]))(place);
        return lane.moveInto(logStart, highWatermark);
      }
      default:
        throw fetchProblem(fetched.errorCode, topic.name, partition);
    }
  }
}
