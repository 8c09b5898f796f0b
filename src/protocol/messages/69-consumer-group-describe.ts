import { api } from '../api.ts';
import { array, boolean, int8, int16, int32, string, struct, uuid } from '../schema.ts';
import { NOT_ASKED } from './not-asked.ts';

const assignment = {
  topicPartitions: array({
    topicId: uuid(),
    topicName: string(),
    partitions: array(int32()),
  }),
};

/** KIP-848. `memberType` (KIP-1099): 0 a classic member, 1 one of the new protocol, -1 unknown. */
export const consumerGroupDescribe = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupIds: array(string()),
    includeAuthorizedOperations: boolean(),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0, default: null }),
      groupId: string(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        instanceId: string({ nullable: 0, default: null }),
        rackId: string({ nullable: 0, default: null }),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: array(string()),
        subscribedTopicRegex: string({ nullable: 0, default: null }),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: int8({ since: 1, default: -1 }),
      }),
      authorizedOperations: int32({ default: NOT_ASKED }),
    }),
  },
});
