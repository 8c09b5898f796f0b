import { randomUUID } from 'node:crypto';
import type { JoinAnswer, JoinRequest } from '../../broker/socket-groups.ts';
import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { joinGroup } from '../../protocol/messages/11-join-group.ts';
import { CODE } from '../codes.ts';
import { attempt } from '../error-code.ts';
import { callerOf, codeOf, groupHandler, untilAnswered } from '../group-handler.ts';
import type { RequestContext } from '../handler.ts';

type Request = RequestOf<typeof joinGroup>;

/** A dynamic member comes twice from this version on (KIP-394). */
const TWICE_SINCE = 4;
/** A protocol's name may be null from this version on. */
const NULL_SINCE = 7;
/** A leader may be told to assign nothing from this version on (KIP-814). */
const SKIP_SINCE = 9;

/** Waits until all members are in. */
export const answerJoinGroup = groupHandler(
  joinGroup,
  async (request, context) => {
    const { broker, members, client, version } = context;
    const asked = joinRequest(request, context);
    const first = broker.socketGroups.join(asked);
    const { memberId } = first;
    members.heard(asked.group, memberId, client);
    const ask = () => broker.socketGroups.joined({ ...asked, memberId });
    const answer = await untilAnswered(context, asked.group, first, ask);
    if (answer === null) return letGo(asked, memberId, context);
    return { ...answerOf(answer), protocolName: version < NULL_SINCE ? (answer.protocol ?? '') : answer.protocol };
  },
  ({ memberId }, errorCode) => ({ errorCode, memberId, protocolName: '', leader: '', members: [] }),
);

function joinRequest(request: Request, context: RequestContext): JoinRequest {
  const { groupId: group, memberId, groupInstanceId: instanceId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  const { protocolType, protocols } = request;
  const caller = callerOf(context);
  return {
    ...{ group, memberId, instanceId, ...caller, sessionTimeoutMs, protocolType, protocols },
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    newId: `${instanceId ?? caller.clientId}-${randomUUID()}`,
    comesTwice: context.version >= TWICE_SINCE,
    canSkipAssignment: context.version >= SKIP_SINCE,
  };
}

function answerOf(answer: JoinAnswer): NewResponse<typeof joinGroup> {
  const { error, generation, protocolType, protocol, leader, skipAssignment, memberId, members } = answer;
  return {
    errorCode: codeOf(error),
    ...{ generationId: generation, protocolType, protocolName: protocol, leader, skipAssignment, memberId },
    members: members.map(({ id, instance, metadata }) => ({ memberId: id, groupInstanceId: instance, metadata })),
  };
}

/** A dynamic member that never heard of its id can't come back under it. */
function letGo({ group, memberId: known, instanceId }: JoinRequest, memberId: string, { broker }: RequestContext) {
  const isLost = known === '' && instanceId === null;
  if (isLost) attempt(() => broker.socketGroups.drop(group, memberId, broker.clock.now()));
  return { errorCode: CODE.REBALANCE_IN_PROGRESS, memberId, protocolName: '', leader: '', members: [] };
}
