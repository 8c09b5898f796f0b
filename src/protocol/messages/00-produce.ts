import { api } from '../api.ts';
import { array, int16, int32, int64, records, string, struct } from '../schema.ts';
import { currentLeader, nodeEndpoint } from './leader.ts';

/**
 * Advertised from 0: librdkafka before 2.11.1 compresses only where Produce's range contains 0. Versions 0 to 2 carry
 * MessageSets and are not implemented. 12 means transactions of version 2 (KIP-890), 13 topic ids.
 */
export const produce = api({
  key: 0,
  name: 'Produce',
  versions: [3, 11],
  advertised: [0, 11],
  flexible: 9,
  request: {
    transactionalId: string({ nullable: 3, default: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string(),
      partitionData: array({
        index: int32(),
        records: records({ nullable: 0 }),
      }),
    }),
  },
  response: {
    responses: array({
      name: string(),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64({ since: 2, default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        recordErrors: array(
          {
            batchIndex: int32(),
            batchIndexErrorMessage: string({ nullable: 8, default: null }),
          },
          { since: 8, default: [] },
        ),
        errorMessage: string({ since: 8, nullable: 8, default: null }),
        currentLeader: struct(currentLeader, { since: 10, tag: 0 }),
      }),
    }),
    throttleTimeMs: int32({ since: 1, default: 0 }),
    nodeEndpoints: array(nodeEndpoint, { since: 10, tag: 0 }),
  },
});
