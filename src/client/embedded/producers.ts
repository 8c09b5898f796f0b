import type { Broker } from '../../broker/broker.ts';
import type { Topic } from '../../topic/topics.ts';
import type { ProduceOptions, Producer, TransactionalOptions, TransactionalProducer } from '../cluster.ts';
import { ProducerStamp } from '../producer-stamp.ts';
import { partitionOf } from './partition-of.ts';
import { EmbeddedProducer, type LocalProducer } from './producer.ts';
import { TopicsProducer } from './topics-producer.ts';
import { EmbeddedTransactionalProducer } from './transactional-producer.ts';

/** Opens producers of a data directory. Whoever writes ends first what processes that are gone have left open. */
export class EmbeddedProducers {
  readonly #broker: Broker;
  readonly #mayThread: boolean;

  /** `mayThread`: whether the database may be opened a second time, by a thread that writes. */
  constructor(broker: Broker, mayThread: boolean) {
    this.#broker = broker;
    this.#mayThread = mayThread;
  }

  /** As `Cluster.produce`. */
  open(options: ProduceOptions): Producer {
    if (!options.idempotent) return this.#local(options);
    const known = this.#withTopic(options);
    const identity = this.#broker.transactions.init({ transactionalId: null, timeoutMs: null });
    return this.#local(known, new ProducerStamp(identity, false));
  }

  /** As `Cluster.produceTransactionally`. */
  openTransactional(options: TransactionalOptions): TransactionalProducer {
    const known = this.#withTopic(options);
    return new EmbeddedTransactionalProducer(this.#broker, known, (storing, stamp) => this.#local(storing, stamp));
  }

  /** The one topic is there, before anything else is written. */
  #withTopic<T extends TransactionalOptions>(options: T): T {
    if (options.topic === null) return options;
    this.#topic(options.topic, options);
    return { ...options, create: false };
  }

  /** Made if it may be. Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION. */
  #topic(name: string, { create, partition }: TransactionalOptions): Topic {
    if (create) this.#broker.createTopics([{ name }], true);
    const topic = this.#broker.topic(name);
    if (partition !== undefined) partitionOf(topic, partition);
    return topic;
  }

  #local(options: ProduceOptions, stamp?: ProducerStamp): LocalProducer {
    const { topic } = options;
    this.#broker.transactions.sweep();
    if (topic !== null) return this.#ofTopic(topic, options, { stamp, mayThread: this.#mayThread });
    // A thread a topic, each with a connection of its own, would only wait for the others.
    return new TopicsProducer(options, (name, lane) => this.#ofTopic(name, lane, { stamp, mayThread: false }));
  }

  #ofTopic(
    name: string,
    options: ProduceOptions,
    setting: { readonly stamp: ProducerStamp | undefined; readonly mayThread: boolean },
  ): EmbeddedProducer {
    const topic = this.#topic(name, options);
    const start = setting.stamp?.producerId ?? this.#ends(topic);
    return new EmbeddedProducer(options, { broker: this.#broker, topic, start, ...setting });
  }

  /** The sum of its next offsets. Those of one who commits transactions say nothing: each marker takes one too. */
  #ends({ partitions }: Topic): number {
    const { store, rows } = this.#broker;
    return store.read(() => partitions.reduce((sum, { id }) => sum + (rows.partition(id)?.nextOffset ?? 0), 0));
  }
}
