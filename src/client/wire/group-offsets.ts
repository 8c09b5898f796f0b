import { BrokerError, errorSaid } from '../../errors.ts';
import { offsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import type { TopicPartition } from '../../types.ts';
import type { PartitionOffset } from '../group-reader.ts';
import type { GroupMetadata } from '../transactions.ts';
import type { Line } from './line.ts';
import { byTopic } from './places.ts';

/** Kafka's numbers for one who is a member no more. */
const NO_MEMBER: ReadonlySet<number> = new Set([25, 69, 110]);
const STALE_MEMBER_EPOCH = 113;

/** What a group has committed of these, or of everything. Throws what the server says. */
export async function committedOf(
  line: Line,
  groupId: string,
  places: readonly TopicPartition[] | null,
): Promise<PartitionOffset[]> {
  const topics =
    places &&
    [...byTopic(places)].map(([name, of]) => ({
      name,
      partitionIndexes: of.map(({ partition }) => partition),
    }));
  const { groups } = await line.ask(offsetFetch, { groups: [{ groupId, topics }] });
  const [group] = groups;
  if (group === undefined || group.errorCode !== 0) throw errorSaid(group?.errorCode ?? -1, null, { group: groupId });
  return group.topics.flatMap(({ name: topic, partitions }) =>
    partitions.flatMap(({ partitionIndex: partition, committedOffset: offset }) =>
      offset < 0 ? [] : [{ topic, partition, offset }],
    ),
  );
}

/** As a member. Answers which of them are another's by now. Throws UNKNOWN_MEMBER_ID, and what else the server says. */
export async function commitAs(
  line: Line,
  metadata: GroupMetadata,
  offsets: readonly PartitionOffset[],
): Promise<TopicPartition[]> {
  const { group, memberId: member, instanceId = null, generation = -1 } = metadata;
  const answer = await line.ask(offsetCommit, {
    ...{ groupId: group, memberId: member, groupInstanceId: instanceId, generationIdOrMemberEpoch: generation },
    topics: [...byTopic(offsets)].map(([name, of]) => ({
      name,
      partitions: of.map(({ partition: partitionIndex, offset: committedOffset }) => ({
        ...{ partitionIndex, committedOffset, committedMetadata: '' },
      })),
    })),
  });
  const lost: TopicPartition[] = [];
  for (const { name: topic, partitions } of answer.topics)
    for (const { partitionIndex: partition, errorCode } of partitions) {
      if (NO_MEMBER.has(errorCode)) throw new BrokerError('UNKNOWN_MEMBER_ID', { group, member });
      // Also of a partition that went with its topic.
      if (errorCode === STALE_MEMBER_EPOCH || errorCode === 3) lost.push({ topic, partition });
      else if (errorCode !== 0)
        throw errorSaid(errorCode, null, { group, topic, partition, instance: instanceId ?? '' });
    }
  return lost;
}
