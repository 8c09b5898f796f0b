import { api } from '../api.ts';
import { array, int16, int32, string } from '../schema.ts';
import { aclEntry, aclFilter, aclResource } from './acl.ts';

export const deleteAcls = api({
  key: 31,
  name: 'DeleteAcls',
  versions: [0, 3],
  flexible: 2,
  request: {
    filters: array(aclFilter),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    filterResults: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
      matchingAcls: array({
        errorCode: int16(),
        errorMessage: string({ nullable: 0 }),
        ...aclResource,
        ...aclEntry,
      }),
    }),
  },
});
