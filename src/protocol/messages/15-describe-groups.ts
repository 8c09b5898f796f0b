import { api } from '../api.ts';
import { array, boolean, bytes, int16, int32, string } from '../schema.ts';
import { NOT_ASKED } from './not-asked.ts';

/** 6 would answer an unknown group with an error. */
export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexible: 5,
  request: {
    groups: array(string()),
    includeAuthorizedOperations: boolean({ since: 3, default: false }),
  },
  response: {
    throttleTimeMs: int32({ since: 1, default: 0 }),
    groups: array({
      errorCode: int16(),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ since: 4, nullable: 4, default: null }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ since: 3, default: NOT_ASKED }),
    }),
  },
});
