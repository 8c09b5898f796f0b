import type { RequestOf } from '../../protocol/api.ts';
import { leaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { CODE } from '../codes.ts';
import { codeOf, groupHandler } from '../group-handler.ts';

type Request = RequestOf<typeof leaveGroup>;

/** Several members may leave at once from this version on, each with its own error (KIP-345). */
const LIST_SINCE = 3;

export const answerLeaveGroup = groupHandler(
  leaveGroup,
  (request, { broker, members, version }) => {
    const leaving = leavingOf(request, version);
    const { refusals } = broker.socketGroups.leave(request.groupId, leaving);
    for (const [i, { memberId }] of leaving.entries())
      if (refusals[i] === null) members.forget(request.groupId, memberId);
    if (version < LIST_SINCE) return { errorCode: codeOf(refusals[0] ?? null) };
    const answers = leaving.map(({ memberId, instanceId }, i) => {
      return { memberId, groupInstanceId: instanceId, errorCode: codeOf(refusals[i] ?? null) };
    });
    return { errorCode: CODE.NONE, members: answers };
  },
  (_, errorCode) => ({ errorCode }),
);

function leavingOf({ memberId, members }: Request, version: number) {
  if (version < LIST_SINCE) return [{ memberId, instanceId: null }];
  return members.map((each) => ({ memberId: each.memberId, instanceId: each.groupInstanceId }));
}
