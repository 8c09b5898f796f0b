import type { Broker, PartitionBatch } from '../../broker/broker.ts';
import type { BrokerError } from '../../errors.ts';
import type { Appended } from '../../log/log.ts';
import type { Durability } from '../../store/store.ts';
import type { BatchWriter } from '../batch-writer.ts';

/** Writes on the calling thread: for small inputs and live pipes, where a thread would cost more than the work. */
export class InlineWriter implements BatchWriter {
  readonly inFlight = 0;
  readonly #broker: Broker;
  readonly #topic: string;
  readonly #durability: Durability;

  constructor(broker: Broker, topic: string, durability: Durability) {
    this.#broker = broker;
    this.#topic = topic;
    this.#durability = durability;
  }

  async write(batches: readonly PartitionBatch[]): Promise<readonly (Appended | BrokerError)[]> {
    return this.#broker.append(this.#topic, batches, 'producer', this.#durability);
  }

  async close(): Promise<void> {}
}
