import { api } from '../api.ts';
import { array, int8, int16, int32, string } from '../schema.ts';
import { aclEntry } from './acl.ts';

export const createAcls = api({
  key: 30,
  name: 'CreateAcls',
  versions: [0, 3],
  flexible: 2,
  request: {
    creations: array({
      resourceType: int8(),
      resourceName: string(),
      resourcePatternType: int8({ since: 1, default: 3 }),
      ...aclEntry,
    }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
    }),
  },
});
