import { api } from '../api.ts';
import { array, int8, int16, int32, int64, records, string, struct, uuid, ZERO_UUID } from '../schema.ts';
import { currentLeader, nodeEndpoint } from './leader.ts';

/** Far from the tags that Kafka gives out. */
const OWN_TAG = 10_000;

/**
 * From 13 on topics have only their id. Versions 0 to 3 would carry MessageSets. The fields with `OWN_TAG` are beck's own, for its own commands:
 * in which order batches of several partitions were committed.
 */
export const fetch = api({
  key: 1,
  name: 'Fetch',
  versions: [4, 17],
  flexible: 12,
  request: {
    clusterId: string({ since: 12, tag: 0, nullable: 12, default: null }),
    replicaId: int32({ until: 14, default: -1 }),
    replicaState: struct(
      {
        replicaId: int32({ default: -1 }),
        replicaEpoch: int64({ default: -1 }),
      },
      { since: 15, tag: 1 },
    ),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ since: 3, default: 0x7fffffff }),
    isolationLevel: int8({ since: 4, default: 0 }),
    sessionId: int32({ since: 7, default: 0 }),
    sessionEpoch: int32({ since: 7, default: -1 }),
    topics: array({
      topic: string({ until: 12, default: '' }),
      topicId: uuid({ since: 13, default: ZERO_UUID }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ since: 9, default: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ since: 12, default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ since: 17, tag: 0 }),
      }),
    }),
    forgottenTopicsData: array(
      {
        topic: string({ until: 12, default: '' }),
        topicId: uuid({ since: 13, default: ZERO_UUID }),
        partitions: array(int32()),
      },
      { since: 7, default: [] },
    ),
    rackId: string({ since: 11, default: '' }),
  },
  response: {
    throttleTimeMs: int32({ since: 1, default: 0 }),
    errorCode: int16({ since: 7, default: 0 }),
    sessionId: int32({ since: 7, default: 0 }),
    responses: array({
      topic: string({ until: 12, default: '' }),
      topicId: uuid({ since: 13, default: ZERO_UUID }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64({ since: 4, default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        divergingEpoch: struct(
          {
            epoch: int32({ default: -1 }),
            endOffset: int64({ default: -1 }),
          },
          { since: 12, tag: 0 },
        ),
        currentLeader: struct(currentLeader, { since: 12, tag: 1 }),
        snapshotId: struct(
          {
            endOffset: int64({ default: -1 }),
            epoch: int32({ default: -1 }),
          },
          { since: 12, tag: 2 },
        ),
        abortedTransactions: array(
          {
            producerId: int64(),
            firstOffset: int64(),
          },
          { since: 4, nullable: 4 },
        ),
        preferredReadReplica: int32({ since: 11, default: -1 }),
        records: records({ nullable: 0 }),
        /** The place of each batch in the order of all commits. */
        sequence: array(int64(), { since: 12, tag: OWN_TAG }),
      }),
    }),
    nodeEndpoints: array(nodeEndpoint, { since: 16, tag: 0 }),
    /** The last place in that order when this was read; -1: it is not told. */
    lastSequence: int64({ since: 12, tag: OWN_TAG, default: -1 }),
  },
});
