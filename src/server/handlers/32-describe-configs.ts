import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { describeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { describeConfigs as describeTopic } from '../../topic/configs.ts';
import { checkTopicName } from '../../topic/names.ts';
import { brokerConfigs } from '../broker-configs.ts';
import { CODE } from '../codes.ts';
import { configEntry, type ShownConfig } from '../config-entry.ts';
import { RESOURCE } from '../config-resource.ts';
import { CONFIG_SOURCE } from '../config-source.ts';
import { attempt, Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';

type Asked = RequestOf<typeof describeConfigs>['resources'][number];
type Result = NewResponse<typeof describeConfigs>['results'][number];
type Describe = (name: string, context: RequestContext) => readonly ShownConfig[] | Refusal;

const nameless: Describe = (name) => (name === '' ? new Refusal(CODE.INVALID_REQUEST, 'it has no name') : []);

const DESCRIBE: Readonly<Record<number, Describe>> = {
  [RESOURCE.topic]: topicConfigs,
  [RESOURCE.broker]: nodeConfigs,
  [RESOURCE.logger]: nameless,
  [RESOURCE.metrics]: nameless,
  [RESOURCE.group]: nameless,
};

export const answerDescribeConfigs = handler(
  describeConfigs,
  (request, context) => ({
    results: request.resources.map((asked) => {
      const describe =
        DESCRIBE[asked.resourceType] ?? (() => new Refusal(CODE.INVALID_REQUEST, 'nothing of it has configs'));
      const found = attempt(() => describe(asked.resourceName, context));
      if (found instanceof Refusal) return failed(asked, found);
      const entries = found.filter(({ name }) => isWanted(asked, name)).map((config) => configEntry(config, request));
      return { ...failed(asked, new Refusal(CODE.NONE)), configs: entries };
    }),
  }),
  ({ resources }, code, message) => ({ results: resources.map((asked) => failed(asked, new Refusal(code, message))) }),
);

/** No list of keys, or an empty one, is all of them. */
function isWanted({ configurationKeys: keys }: Asked, name: string): boolean {
  return keys === null || keys.length === 0 || keys.includes(name);
}

function topicConfigs(name: string, { broker }: RequestContext): readonly ShownConfig[] | Refusal {
  checkTopicName(name);
  const topic = broker.store.read(() => broker.catalogue.find(name));
  if (topic === undefined) return new Refusal(CODE.UNKNOWN_TOPIC_OR_PARTITION);
  return describeTopic(topic.overrides).map((config) => ({ ...config, source: CONFIG_SOURCE.topic }));
}

/** Without a name the cluster's own are meant, of which there are none. */
function nodeConfigs(name: string, { cluster, settings }: RequestContext): readonly ShownConfig[] | Refusal {
  if (name === '') return [];
  const node = Number(name);
  if (cluster.has(node)) return brokerConfigs(node, settings, cluster.size);
  return new Refusal(CODE.INVALID_REQUEST, `there is no node ${name}`);
}

function failed({ resourceType, resourceName }: Asked, { code, message }: Refusal): Result {
  return {
    errorCode: code,
    errorMessage: code === CODE.NONE ? '' : message || null,
    resourceType,
    resourceName,
    configs: [],
  };
}
