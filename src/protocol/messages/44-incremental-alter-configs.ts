import { api } from '../api.ts';
import { array, boolean, int8, string } from '../schema.ts';
import { alteredResources } from './altered-resources.ts';

/** `configOperation`: 0 set, 1 delete, 2 append, 3 subtract. */
export const incrementalAlterConfigs = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexible: 1,
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        configOperation: int8(),
        value: string({ nullable: 0 }),
      }),
    }),
    validateOnly: boolean(),
  },
  response: alteredResources,
});
