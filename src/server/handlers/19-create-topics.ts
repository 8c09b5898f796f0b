import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { createTopics } from '../../protocol/messages/19-create-topics.ts';
import { describeConfigs } from '../../topic/configs.ts';
import type { Topic, TopicSpec } from '../../topic/topics.ts';
import { CODE } from '../codes.ts';
import { CONFIG_SOURCE } from '../config-source.ts';
import { Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { inTheirPlaces, notRefused } from '../in-order.ts';
import { repeated } from '../repeated.ts';
import { assignmentProblem, BY_DEFAULT, replicationProblem } from '../replicas.ts';

type Asked = RequestOf<typeof createTopics>['topics'][number];
type Result = NewResponse<typeof createTopics>['topics'][number];

/** Topics are there, and complete, when they are answered. */
export const answerCreateTopics = handler(
  createTopics,
  ({ topics, validateOnly }, context) => {
    const twice = repeated(topics.map(({ name }) => name));
    const once = topics.filter(({ name }, i) => topics.findIndex((topic) => topic.name === name) === i);
    const checked = once.map((asked) =>
      twice.has(asked.name)
        ? new Refusal(CODE.INVALID_REQUEST, 'the topic is asked for twice')
        : specOf(asked, context),
    );
    const specs = notRefused(checked);
    const created = inTheirPlaces(checked, context.broker.topics.create(specs, validateOnly));
    return { topics: once.map((asked, i) => answer(asked, created[i] as Topic | Refusal, context)) };
  },
  ({ topics }, code, message) => ({ topics: topics.map(({ name }) => failed(name, new Refusal(code, message))) }),
);

function specOf(asked: Asked, { cluster, settings }: RequestContext): TopicSpec | Refusal {
  const { name, assignments, configs } = asked;
  const problem =
    assignments.length > 0 ? manualProblem(asked, cluster) : replicationProblem(cluster, asked.replicationFactor);
  if (problem !== undefined) return problem;
  const nulls = configs.filter(({ value }) => value === null);
  if (nulls.length > 0) return new Refusal(CODE.INVALID_CONFIG, `${nulls[0]?.name} has no value`);
  const wanted = asked.numPartitions === BY_DEFAULT ? settings.numPartitions : asked.numPartitions;
  return {
    name,
    partitions: assignments.length || wanted,
    configs: Object.fromEntries(configs.map((config) => [config.name, config.value as string])),
  };
}

/** As org.apache.kafka.controller.ReplicationControlManager.createTopic. */
function manualProblem(
  { assignments, numPartitions, replicationFactor }: Asked,
  cluster: RequestContext['cluster'],
): Refusal | undefined {
  if (numPartitions !== BY_DEFAULT || replicationFactor !== BY_DEFAULT)
    return new Refusal(CODE.INVALID_REQUEST, 'an assignment stands instead of the numbers of partitions and replicas');
  const numbers = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
  const isWhole = numbers.size === assignments.length && assignments.every((_, i) => numbers.has(i));
  if (!isWhole) return new Refusal(CODE.INVALID_REPLICA_ASSIGNMENT, 'partitions are numbered from 0, without a gap');
  return assignmentProblem(
    cluster,
    assignments.map(({ brokerIds }) => brokerIds),
  );
}

function answer(
  { name, replicationFactor, assignments }: Asked,
  created: Topic | Refusal,
  { cluster }: RequestContext,
): Result {
  if (created instanceof Refusal) return failed(name, created);
  const asked = assignments[0]?.brokerIds.length ?? replicationFactor;
  return {
    name,
    topicId: created.uuid,
    errorCode: CODE.NONE,
    errorMessage: null,
    numPartitions: created.partitions.length,
    replicationFactor: asked === BY_DEFAULT ? cluster.size : asked,
    configs: describeConfigs(created.overrides).map((config) => ({
      name: config.name,
      value: config.value,
      readOnly: false,
      configSource: config.overridden ? CONFIG_SOURCE.topic : CONFIG_SOURCE.default,
      isSensitive: false,
    })),
  };
}

function failed(name: string, { code, message }: Refusal): Result {
  return { name, errorCode: code, errorMessage: message || null };
}
