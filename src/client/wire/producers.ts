import { systemClock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { BatchProducer, type LocalProducer } from '../batch-producer.ts';
import type { BlockPool } from '../block-pool.ts';
import type { ProduceOptions, Producer, TransactionalOptions, TransactionalProducer } from '../cluster.ts';
import { ProducerStamp } from '../producer-stamp.ts';
import { TopicsProducer } from '../topics-producer.ts';
import { BatchTransaction } from '../transactional-producer.ts';
import { type Known, KnownTopics } from './known-topics.ts';
import type { Line } from './line.ts';
import { endsOf } from './offsets.ts';
import { askProducerId } from './producer-id.ts';
import { WireTopics } from './topics.ts';
import { WireTransaction } from './transaction.ts';
import { WireWriter, type WireWriterOptions } from './writer.ts';

/** How the batches of one run are sent. */
type Sending = Pick<WireWriterOptions, 'connection' | 'mayRepeat' | 'transactionalId' | 'enlist'>;

/** Opens producers on a server, each with a connection of its own. Every batch says whose it is, so that it can be sent again. */
export class WireProducers {
  readonly #line: Line;
  readonly #topics: WireTopics;

  constructor(line: Line) {
    this.#line = line;
    this.#topics = new WireTopics(line);
  }

  /** As `Cluster.produce`. */
  async open(options: ProduceOptions): Promise<Producer> {
    const topic = options.topic === null ? null : await this.#know(options.topic, options);
    const stamp = new ProducerStamp(await askProducerId(this.#line, null), false);
    const line = this.#line.another();
    const sending = {
      connection: () => line.patiently(),
      mayRepeat: () => !line.signal.aborted,
      transactionalId: null,
    };
    const start = options.idempotent ? stamp.producerId : undefined;
    return this.#producer(topic, options, (known) => ({ ...sending, stamp, start: start ?? known.ends }));
  }

  /** As `Cluster.produceTransactionally`. */
  async openTransactional(options: TransactionalOptions): Promise<TransactionalProducer> {
    const topic = options.topic === null ? null : await this.#know(options.topic, options);
    const transaction = new WireTransaction(this.#line.another());
    const sending = {
      connection: async () => transaction.connection,
      mayRepeat: () => false,
      transactionalId: transaction.transactionalId,
      enlist: (name: string, partitions: readonly number[]) => transaction.enlist(name, partitions),
    };
    return BatchTransaction.open(transaction, options, async (storing, stamp) =>
      this.#producer(topic, storing, () => ({ ...sending, stamp, start: stamp.producerId })),
    );
  }

  #producer(topic: Known | null, options: ProduceOptions, sendingTo: (topic: Known) => Storing): LocalProducer {
    if (topic !== null) return ofTopic(topic, options, sendingTo(topic));
    const known = new KnownTopics((name) => this.#know(name, options));
    return new TopicsProducer(
      options,
      (name, lane) => {
        const found = known.require(name);
        return ofTopic(found, lane, sendingTo(found));
      },
      (name) => known.prepare(name),
    );
  }

  /** Made if it may be. Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, INVALID_TOPIC_EXCEPTION. */
  async #know(name: string, { create, partition }: TransactionalOptions): Promise<Known> {
    if (create) await this.#line.call('createTopics', { specs: [{ name }], ifNotExists: true });
    const topic = await this.#topics.produced(name);
    const { partitions: count } = topic;
    if (partition !== undefined && partition >= count)
      throw new BrokerError('UNKNOWN_PARTITION', { topic: name, partition, count });
    const places = Array.from({ length: count }, (_, i) => ({ topic: name, partition: i }));
    const ends = await endsOf(this.#line, places);
    return { ...topic, ends: places.reduce((sum, place) => sum + ends(place).highWatermark, 0) };
  }
}

/** As `Sending`, with whose the batches are and where keyless records begin. */
type Storing = Sending & { readonly stamp: ProducerStamp; readonly start: number };

function ofTopic({ ends: _, ...topic }: Known, options: ProduceOptions, storing: Storing): BatchProducer {
  const { stamp, start, ...sending } = storing;
  const isDurable = options.acks === 'all';
  const first = (blocks: BlockPool) => new WireWriter({ ...sending, topic: topic.name, isDurable, blocks });
  return new BatchProducer(options, { clock: systemClock, topic, start, writers: { first }, stamp });
}
