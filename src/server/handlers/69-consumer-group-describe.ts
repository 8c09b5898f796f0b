import { viewOfGroup, type WireGroup } from '../../broker/group-view/wire-view.ts';
import { SERVER_ASSIGNORS } from '../../group/consumer/consumer-groups.ts';
import { consumerGroupDescribe } from '../../protocol/messages/69-consumer-group-describe.ts';
import type { TopicPartition } from '../../types.ts';
import { ALLOWED } from '../authorized-operations.ts';
import { CODE } from '../codes.ts';
import { attempt, Refusal } from '../error-code.ts';
import { coordinates } from '../group-handler.ts';
import { byTopic } from '../group-words.ts';
import { handler, type RequestContext } from '../handler.ts';

/** KIP-1099 */
const MEMBER_TYPE = { classic: 0, consumer: 1 } as const;

/** A classic group is none here: clients ask DescribeGroups then. */
export const answerConsumerGroupDescribe = handler(
  consumerGroupDescribe,
  ({ groupIds, includeAuthorizedOperations }, context) => {
    const operations = includeAuthorizedOperations ? { authorizedOperations: ALLOWED.group } : {};
    return { groups: groupIds.map((name) => ({ ...describe(name, context), ...operations })) };
  },
  ({ groupIds }, code, message) => ({ groups: groupIds.map((name) => refused(name, new Refusal(code, message))) }),
);

function describe(name: string, context: RequestContext) {
  if (!coordinates(name, context)) return refused(name, new Refusal(CODE.NOT_COORDINATOR));
  const group = attempt(() => viewOfGroup(context.broker, name));
  if (group instanceof Refusal) return refused(name, group);
  if (group.type === 'consumer') return answer(group, context);
  return refused(name, new Refusal(CODE.GROUP_ID_NOT_FOUND, `${name} is a classic group`));
}

function refused(groupId: string, { code, message }: Refusal) {
  const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
  return { errorCode: code, errorMessage: message || null, groupId, ...nothing };
}

function answer(group: WireGroup, context: RequestContext) {
  const { name, state, epoch, assignor, members, held, meant } = group;
  const known = Object.entries(SERVER_ASSIGNORS).find(([, own]) => own === assignor)?.[0];
  return {
    ...{ errorCode: CODE.NONE, groupId: name, groupState: state, groupEpoch: epoch, assignmentEpoch: epoch },
    assignorName: known ?? assignor ?? 'uniform',
    members: members.map(({ id, instance, name: clientId, host, epoch: memberEpoch, subscription, socket }) => ({
      ...{ memberId: id, instanceId: instance, memberEpoch, clientId, clientHost: `/${host}` },
      subscribedTopicNames: 'names' in subscription ? subscription.names : [],
      subscribedTopicRegex: 'pattern' in subscription ? subscription.pattern : null,
      assignment: placesOf(held.get(id) ?? [], context),
      targetAssignment: placesOf(meant.get(id) ?? [], context),
      memberType: socket?.classic ? MEMBER_TYPE.classic : MEMBER_TYPE.consumer,
    })),
  };
}

function placesOf(places: readonly TopicPartition[], { broker }: RequestContext) {
  const topicPartitions = broker.store.read(() =>
    byTopic(places).flatMap(({ topic: topicName, partitions }) => {
      const found = broker.catalogue.find(topicName);
      return found === undefined ? [] : [{ topicId: found.uuid, topicName, partitions }];
    }),
  );
  return { topicPartitions };
}
