import { randomUUID } from 'node:crypto';
import { ASSIGNORS } from '../../group/assignor/index.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { consumerGroupHeartbeat } from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { CONSUMER_HEARTBEAT_MS, CONSUMER_SESSION_MS } from '../../settings.ts';
import type { TopicPartition } from '../../types.ts';
import { CODE } from '../codes.ts';
import { callerOf, groupHandler } from '../group-handler.ts';
import { byTopic } from '../group-words.ts';
import type { RequestContext } from '../handler.ts';

type Request = RequestOf<typeof consumerGroupHeartbeat>;

/** From this version on clients make their ids. */
const OWN_ID_SINCE = 1;

/** How a member of KIP-848 comes, lives, learns and goes. */
export const answerConsumerGroupHeartbeat = groupHandler(
  consumerGroupHeartbeat,
  (request, context) => {
    const { broker, members, client, version } = context;
    const { groupId, memberEpoch } = request;
    if (request.memberId === '' && (version >= OWN_ID_SINCE || memberEpoch !== 0))
      return refused(CODE.INVALID_REQUEST, 'a member says its id');
    if (request.instanceId === '' || request.rackId === '')
      return refused(CODE.INVALID_REQUEST, 'an instance id, and a rack, are null or have a name');
    const memberId = request.memberId || randomUUID();
    const answer = broker.socketGroups.consumerHeartbeat(beatOf(request, memberId, context));
    if (memberEpoch < 0) members.forget(groupId, memberId);
    else members.heard(groupId, memberId, client);
    return {
      ...{ errorCode: CODE.NONE, memberId, memberEpoch: answer.memberEpoch },
      heartbeatIntervalMs: CONSUMER_HEARTBEAT_MS,
      assignment: answer.assigned && { topicPartitions: withIds(answer.assigned, context) },
    };
  },
  (_, code, message) => refused(code, message),
);

function beatOf(request: Request, memberId: string, context: RequestContext) {
  const { groupId: group, memberEpoch, instanceId, subscribedTopicNames, subscribedTopicRegex } = request;
  const { rebalanceTimeoutMs, serverAssignor: assignor, topicPartitions } = request;
  return {
    ...{ group, memberId, memberEpoch, instanceId, ...callerOf(context), assignor },
    ...{ names: subscribedTopicNames, pattern: subscribedTopicRegex, ...ownWishes(request, context) },
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? null : rebalanceTimeoutMs,
    owned: topicPartitions && idsOf(topicPartitions, context),
  };
}

/** Of beck's own commands, which live as long as their process. */
function ownWishes(request: Request, { client }: RequestContext) {
  if (!client.isOwn) return { sessionTimeoutMs: CONSUMER_SESSION_MS };
  const { assignor, sessionTimeoutMs } = request;
  return { sessionTimeoutMs, process: client.process, ownAssignor: ASSIGNORS.find((name) => name === assignor) };
}

/** What went with its topic is nobody's. */
function idsOf(owned: NonNullable<Request['topicPartitions']>, { broker }: RequestContext): number[] {
  return broker.store.read(() =>
    owned.flatMap(({ topicId, partitions }) => {
      const topic = broker.catalogue.findById(topicId);
      return partitions.flatMap((partition) => topic?.partitions[partition]?.id ?? []);
    }),
  );
}

function withIds(assigned: readonly TopicPartition[], { broker }: RequestContext) {
  return broker.store.read(() =>
    byTopic(assigned).flatMap(({ topic, partitions }) => {
      const found = broker.catalogue.find(topic);
      return found === undefined ? [] : [{ topicId: found.uuid, partitions }];
    }),
  );
}

function refused(errorCode: number, message: string) {
  return { errorCode, errorMessage: message || null, memberEpoch: 0, heartbeatIntervalMs: 0 };
}
