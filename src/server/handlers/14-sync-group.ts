import type { RequestOf } from '../../protocol/api.ts';
import { syncGroup } from '../../protocol/messages/14-sync-group.ts';
import { CODE } from '../codes.ts';
import { codeOf, groupHandler, untilAnswered } from '../group-handler.ts';

/** From this version on a member says under what it syncs (KIP-559). */
const PROTOCOL_SINCE = 5;
const NOTHING = Buffer.alloc(0);

/** Waits for the leader. */
export const answerSyncGroup = groupHandler(
  syncGroup,
  async (request, context) => {
    const { broker, members, client, version } = context;
    const asked = syncRequest(request);
    const isNamed = asked.protocolType !== null && asked.protocol !== null;
    if (version >= PROTOCOL_SINCE && !isNamed) return refused(CODE.INCONSISTENT_GROUP_PROTOCOL);
    const first = broker.socketGroups.sync(asked);
    if (first.answer === null || first.answer.error === null) members.heard(asked.group, asked.memberId, client);
    const answer = await untilAnswered(context, asked.group, first, () => broker.socketGroups.synced(asked));
    if (answer === null) return refused(CODE.REBALANCE_IN_PROGRESS);
    const { error, protocolType, protocol, assignment } = answer;
    return { errorCode: codeOf(error), protocolType, protocolName: protocol, assignment };
  },
  (_, code) => refused(code),
);

function syncRequest(request: RequestOf<typeof syncGroup>) {
  const { groupId: group, memberId, groupInstanceId: instanceId, generationId: generation } = request;
  const { protocolType, protocolName: protocol, assignments } = request;
  const given = new Map(assignments.map((each) => [each.memberId, each.assignment]));
  return { group, memberId, instanceId, generation, protocolType, protocol, assignments: given };
}

function refused(errorCode: number) {
  return { errorCode, assignment: NOTHING };
}
