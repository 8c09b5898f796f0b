import { tryRead } from '../../log/try-read.ts';
import type { Store } from '../../store/store.ts';
import { type TransactionStray, transactionStrays } from './rows.ts';

/**
 * Holds all transactional ids to their invariants (transactions.ts); what the batches themselves say of them is the log's check.
 * What cannot be read is a problem like others.
 */
export function checkTransactions(store: Store): TransactionStray[] {
  return transactionStrays(store).flatMap((ask) => {
    const answer = tryRead(store, ask);
    if ('value' in answer) return answer.value;
    return [{ what: `a table of transactions cannot be read: ${answer.problem}`, topic: null, partition: null }];
  });
}
