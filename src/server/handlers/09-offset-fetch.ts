import type { PlacedOffset } from '../../broker/socket-groups.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { offsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import type { TopicPartition } from '../../types.ts';
import { CODE } from '../codes.ts';
import { codeOf, coordinates } from '../group-handler.ts';
import { handler, type RequestContext } from '../handler.ts';

type Request = RequestOf<typeof offsetFetch>;
type AskedGroup = Request['groups'][number];
type AskedTopics = NonNullable<AskedGroup['topics']>;

/** Several groups may be asked for at once from this version on (KIP-709). */
const LIST_SINCE = 8;

/** Of a group, a topic or a partition that there is not, nothing is committed: that is no error. */
export const answerOffsetFetch = handler(
  offsetFetch,
  ({ groups, groupId, topics, requireStable }, context) => {
    const { version } = context;
    if (version >= LIST_SINCE) return { groups: groups.map((group) => answerGroup(group, requireStable, context)) };
    return answerGroup({ groupId, topics, memberId: null, memberEpoch: -1 }, requireStable, context);
  },
  ({ groups, topics }, errorCode) => ({
    errorCode,
    topics: byName(topics ?? [], (at) => answerOffset(at, undefined, errorCode)),
    groups: groups.map(({ groupId }) => ({ groupId, errorCode, topics: [] })),
  }),
);

function answerGroup(asked: AskedGroup, requireStable: boolean, context: RequestContext) {
  const { groupId, memberId, memberEpoch } = asked;
  const { broker } = context;
  if (!coordinates(groupId, context)) return { groupId, errorCode: CODE.NOT_COORDINATOR, topics: [] };
  const refusal = broker.socketGroups.refusalOfFetch(groupId, memberId, memberEpoch);
  if (refusal !== null) return { groupId, errorCode: codeOf(refusal), topics: [] };
  const offsets = broker.socketGroups.committed(groupId);
  const known = new Map(offsets.map((offset) => [keyOf(offset), offset]));
  const topics = byName(asked.topics ?? namesOf(offsets), (at) =>
    requireStable && isUnstable(groupId, at, context)
      ? answerOffset(at, undefined, CODE.UNSTABLE_OFFSET_COMMIT)
      : answerOffset(at, known.get(keyOf(at)), CODE.NONE),
  );
  return { groupId, errorCode: CODE.NONE, topics };
}

/** Whether a transaction has yet to say how far the group has come (KIP-447). */
function isUnstable(group: string, { topic, partition }: TopicPartition, { broker }: RequestContext): boolean {
  const id = broker.store.read(() => broker.catalogue.find(topic))?.partitions[partition]?.id;
  return id !== undefined && broker.transactions.hasPending(group, id);
}

function byName<T>(topics: AskedTopics, answer: (at: TopicPartition) => T) {
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partition) => answer({ topic: name, partition })),
  }));
}

function namesOf(offsets: readonly PlacedOffset[]): AskedTopics {
  const names = [...new Set(offsets.map(({ topic }) => topic))];
  return names.map((name) => {
    const own = offsets.filter(({ topic }) => topic === name);
    return { name, partitionIndexes: own.map(({ partition }) => partition) };
  });
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}

function answerOffset({ partition }: TopicPartition, known: PlacedOffset | undefined, errorCode: number) {
  return {
    partitionIndex: partition,
    committedOffset: known?.offset ?? -1,
    committedLeaderEpoch: known?.leaderEpoch ?? -1,
    metadata: known?.metadata ?? '',
    errorCode,
  };
}
