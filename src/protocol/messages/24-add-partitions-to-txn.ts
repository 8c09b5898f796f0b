import { api } from '../api.ts';
import { array, int16, int32, int64, string } from '../schema.ts';

/** From 4 on the layout is the one that brokers use among themselves; so its fields lack Kafka's `v3AndBelow` here. */
export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 3],
  flexible: 3,
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    topics: array({
      name: string(),
      partitions: array(int32()),
    }),
  },
  response: {
    throttleTimeMs: int32({ default: 0 }),
    resultsByTopic: array({
      name: string(),
      resultsByPartition: array({
        partitionIndex: int32(),
        partitionErrorCode: int16(),
      }),
    }),
  },
});
