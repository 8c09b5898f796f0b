import type { RequestOf } from '../../protocol/api.ts';
import { offsetForLeaderEpoch } from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import { CODE } from '../codes.ts';
import { handler, type RequestContext } from '../handler.ts';
import { LEADER_EPOCH, leaderEpochProblem } from '../leader-epoch.ts';

type Asked = RequestOf<typeof offsetForLeaderEpoch>['topics'][number]['partitions'][number];

/** There has been one epoch only: it ends where the partition does, and there is no other. */
export const answerOffsetForLeaderEpoch = handler(
  offsetForLeaderEpoch,
  ({ topics }, context) => ({
    topics: context.broker.store.read(() =>
      topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((asked) => answer(topic, asked, context)),
      })),
    ),
  }),
  ({ topics }, errorCode) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
);

function answer(name: string, asked: Asked, { broker, cluster, client: { arrival } }: RequestContext) {
  const { partition, currentLeaderEpoch, leaderEpoch } = asked;
  const topic = broker.catalogue.find(name);
  const row = broker.rows.partition(topic?.partitions[partition]?.id ?? -1);
  if (topic === undefined || row === undefined) return { partition, errorCode: CODE.UNKNOWN_TOPIC_OR_PARTITION };
  if (!cluster.leads(arrival, topic, partition)) return { partition, errorCode: CODE.NOT_LEADER_OR_FOLLOWER };
  const problem = leaderEpochProblem(currentLeaderEpoch);
  if (problem !== undefined) return { partition, errorCode: problem };
  if (leaderEpoch !== LEADER_EPOCH) return { partition, errorCode: CODE.NONE };
  return { partition, errorCode: CODE.NONE, leaderEpoch, endOffset: row.nextOffset };
}
