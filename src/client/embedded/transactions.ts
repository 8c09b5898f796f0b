import type { Broker } from '../../broker/broker.ts';
import { sees } from '../../broker/peers.ts';
import { BrokerError } from '../../errors.ts';
import type { TransactionAdministration, TransactionDescription, TransactionListing } from '../transactions.ts';

type Described = ReturnType<Broker['transactions']['describe']>[number];

/** The transactions of a data directory. Whoever looks at them first ends those whose processes are gone. */
export class EmbeddedTransactions implements TransactionAdministration {
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Those that hold most back first, then by name: nobody looks here for the others. */
  async list(): Promise<readonly TransactionListing[]> {
    return this.describe(null);
  }

  async describe(names: readonly string[] | null): Promise<readonly TransactionDescription[]> {
    this.#broker.transactions.sweep();
    const described = this.#broker.transactions.describe(names === null ? undefined : [...new Set(names)]);
    const found = described.map(descriptionOf);
    return names === null ? found.sort((a, b) => b.heldBack - a.heldBack) : found;
  }

  async planAbort(names: readonly string[]): Promise<readonly TransactionListing[]> {
    const doomed = await this.describe(names);
    for (const { transactionalId, state } of doomed) {
      if (state === 'Ongoing') continue;
      throw new BrokerError('INVALID_TXN_STATE', { id: transactionalId, problem: 'it has no open transaction' });
    }
    return doomed;
  }

  async abort(names: readonly string[]): Promise<readonly TransactionListing[]> {
    const doomed = await this.planAbort(names);
    for (const { transactionalId } of doomed) this.#broker.transactions.abort(transactionalId);
    return doomed;
  }
}

function descriptionOf(row: Described): TransactionDescription {
  const { transactionalId, producerId, epoch, state, started: since, changed, timeout: timeoutMs, process } = row;
  const partitionList = row.partitions.map(({ topic, partition, first, highWatermark: end }) => ({
    topic,
    partition,
    first,
    end,
    heldBack: first === null ? 0 : end - first,
  }));
  return {
    transactionalId,
    producerId,
    epoch,
    state,
    since: state === 'Ongoing' ? since : null,
    changed,
    timeoutMs,
    process: process && { pid: process.pid, here: sees(process) },
    partitions: partitionList.length,
    heldBack: partitionList.reduce((sum, { heldBack }) => sum + heldBack, 0),
    partitionList,
    offsets: row.offsets.map(({ group, topic, partition, offset }) => ({ group, topic, partition, offset })),
  };
}
