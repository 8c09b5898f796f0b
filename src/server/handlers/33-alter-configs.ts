import { alterConfigs } from '../../protocol/messages/33-alter-configs.ts';
import { planReplacement } from '../../topic/change-configs.ts';
import { alterConfigs as alter, refuseAlteration } from '../alter-configs.ts';
import { handler } from '../handler.ts';

/** What is not named goes back to its default. */
export const answerAlterConfigs = handler(
  alterConfigs,
  (request, context) =>
    alter(request, context, {
      plan: ({ overrides }, { configs }) =>
        planReplacement(overrides, Object.fromEntries(configs.map(({ name, value }) => [name, value as string]))),
      mayBeNull: () => false,
    }),
  refuseAlteration,
);
