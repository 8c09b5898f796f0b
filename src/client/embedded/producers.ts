import type { Broker } from '../../broker/broker.ts';
import type { Topic } from '../../topic/topics.ts';
import { BatchProducer, type LocalProducer } from '../batch-producer.ts';
import type { Writers } from '../batch-writer.ts';
import type { ProduceOptions, Producer, TransactionalOptions, TransactionalProducer } from '../cluster.ts';
import { partitionOf } from '../partition-of.ts';
import { ProducerStamp } from '../producer-stamp.ts';
import { TopicsProducer } from '../topics-producer.ts';
import { BatchTransaction } from '../transactional-producer.ts';
import { InlineWriter } from './inline-writer.ts';
import { ThreadWriter } from './thread-writer.ts';
import { EmbeddedTransaction } from './transaction.ts';

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
  openTransactional(options: TransactionalOptions): Promise<TransactionalProducer> {
    const known = this.#withTopic(options);
    const keeper = new EmbeddedTransaction(this.#broker, known.member);
    return BatchTransaction.open(keeper, known, async (storing, stamp) => this.#local(storing, stamp));
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
    { stamp, mayThread }: { readonly stamp: ProducerStamp | undefined; readonly mayThread: boolean },
  ): BatchProducer {
    const found = this.#topic(name, options);
    const start = stamp?.producerId ?? this.#ends(found);
    const topic = { name, config: found.config, partitions: found.partitions.length };
    const { clock } = this.#broker;
    return new BatchProducer(options, { clock, topic, start, writers: this.#writers(name, options, mayThread), stamp });
  }

  /** Begins on this thread; for much, a thread of its own writes while this one makes the next batches. */
  #writers(topic: string, { acks }: ProduceOptions, mayThread: boolean): Writers {
    const broker = this.#broker;
    const durability = acks === 'all' ? 'full' : 'normal';
    const mayGrow = mayThread && ThreadWriter.available;
    return {
      first: () => new InlineWriter(broker, topic, durability),
      large: (blocks) => (mayGrow ? new ThreadWriter({ dir: broker.dir, topic, durability }, blocks) : undefined),
    };
  }

  /** The sum of its next offsets. Those of one who commits transactions say nothing: each marker takes one too. */
  #ends({ partitions }: Topic): number {
    const { store, rows } = this.#broker;
    return store.read(() => partitions.reduce((sum, { id }) => sum + (rows.partition(id)?.nextOffset ?? 0), 0));
  }
}
