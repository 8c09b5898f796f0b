import { api } from '../api.ts';
import { array, boolean, bytes, int16, int32, string } from '../schema.ts';

/** Version 0 has no rebalance timeout: the session's counts. A protocol's name may be null from 7 on, "" says it below. */
export const joinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32({ since: 1, default: -1 }),
    memberId: string(),
    groupInstanceId: string({ since: 5, nullable: 5, default: null }),
    protocolType: string(),
    protocols: array({
      name: string(),
      metadata: bytes(),
    }),
    reason: string({ since: 8, nullable: 8, default: null }),
  },
  response: {
    throttleTimeMs: int32({ since: 2, default: 0 }),
    errorCode: int16(),
    generationId: int32({ default: -1 }),
    protocolType: string({ since: 7, nullable: 7, default: null }),
    protocolName: string({ nullable: 7 }),
    leader: string(),
    skipAssignment: boolean({ since: 9, default: false }),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ since: 5, nullable: 5, default: null }),
      metadata: bytes(),
    }),
  },
});
