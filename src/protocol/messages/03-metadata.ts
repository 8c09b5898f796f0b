import { api } from '../api.ts';
import { array, boolean, int16, int32, string, uuid, ZERO_UUID } from '../schema.ts';
import { NOT_ASKED } from './not-asked.ts';

/** Version 0 has no null list of topics: there an empty one asks for all. Below 4 a topic that is asked for is created. */
export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 12],
  flexible: 9,
  request: {
    topics: array(
      {
        topicId: uuid({ since: 10, default: ZERO_UUID }),
        name: string({ nullable: 10 }),
      },
      { nullable: 1 },
    ),
    allowAutoTopicCreation: boolean({ since: 4, default: true }),
    includeClusterAuthorizedOperations: boolean({ since: 8, until: 10, default: false }),
    includeTopicAuthorizedOperations: boolean({ since: 8, default: false }),
  },
  response: {
    throttleTimeMs: int32({ since: 3, default: 0 }),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string({ since: 1, nullable: 1, default: null }),
    }),
    clusterId: string({ since: 2, nullable: 2, default: null }),
    controllerId: int32({ since: 1, default: -1 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: 12 }),
      topicId: uuid({ since: 10, default: ZERO_UUID }),
      isInternal: boolean({ since: 1, default: false }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ since: 7, default: -1 }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        offlineReplicas: array(int32(), { since: 5, default: [] }),
      }),
      topicAuthorizedOperations: int32({ since: 8, default: NOT_ASKED }),
    }),
    clusterAuthorizedOperations: int32({ since: 8, until: 10, default: NOT_ASKED }),
  },
});
