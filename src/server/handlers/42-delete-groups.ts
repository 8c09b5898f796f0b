import { deleteGroups } from '../../protocol/messages/42-delete-groups.ts';
import { CODE } from '../codes.ts';
import { attempt, Refusal } from '../error-code.ts';
import { coordinates } from '../group-handler.ts';
import { handler } from '../handler.ts';

/** Each by itself: a group with members takes no other with it. */
export const answerDeleteGroups = handler(
  deleteGroups,
  ({ groupsNames }, context) => ({
    results: groupsNames.map((groupId) => {
      if (!coordinates(groupId, context)) return { groupId, errorCode: CODE.NOT_COORDINATOR };
      const outcome = attempt(() => context.broker.groups.deleteGroups([groupId]));
      return { groupId, errorCode: outcome instanceof Refusal ? outcome.code : CODE.NONE };
    }),
  }),
  ({ groupsNames }, errorCode) => ({ results: groupsNames.map((groupId) => ({ groupId, errorCode })) }),
);
