import type { RequestOf } from '../../protocol/api.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { ZERO_UUID } from '../../protocol/schema.ts';
import { checkTopicName } from '../../topic/names.ts';
import type { Topic } from '../../topic/topics.ts';
import { ALLOWED } from '../authorized-operations.ts';
import { CONTROLLER } from '../cluster-view.ts';
import { CODE } from '../codes.ts';
import { attempt, Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';

type Asked = NonNullable<RequestOf<typeof metadata>['topics']>[number];

/** Topics that are asked for by name and are not there are made on the spot, where that is allowed: complete before the answer. */
export const answerMetadata = handler(
  metadata,
  (request, context) => {
    const { cluster, client, version } = context;
    const operations = request.includeClusterAuthorizedOperations
      ? { clusterAuthorizedOperations: ALLOWED.cluster }
      : {};
    const known = {
      ...operations,
      brokers: cluster.nodes(client.arrival),
      clusterId: cluster.clusterId,
      controllerId: CONTROLLER,
    };
    if (version < 12 && request.topics?.some(({ topicId }) => !topicId.equals(ZERO_UUID)))
      return { ...known, topics: request.topics.map((asked) => unknown(asked, version, CODE.INVALID_REQUEST)) };
    return { ...known, topics: topicsOf(request, context) };
  },
  ({ topics }, code) => ({ brokers: [], topics: (topics ?? []).map((asked) => unknown(asked, 0, code)) }),
);

function topicsOf(request: RequestOf<typeof metadata>, context: RequestContext) {
  const all = askedTopics(request, context);
  if (!request.includeTopicAuthorizedOperations) return all;
  return all.map((topic) => ({ ...topic, topicAuthorizedOperations: ALLOWED.topic }));
}

function askedTopics({ topics, allowAutoTopicCreation }: RequestOf<typeof metadata>, context: RequestContext) {
  const { broker, version, settings } = context;
  const isAll = topics === null || (version === 0 && topics.length === 0);
  if (isAll) return broker.store.read(() => broker.catalogue.select()).map((topic) => found(topic, context));
  const mayCreate = allowAutoTopicCreation && settings.autoCreateTopics;
  return once(topics).map((asked) => find(asked, mayCreate, context));
}

/** Kafka answers a topic that is asked for twice once. */
function once(topics: readonly Asked[]): Asked[] {
  const byName = new Map(topics.map((asked) => [asked.name ?? asked.topicId.toString('hex'), asked]));
  return [...byName.values()];
}

function find(asked: Asked, mayCreate: boolean, context: RequestContext) {
  const { broker, settings, version } = context;
  const { name, topicId } = asked;
  if (name === null) {
    const topic = broker.store.read(() => broker.catalogue.findById(topicId));
    return topic === undefined ? unknown(asked, version, CODE.UNKNOWN_TOPIC_ID) : found(topic, context);
  }
  const topic = broker.store.read(() => broker.catalogue.find(name));
  if (topic !== undefined) return found(topic, context);
  const made = attempt(() => {
    checkTopicName(name);
    return mayCreate ? broker.ensureTopic({ name, partitions: settings.numPartitions }) : undefined;
  });
  if (made === undefined) return unknown(asked, version, CODE.UNKNOWN_TOPIC_OR_PARTITION);
  return made instanceof Refusal ? unknown(asked, version, made.code) : found(made, context);
}

function found(topic: Topic, { cluster, client: { arrival } }: RequestContext) {
  const replicas = cluster.replicas(arrival);
  return {
    errorCode: CODE.NONE,
    name: topic.name,
    topicId: topic.uuid,
    partitions: topic.partitions.map(({ number }) => ({
      errorCode: CODE.NONE,
      partitionIndex: number,
      leaderId: cluster.leader(arrival, topic, number),
      leaderEpoch: 0,
      replicaNodes: replicas,
      isrNodes: replicas,
    })),
  };
}

function unknown({ name, topicId }: Asked, version: number, code: number) {
  return { errorCode: code, name: version < 12 ? (name ?? '') : name, topicId, partitions: [] };
}
