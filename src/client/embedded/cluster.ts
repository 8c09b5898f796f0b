import type { Broker } from '../../broker/broker.ts';
import { describePartitions } from '../../broker/describe.ts';
import { BrokerError } from '../../errors.ts';
import { describeConfigs } from '../../topic/configs.ts';
import { topicIdText } from '../../topic/topic-id.ts';
import type { Topic, TopicSelector, TopicSpec } from '../../topic/topics.ts';
import type { Cluster, ConsumeOptions, Producer, ProduceOptions, Reader, Status, TopicDescription, TopicSummary } from '../cluster.ts';
import { EmbeddedProducer } from './producer.ts';
import { EmbeddedReader } from './reader.ts';

/** The cluster that is a data directory, opened by this process as an equal of all others. */
export class EmbeddedCluster implements Cluster {
  readonly #broker: Broker;
  readonly #allowUnsafeFs: boolean;
  readonly #readers: Reader[] = [];

  constructor(broker: Broker, allowUnsafeFs: boolean) {
    this.#broker = broker;
    this.#allowUnsafeFs = allowUnsafeFs;
  }

  async createTopics(specs: readonly TopicSpec[], { ifNotExists = false } = {}): Promise<readonly TopicSummary[]> {
    return this.#broker.createTopics(specs, ifNotExists).map((topic) => this.#describe(topic));
  }

  async listTopics(selector?: TopicSelector): Promise<readonly TopicSummary[]> {
    return this.#describeAll(selector);
  }

  async describeTopics(selector: TopicSelector): Promise<readonly TopicDescription[]> {
    return this.#describeAll(selector);
  }

  async alterTopic(name: string, change: Parameters<Cluster['alterTopic']>[1]): Promise<TopicDescription> {
    return this.#describe(this.#broker.alterTopic(name, change));
  }

  async deleteTopics(selector: TopicSelector): Promise<readonly TopicSummary[]> {
    const before = this.#describeAll(selector);
    this.#broker.deleteTopics(selector);
    return before;
  }

  async produce(options: ProduceOptions): Promise<Producer> {
    const broker = this.#broker;
    const topic = broker.topic(options.topic);
    const { partition } = options;
    if (partition !== undefined && topic.partitions[partition] === undefined) {
      throw new BrokerError('UNKNOWN_PARTITION', { topic: topic.name, partition, count: topic.partitions.length });
    }
    const start = broker.store.read(() => topic.partitions.reduce((sum, { id }) => sum + (broker.rows.partition(id)?.nextOffset ?? 0), 0));
    return new EmbeddedProducer(options, { broker, topic, start, allowUnsafeFs: this.#allowUnsafeFs });
  }

  async consume(options: ConsumeOptions): Promise<Reader> {
    const reader = new EmbeddedReader(this.#broker, options);
    this.#readers.push(reader);
    return reader;
  }

  async status(): Promise<Status> {
    const broker = this.#broker;
    const topics = this.#describeAll();
    const sum = (of: (topic: TopicSummary) => number) => topics.reduce((total, topic) => total + of(topic), 0);
    return {
      path: broker.dir,
      exists: broker.exists,
      topics: topics.length,
      partitions: sum((topic) => topic.partitions),
      records: sum((topic) => topic.records),
      bytes: sum((topic) => topic.bytes),
      diskBytes: broker.diskBytes(),
      freeBytes: broker.store.freeBytes(),
      housekeeping: { last: null, next: null },
    };
  }

  #describeAll(selector?: TopicSelector): TopicDescription[] {
    const { store, catalogue } = this.#broker;
    return store.read(() => catalogue.select(selector).map((topic) => this.#describe(topic)));
  }

  #describe(topic: Topic): TopicDescription {
    const { store, rows } = this.#broker;
    const partitionList = store.read(() => describePartitions(rows, topic));
    const times = (of: 'oldest' | 'newest') => partitionList.flatMap((partition) => partition[of] ?? []);
    const oldest = times('oldest');
    const newest = times('newest');
    return {
      name: topic.name,
      id: topicIdText(topic.uuid),
      partitions: topic.partitions.length,
      records: partitionList.reduce((sum, { records }) => sum + records, 0),
      bytes: partitionList.reduce((sum, { bytes }) => sum + bytes, 0),
      oldest: oldest.length === 0 ? null : oldest.reduce((a, b) => Math.min(a, b)),
      newest: newest.length === 0 ? null : newest.reduce((a, b) => Math.max(a, b)),
      configs: describeConfigs(topic.overrides),
      partitionList,
    };
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    this.#broker.close();
  }
}
