import { type Fetched, type FetchResult, fetchBatches, type Wanted } from '../../broker/fetch.ts';
import { monotonic } from '../../clock.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';
import type { Topic } from '../../topic/topics.ts';
import { CODE } from '../codes.ts';
import { handler, type RequestContext } from '../handler.ts';
import { leaderEpochProblem } from '../leader-epoch.ts';

type Request = RequestOf<typeof fetch>;
type AskedTopic = Request['topics'][number];
type Asked = AskedTopic['partitions'][number];
/** What is read of a partition, or the number of the error that it has. */
type Target = Wanted | number;

/** Kafka's fetch.max.bytes of a broker. */
const MAX_BYTES = 55 << 20;
/** From this version on topics have only their id. */
const IDS_SINCE = 13;
const NOTHING = Buffer.alloc(0);

/**
 * A sessionless fetch: every partition that was asked for is answered, and no other; sessions are declined by id 0. Without
 * enough to read the request is parked until there is, or its time is up, or its client leaves.
 */
export const answerFetch = handler(
  fetch,
  async (request, context) => {
    if (request.sessionId !== 0 && request.sessionEpoch > 0)
      return { errorCode: CODE.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
    const until = monotonic() + request.maxWaitMs;
    for (let isLast = false; ; ) {
      const targets = request.topics.flatMap((topic) => resolve(topic, context));
      const wanted = targets.filter((target) => typeof target !== 'number');
      const left = until - monotonic();
      const mayWait = !isLast && left > 0 && wanted.length === targets.length && wanted.length > 0;
      const result = read(request, wanted, mayWait ? request.minBytes : 0, context);
      if (!mayWait || isComplete(result, request)) return response(request, targets, result, context);
      const partitions = wanted.map(({ partition }) => partition);
      isLast = (await context.park(partitions, left)) !== 'commit';
    }
  },
  (request, code) => ({
    errorCode: code,
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => failed(partition, code)),
    })),
  }),
);

function read({ isolationLevel, maxBytes }: Request, wanted: Wanted[], minBytes: number, { broker }: RequestContext) {
  const isolation = isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
  return fetchBatches(broker, wanted, { isolation, minBytes, maxBytes: Math.min(maxBytes, MAX_BYTES) });
}

function isComplete({ bytes, partitions }: FetchResult, { minBytes }: Request): boolean {
  return bytes >= minBytes || partitions.some(({ outcome }) => outcome !== 'read');
}

function resolve(asked: AskedTopic, context: RequestContext): Target[] {
  const { broker, version } = context;
  const byId = version >= IDS_SINCE;
  const topic = broker.store.read(() =>
    byId ? broker.catalogue.findById(asked.topicId) : broker.catalogue.find(asked.topic),
  );
  const missing = byId ? CODE.UNKNOWN_TOPIC_ID : CODE.UNKNOWN_TOPIC_OR_PARTITION;
  return asked.partitions.map((partition) => (topic === undefined ? missing : target(topic, partition, context)));
}

function target(topic: Topic, asked: Asked, { cluster, client }: RequestContext): Target {
  const partition = topic.partitions[asked.partition];
  if (partition === undefined) return CODE.UNKNOWN_TOPIC_OR_PARTITION;
  if (!cluster.leads(client.arrival, topic, partition.number)) return CODE.NOT_LEADER_OR_FOLLOWER;
  const problem = leaderEpochProblem(asked.currentLeaderEpoch);
  return problem ?? { partition: partition.id, offset: asked.fetchOffset, maxBytes: asked.partitionMaxBytes };
}

/** Only beck's own commands are told of the order of commits. */
function response(request: Request, targets: readonly Target[], result: FetchResult, { client }: RequestContext) {
  const responses = answer(request, targets, result, client.isOwn);
  return client.isOwn ? { responses, lastSequence: result.lastSeq } : { responses };
}

function answer(
  { topics }: Request,
  targets: readonly Target[],
  { partitions: read }: FetchResult,
  withSequence: boolean,
) {
  const target = targets.values();
  const fetched = read.values();
  return topics.map(({ topic, topicId, partitions }) => ({
    topic,
    topicId,
    partitions: partitions.map(({ partition }) => {
      const each = target.next().value as Target;
      return typeof each === 'number'
        ? failed(partition, each)
        : partitionAnswer(partition, fetched.next().value as Fetched, withSequence);
    }),
  }));
}

function partitionAnswer(partitionIndex: number, fetched: Fetched, withSequence: boolean) {
  if (fetched.outcome === 'unknown') return failed(partitionIndex, CODE.UNKNOWN_TOPIC_OR_PARTITION);
  if (fetched.outcome === 'out-of-range') return failed(partitionIndex, CODE.OFFSET_OUT_OF_RANGE);
  return {
    partitionIndex,
    errorCode: CODE.NONE,
    highWatermark: fetched.highWatermark,
    lastStableOffset: fetched.lastStable,
    logStartOffset: fetched.logStart,
    abortedTransactions:
      fetched.aborted?.map(({ producerId, first: firstOffset }) => ({ producerId, firstOffset })) ?? null,
    records: fetched.batches,
    ...(withSequence ? { sequence: fetched.seqs } : {}),
  };
}

function failed(partitionIndex: number, errorCode: number) {
  return { partitionIndex, errorCode, highWatermark: -1, abortedTransactions: null, records: NOTHING };
}
