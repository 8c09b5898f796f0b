import { Broker } from '../../src/broker/broker.ts';
import type { TransactionDescription } from '../../src/broker/transaction-coordinator.ts';
import { CommitWait } from '../../src/client/embedded/commit-wait.ts';

/** How often it is looked without anybody's commit having told (ms): some of what is waited for wakes nobody. */
const LOOK_MS = 10;

/** Looks at a data directory, as a process beside those that a test runs, and waits until it is as wanted. Changes nothing. */
export class LogWatch {
  protected readonly broker: Broker;
  readonly #commits: CommitWait;

  constructor(dir: string) {
    this.broker = Broker.open(dir, 'existing');
    this.#commits = new CommitWait(this.broker, () => true);
  }

  close(): void {
    this.#commits.stop();
    this.broker.close();
  }

  /** The test's own time limit is the only one. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await this.#commits.wait(LOOK_MS, new AbortController().signal);
      this.#commits.catchUp();
    }
  }

  /** The next offsets of a topic's partitions, together. */
  end(topic: string): number {
    const { store, catalogue, rows } = this.broker;
    return store.read(() =>
      catalogue.require(topic).partitions.reduce((sum, { id }) => sum + (rows.partition(id)?.nextOffset ?? 0), 0),
    );
  }

  /** Nothing is ended by this. */
  get transactions(): readonly TransactionDescription[] {
    return this.broker.transactions.describe();
  }
}
