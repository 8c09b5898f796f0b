import { api } from '../api.ts';
import { array, boolean, int8, int16, int32, string, uuid, ZERO_UUID } from '../schema.ts';

/** Java wants a list of configs from 5 on, not null, and real counts. */
export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexible: 5,
  request: {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: 0 }),
      }),
    }),
    timeoutMs: int32({ default: 60_000 }),
    validateOnly: boolean({ since: 1, default: false }),
  },
  response: {
    throttleTimeMs: int32({ since: 2, default: 0 }),
    topics: array({
      name: string(),
      topicId: uuid({ since: 7, default: ZERO_UUID }),
      errorCode: int16(),
      errorMessage: string({ since: 1, nullable: 0 }),
      topicConfigErrorCode: int16({ since: 5, tag: 0 }),
      numPartitions: int32({ since: 5, default: -1 }),
      replicationFactor: int16({ since: 5, default: -1 }),
      configs: array(
        {
          name: string(),
          value: string({ nullable: 5 }),
          readOnly: boolean(),
          configSource: int8({ default: -1 }),
          isSensitive: boolean(),
        },
        { since: 5, nullable: 5, default: [] },
      ),
    }),
  },
});
