import { setImmediate as breathe } from 'node:timers/promises';
import { trimTopicSteps } from '../../broker/retention-run.ts';
import { BrokerError } from '../../errors.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { deleteRecords } from '../../protocol/messages/21-delete-records.ts';
import type { PartitionId } from '../../topic/rows.ts';
import type { Topic } from '../../topic/topics.ts';
import type { Position } from '../../types.ts';
import { CODE } from '../codes.ts';
import { Refusal, refused } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';

type AskedTopic = RequestOf<typeof deleteRecords>['topics'][number];
type Asked = AskedTopic['partitions'][number];

/** Up to the high watermark. */
const EVERYTHING = -1;

export const answerDeleteRecords = handler(
  deleteRecords,
  async (request, context) => {
    const topics = [];
    for (const { name, partitions } of request.topics) {
      const answers = [];
      for (const asked of partitions) answers.push(answer(asked, await lowWatermark(name, asked, context)));
      topics.push({ name, partitions: answers });
    }
    return { topics };
  },
  ({ topics }, code) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => answer(asked, new Refusal(code))),
    })),
  }),
);

/** The log start after everything below the offset is gone. */
async function lowWatermark(name: string, asked: Asked, context: RequestContext): Promise<number | Refusal> {
  const { broker, cluster, client } = context;
  const { partitionIndex, offset } = asked;
  const topic = broker.store.read(() => broker.catalogue.find(name));
  const partition = topic?.partitions[partitionIndex];
  if (topic === undefined || partition === undefined) return new Refusal(CODE.UNKNOWN_TOPIC_OR_PARTITION);
  if (!cluster.leads(client.arrival, topic, partitionIndex)) return new Refusal(CODE.NOT_LEADER_OR_FOLLOWER);
  if (offset < EVERYTHING) return new Refusal(CODE.OFFSET_OUT_OF_RANGE);
  try {
    const before: Position = offset === EVERYTHING ? { at: 'end' } : { at: 'offset', offset };
    await broker.withReserve(() => trim(topic, partition, before, context));
    return broker.store.read(() => broker.rows.partition(partition.id)?.logStart ?? -1);
  } catch (error) {
    if (error instanceof BrokerError && error.code !== 'STORAGE_BUSY') return refused(error);
    throw error;
  }
}

/** In short writes, with others' requests between them. */
async function trim(topic: Topic, partition: PartitionId, before: Position, { broker }: RequestContext): Promise<void> {
  const steps = trimTopicSteps(broker, topic, { before, partitions: [partition], dryRun: false });
  while (steps.next().done !== true) await breathe();
}

function answer({ partitionIndex }: Asked, result: number | Refusal) {
  return result instanceof Refusal
    ? { partitionIndex, lowWatermark: -1, errorCode: result.code }
    : { partitionIndex, lowWatermark: result, errorCode: CODE.NONE };
}
