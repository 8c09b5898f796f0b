import { api } from '../api.ts';
import { array, boolean, int8, int16, int32, string } from '../schema.ts';
import { NOT_ASKED } from './not-asked.ts';

export const describeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexible: 0,
  request: {
    includeClusterAuthorizedOperations: boolean(),
    endpointType: int8({ since: 1, default: 1 }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: 0, default: null }),
    endpointType: int8({ since: 1, default: 1 }),
    clusterId: string(),
    controllerId: int32({ default: -1 }),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: string({ nullable: 0, default: null }),
    }),
    clusterAuthorizedOperations: int32({ default: NOT_ASKED }),
  },
});
