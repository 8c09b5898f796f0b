import { BrokerError } from '../../errors.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { describeConfigs } from '../../protocol/messages/32-describe-configs.ts';
import { readConfig } from '../../topic/configs.ts';
import { type TopicSelector, topicPattern } from '../../topic/topics.ts';
import type { ProducedTopic } from '../batch-producer.ts';
import type { Line } from './line.ts';

/** A topic as a server tells of it. */
export interface WireTopic {
  readonly name: string;
  readonly id: Buffer;
  /** How many. */
  readonly partitions: number;
}

/** Kafka's number for a topic among what can have configs. */
const TOPIC_RESOURCE = 2;

/** The topics of a server, in Kafka's words. Why one is not there its own door says. */
export class WireTopics {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  /** By names, in their order, each once, or by pattern. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern). */
  async select(selector: TopicSelector): Promise<WireTopic[]> {
    if ('pattern' in selector) {
      const whole = topicPattern(selector.pattern);
      return (await this.#ask(null)).filter(({ name }) => whole.test(name)).sort(byName);
    }
    const names = [...new Set(selector.names)];
    const found = new Map((await this.#ask(names)).map((topic) => [topic.name, topic]));
    return Promise.all(names.map(async (name) => found.get(name) ?? this.#whyNot(name)));
  }

  /** Those of these names, or of all, that there are. */
  async present(names: readonly string[] | null): Promise<WireTopic[]> {
    return (await this.#ask(names)).sort(byName);
  }

  /** What a producer has to know of one. Throws UNKNOWN_TOPIC_OR_PARTITION. */
  async produced(name: string): Promise<ProducedTopic> {
    const [topic] = await this.select({ names: [name] });
    const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: null }];
    const { results } = await this.#line.ask(describeConfigs, { resources });
    if (topic === undefined || results[0]?.errorCode !== 0) return this.#whyNot(name);
    const configs = results[0].configs.flatMap(({ name: key, value }): [string, string][] =>
      value === null ? [] : [[key, value]],
    );
    return { name, config: readConfig(new Map(configs)), partitions: topic.partitions };
  }

  async #ask(names: readonly string[] | null): Promise<WireTopic[]> {
    if (names?.length === 0) return [];
    const asked = names?.map((name) => ({ name })) ?? null;
    const { topics } = await this.#line.ask(metadata, { topics: asked, allowAutoTopicCreation: false });
    return topics.flatMap(({ errorCode, name, topicId: id, partitions: { length: partitions } }) =>
      errorCode === 0 && name !== null ? [{ name, id, partitions }] : [],
    );
  }

  async #whyNot(topic: string): Promise<never> {
    await this.#line.call('describeTopics', { topics: { names: [topic] } });
    throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic });
  }
}

function byName(a: WireTopic, b: WireTopic): number {
  return a.name < b.name ? -1 : 1;
}
