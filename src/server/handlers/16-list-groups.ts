import { listGroups } from '../../protocol/messages/16-list-groups.ts';
import { CODE } from '../codes.ts';
import { coordinates } from '../group-handler.ts';
import { protocolOf } from '../group-words.ts';
import { handler } from '../handler.ts';

/** Each node tells of its own groups. Clients write states and types as they like (`Classic`, `stable`). */
export const answerListGroups = handler(
  listGroups,
  ({ statesFilter, typesFilter }, context) => {
    const isIn = (filter: readonly string[], word: string) =>
      filter.length === 0 || filter.some((each) => each.trim().toLowerCase() === word.toLowerCase());
    const groups = context.broker.groups
      .records()
      .filter(({ name, state, type }) => {
        return isIn(statesFilter, state) && isIn(typesFilter, type) && coordinates(name, context);
      })
      .map((group) => ({
        groupId: group.name,
        protocolType: protocolOf(group),
        groupState: group.state,
        groupType: group.type,
      }));
    return { errorCode: CODE.NONE, groups };
  },
  (_, errorCode) => ({ errorCode, groups: [] }),
);
