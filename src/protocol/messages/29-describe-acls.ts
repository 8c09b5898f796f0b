import { api } from '../api.ts';
import { array, int16, int32, string } from '../schema.ts';
import { aclEntry, aclFilter, aclResource } from './acl.ts';

export const describeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: [0, 3],
  flexible: 2,
  request: aclFilter,
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    resources: array({
      ...aclResource,
      acls: array(aclEntry),
    }),
  },
});
