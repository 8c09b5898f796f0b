import type { Broker } from '../broker/broker.ts';
import { TRANSACTION_SWEEP_MS } from '../settings.ts';

/**
 * Aborts, while a server runs, what clients have left open for longer than they said they would: so readers wait for nobody who is
 * gone. Answers how to stop.
 */
export function sweepTransactions({ transactions }: Broker): () => void {
  const timer = setInterval(() => transactions.sweep(), TRANSACTION_SWEEP_MS).unref();
  return () => clearInterval(timer);
}
