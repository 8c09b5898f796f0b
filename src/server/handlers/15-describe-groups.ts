import { viewOfGroup, type WireGroup } from '../../broker/group-view/wire-view.ts';
import { describeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { ALLOWED } from '../authorized-operations.ts';
import { CODE } from '../codes.ts';
import { attempt, Refusal } from '../error-code.ts';
import { coordinates } from '../group-handler.ts';
import { protocolOf, saysAssignment, saysMetadata } from '../group-words.ts';
import { handler, type RequestContext } from '../handler.ts';

const NOTHING = Buffer.alloc(0);

/** A group that there is not is dead, which is no error. Consumer groups are told of as well, in the words of classic ones. */
export const answerDescribeGroups = handler(
  describeGroups,
  ({ groups, includeAuthorizedOperations }, context) => {
    const operations = includeAuthorizedOperations ? { authorizedOperations: ALLOWED.group } : {};
    return { groups: groups.map((name) => ({ ...describe(name, context), ...operations })) };
  },
  ({ groups }, code) => ({ groups: groups.map((groupId) => ({ ...dead(groupId), errorCode: code })) }),
);

function describe(name: string, context: RequestContext) {
  if (!coordinates(name, context)) return { ...dead(name), groupState: '', errorCode: CODE.NOT_COORDINATOR };
  const group = attempt(() => viewOfGroup(context.broker, name));
  if (!(group instanceof Refusal)) return answer(group);
  return { ...dead(name), errorCode: group.code === CODE.GROUP_ID_NOT_FOUND ? CODE.NONE : group.code };
}

function dead(groupId: string) {
  return { errorCode: CODE.NONE, groupId, groupState: 'Dead', protocolType: '', protocolData: '', members: [] };
}

/** What members have agreed on is told while that stands. */
function answer(group: WireGroup) {
  const isStable = group.state === 'Stable';
  return {
    errorCode: CODE.NONE,
    groupId: group.name,
    groupState: isStable || group.state === 'Empty' ? group.state : (group.phase ?? 'PreparingRebalance'),
    protocolType: protocolOf(group),
    protocolData: isStable ? ((group.type === 'classic' ? group.protocol : group.assignor) ?? '') : '',
    members: group.members.map((member) => ({
      memberId: member.id,
      groupInstanceId: member.instance,
      clientId: member.name,
      clientHost: `/${member.host}`,
      memberMetadata: isStable ? saysMetadata(group, member) : NOTHING,
      memberAssignment: isStable ? saysAssignment(group, member) : NOTHING,
    })),
  };
}
