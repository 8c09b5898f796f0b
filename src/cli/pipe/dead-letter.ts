import type { Cluster, GroupMetadata, SentOffsets, TransactionalProducer } from '../../client/cluster.ts';
import type { Header, NewRecord } from '../../types.ts';
import { type PipedBatch, records } from './piped-batch.ts';

/** What the record that a run failed on is given along, as Kafka Connect does it (KIP-298). */
const HEADER = {
  topic: 'beck.topic',
  partition: 'beck.partition',
  offset: 'beck.offset',
  error: 'beck.error',
} as const;

/** The topic for records that the command fails on. */
export class DeadLetters {
  readonly topic: string;
  readonly #producer: TransactionalProducer;

  /** `member` is who reads. Throws UNKNOWN_TOPIC_OR_PARTITION, STORAGE_*. */
  static async open(cluster: Cluster, topic: string, member: () => GroupMetadata): Promise<DeadLetters> {
    return new DeadLetters(topic, await cluster.produceTransactionally({ topic, codec: 'none', member }));
  }

  private constructor(topic: string, producer: TransactionalProducer) {
    this.topic = topic;
    this.#producer = producer;
  }

  /** Writes the batch's only record there, in one transaction with the offset behind it. Throws what the topic refuses it by, and as `commit`. */
  async commit(batch: PipedBatch, reason: string, sent: SentOffsets): Promise<void> {
    this.#producer.stickTo(batch.partition);
    this.#producer.record(deadLetter(batch, reason), 1);
    await this.#producer.commit(sent);
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}

/** The first record of the batch as it is, its own headers first. */
export function deadLetter({ topic, partition, pieces }: PipedBatch, reason: string): NewRecord {
  for (const piece of pieces) {
    for (const record of records(piece)) {
      const added = [
        header(HEADER.topic, topic),
        header(HEADER.partition, `${partition}`),
        header(HEADER.offset, `${record.offset}`),
        header(HEADER.error, reason),
      ];
      const timestamp = record.timestamp < 0 ? undefined : record.timestamp;
      return { key: record.key(), value: record.value(), headers: [...record.headers(), ...added], timestamp };
    }
  }
  throw new RangeError(`${topic} ${partition} has no record there`);
}

function header(name: string, value: string): Header {
  return { name: Buffer.from(name), value: Buffer.from(value) };
}
