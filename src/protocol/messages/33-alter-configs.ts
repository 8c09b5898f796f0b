import { api } from '../api.ts';
import { array, boolean, int8, string } from '../schema.ts';
import { alteredResources } from './altered-resources.ts';

/** Not 2: sarama leaves out the tags of each config there. */
export const alterConfigs = api({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 1],
  flexible: 2,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: 0 }),
      }),
    }),
    validateOnly: boolean(),
  },
  response: alteredResources,
});
