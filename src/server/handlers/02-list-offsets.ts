import { listOffset, type Sought } from '../../broker/list-offset.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { listOffsets } from '../../protocol/messages/02-list-offsets.ts';
import type { Topic } from '../../topic/topics.ts';
import type { Isolation } from '../../types.ts';
import { CODE } from '../codes.ts';
import { attempt, Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { LEADER_EPOCH, leaderEpochProblem } from '../leader-epoch.ts';
import { repeated } from '../repeated.ts';

type Asked = RequestOf<typeof listOffsets>['topics'][number]['partitions'][number];

/** What negative timestamps mean, and the version from which they do. -4 and -5 ask for tiers, which there are none of. */
const SPECIAL: Readonly<Record<string, { readonly since: number; readonly sought: Sought | 'nowhere' }>> = {
  '-1': { since: 1, sought: 'latest' },
  '-2': { since: 1, sought: 'earliest' },
  '-3': { since: 7, sought: 'largest-timestamp' },
  '-4': { since: 8, sought: 'earliest' },
  '-5': { since: 9, sought: 'nowhere' },
};

export const answerListOffsets = handler(
  listOffsets,
  ({ isolationLevel, topics }, context) => {
    const isolation = isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
    const twice = repeated(topics.flatMap(({ name, partitions }) => partitions.map((asked) => keyOf(name, asked))));
    const { store } = context.broker;
    return {
      topics: store.read(() =>
        topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((asked) =>
            twice.has(keyOf(name, asked)) ? answer(asked, CODE.INVALID_REQUEST) : find(name, asked, isolation, context),
          ),
        })),
      ),
    };
  },
  ({ topics }, code) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => answer(asked, code)),
    })),
  }),
);

function keyOf(topic: string, { partitionIndex }: Asked): string {
  return `${topic} ${partitionIndex}`;
}

function find(name: string, asked: Asked, isolation: Isolation, context: RequestContext) {
  const topic = context.broker.catalogue.find(name);
  if (topic?.partitions[asked.partitionIndex] === undefined) return answer(asked, CODE.UNKNOWN_TOPIC_OR_PARTITION);
  const found = attempt(() => seek(topic, asked, isolation, context));
  return found instanceof Refusal ? answer(asked, found.code) : answer(asked, CODE.NONE, found);
}

function seek(topic: Topic, asked: Asked, isolation: Isolation, { broker, cluster, client, version }: RequestContext) {
  const { partitionIndex, currentLeaderEpoch, timestamp } = asked;
  if (!cluster.leads(client.arrival, topic, partitionIndex)) return new Refusal(CODE.NOT_LEADER_OR_FOLLOWER);
  const problem = leaderEpochProblem(currentLeaderEpoch);
  if (problem !== undefined) return new Refusal(problem);
  const special = SPECIAL[timestamp] ?? { since: timestamp < 0 ? Number.POSITIVE_INFINITY : 0, sought: timestamp };
  if (version < special.since) return new Refusal(CODE.UNSUPPORTED_VERSION);
  const row = broker.rows.partition(topic.partitions[partitionIndex]?.id ?? -1);
  if (row === undefined || special.sought === 'nowhere') return undefined;
  return listOffset(broker.rows, row, special.sought, isolation);
}

function answer({ partitionIndex }: Asked, errorCode: number, found?: { offset: number; timestamp: number }) {
  if (found === undefined) return { partitionIndex, errorCode };
  return { partitionIndex, errorCode, ...found, leaderEpoch: LEADER_EPOCH };
}
