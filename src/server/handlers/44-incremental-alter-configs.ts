import { BrokerError } from '../../errors.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import { type ConfigStep, planSteps } from '../../topic/change-configs.ts';
import { alterConfigs, refuseAlteration } from '../alter-configs.ts';
import { handler } from '../handler.ts';

type Asked = RequestOf<typeof incrementalAlterConfigs>['resources'][number]['configs'][number];

/** By the numbers of org.apache.kafka.clients.admin.AlterConfigOp.OpType. */
const OPERATIONS = ['set', 'delete', 'append', 'subtract'] as const;

export const answerIncrementalAlterConfigs = handler(
  incrementalAlterConfigs,
  (request, context) =>
    alterConfigs(request, context, {
      plan: ({ overrides }, { configs }) => planSteps(overrides, configs.map(step)),
      mayBeNull: ({ configOperation }) => OPERATIONS[configOperation] === 'delete',
    }),
  refuseAlteration,
);

function step({ name, configOperation, value }: Asked): ConfigStep {
  const operation = OPERATIONS[configOperation];
  if (operation === undefined) throw new BrokerError('USAGE', { problem: `there is no operation ${configOperation}` });
  return { name, operation, value: value ?? '' };
}
