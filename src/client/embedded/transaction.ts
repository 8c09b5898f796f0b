import type { Broker } from '../../broker/broker.ts';
import { thisProcess } from '../../broker/peers.ts';
import type { ProducerIdentity, TransactionRef } from '../../broker/transaction-coordinator.ts';
import { BrokerError } from '../../errors.ts';
import { partitionOf } from '../partition-of.ts';
import { newTransactionalId } from '../transactional-id.ts';
import type { TransactionKeeper } from '../transactional-producer.ts';
import type { SentOffsets, TransactionalOptions } from '../transactions.ts';

/** The data directory keeps it, as this process's: when that is gone, whoever comes next aborts it. */
export class EmbeddedTransaction implements TransactionKeeper {
  readonly transactionalId = newTransactionalId();
  readonly #broker: Broker;
  readonly #member: TransactionalOptions['member'];

  constructor(broker: Broker, member: TransactionalOptions['member']) {
    this.#broker = broker;
    this.#member = member;
  }

  async begin(): Promise<ProducerIdentity> {
    return this.#broker.transactions.init({
      transactionalId: this.transactionalId,
      timeoutMs: null,
      process: thisProcess(),
      member: this.#member?.(),
    });
  }

  async commit(ref: TransactionRef, sent: SentOffsets | null): Promise<void> {
    const { transactions } = this.#broker;
    if (sent === null) return transactions.commitWith(ref, null);
    const { group, ...member } = sent.group;
    const offsets = sent.offsets.map(({ topic, partition, offset }) => ({
      id: partitionOf(this.#broker.topic(topic), partition).id,
      offset,
    }));
    transactions.commitWith(ref, { group, member: { group, ...member }, offsets });
  }

  async forget(ref: TransactionRef): Promise<void> {
    try {
      this.#broker.transactions.forget(ref);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
  }
}
