import type { Broker } from '../broker/broker.ts';
import type { TransactionRef } from '../broker/transaction-coordinator.ts';
import { BrokerError } from '../errors.ts';
import type { Client } from './handler.ts';

/**
 * The transactions of beck's own commands: each lives no longer than the connection that it was begun on. What cannot be aborted
 * when that has closed is by whoever comes next after its process has ended, as on the data directory.
 */
export class OwnTransactions {
  readonly #broker: Broker;
  readonly #open = new Map<Client, Map<string, TransactionRef>>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** A producer has come, or goes on under another epoch. */
  began(client: Client, ref: TransactionRef): void {
    const known = this.#open.get(client);
    if (known === undefined) client.whenLeft(() => this.#left(client));
    this.#open.set(client, (known ?? new Map()).set(ref.transactionalId, ref));
  }

  /** The server stops, and with it all connections. */
  stop(): void {
    for (const client of [...this.#open.keys()]) this.#left(client);
  }

  #left(client: Client): void {
    const refs = this.#open.get(client)?.values() ?? [];
    this.#open.delete(client);
    for (const ref of refs) this.#forget(ref);
  }

  #forget(ref: TransactionRef): void {
    try {
      this.#broker.transactions.forget(ref);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
  }
}
