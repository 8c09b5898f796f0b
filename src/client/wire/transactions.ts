import type { TransactionAdministration, TransactionDescription, TransactionListing } from '../transactions.ts';
import type { Line } from './line.ts';

/** The transactions of a server, by its own doors: Kafka's words for them lack what each holds back, and all or nothing. */
export class WireTransactions implements TransactionAdministration {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  list(): Promise<readonly TransactionListing[]> {
    return this.#line.call('listTransactions', {});
  }

  describe(names: readonly string[] | null): Promise<readonly TransactionDescription[]> {
    return this.#line.call('describeTransactions', { names });
  }

  planAbort(names: readonly string[]): Promise<readonly TransactionListing[]> {
    return this.#line.call('planAbort', { names });
  }

  abort(names: readonly string[]): Promise<readonly TransactionListing[]> {
    return this.#line.call('abortTransactions', { names });
  }
}
