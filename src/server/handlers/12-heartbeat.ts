import { heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { codeOf, groupHandler } from '../group-handler.ts';

export const answerHeartbeat = groupHandler(
  heartbeat,
  (
    { groupId: group, memberId, groupInstanceId: instanceId, generationId: generation },
    { broker, members, client },
  ) => {
    const { error } = broker.socketGroups.heartbeat({ group, memberId, instanceId, generation });
    if (error === null || error === 'REBALANCE_IN_PROGRESS') members.heard(group, memberId, client);
    return { errorCode: codeOf(error) };
  },
  (_, errorCode) => ({ errorCode }),
);
