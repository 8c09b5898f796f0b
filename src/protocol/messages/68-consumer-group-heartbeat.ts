import { api } from '../api.ts';
import { array, int16, int32, string, struct, uuid } from '../schema.ts';

const topicPartitions = {
  topicId: uuid(),
  partitions: array(int32()),
};

/** Far from the tags that Kafka gives out: what beck's own commands say beside, which are members as on the data directory. */
const OWN_TAG = 10_000;

/** KIP-848. In a request null means: as it was; in an answer: the assignment has not changed. */
export const consumerGroupHeartbeat = api({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string(),
    memberId: string(),
    memberEpoch: int32(),
    instanceId: string({ nullable: 0, default: null }),
    rackId: string({ nullable: 0, default: null }),
    rebalanceTimeoutMs: int32({ default: -1 }),
    subscribedTopicNames: array(string(), { nullable: 0, default: null }),
    subscribedTopicRegex: string({ since: 1, nullable: 1, default: null }),
    serverAssignor: string({ nullable: 0, default: null }),
    topicPartitions: array(topicPartitions, { nullable: 0, default: null }),
    /** -1: the group's own. */
    sessionTimeoutMs: int32({ tag: OWN_TAG, default: -1 }),
    /** Instead of the server's. */
    assignor: string({ tag: OWN_TAG + 1, nullable: 0, default: null }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: 0, default: null }),
    memberId: string({ nullable: 0, default: null }),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct(
      {
        topicPartitions: array(topicPartitions),
      },
      { nullable: 0, default: null },
    ),
  },
});
