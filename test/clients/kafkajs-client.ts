import {
  type Admin,
  type Consumer,
  type ConsumerConfig,
  Kafka,
  type KafkaConfig,
  logLevel,
  type Producer,
  type ProducerConfig,
} from 'kafkajs';
import type { Beck } from '../support/e2e.ts';
import type { Served } from './stage.ts';

/** kafkajs on a broker; what it connects is disconnected when the test ends. */
export class KafkaJs {
  readonly kafka: Kafka;
  readonly #beck: Beck;

  constructor({ beck, brokers }: Pick<Served, 'beck' | 'brokers'>, more: Partial<KafkaConfig> = {}) {
    this.#beck = beck;
    this.kafka = new Kafka({
      clientId: 'app',
      brokers,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50 },
      ...more,
    });
  }

  producer(config: ProducerConfig = {}): Promise<Producer> {
    return this.#connected(this.kafka.producer(config));
  }

  /** As its documentation says for exactly once. */
  transactional(transactionalId: string, config: ProducerConfig = {}): Promise<Producer> {
    return this.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true, ...config });
  }

  consumer(config: ConsumerConfig): Promise<Consumer> {
    return this.#connected(this.kafka.consumer({ maxWaitTimeInMs: 200, ...config }));
  }

  admin(): Promise<Admin> {
    return this.#connected(this.kafka.admin({ retry: { initialRetryTime: 50, retries: 2 } }));
  }

  async #connected<C extends { connect(): Promise<void>; disconnect(): Promise<void> }>(client: C): Promise<C> {
    await client.connect();
    this.#beck.atEnd(() => client.disconnect());
    return client;
  }
}

/** Messages of these values, into one partition. */
export function values(...all: readonly string[]) {
  return all.map((value) => ({ partition: 0, value }));
}
