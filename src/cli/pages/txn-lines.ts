/** One line on what is done to transactions, or is about to be. */
import type { TransactionListing } from '../../client/cluster.ts';
import { count } from '../units.ts';
import { ownerWords } from './txn-list.ts';

/** `beck-4712-9f3c (process 4712) has written to 3 partitions. Abort it, so that nothing of it is seen?` */
export function abortQuestion(doomed: readonly TransactionListing[]): string {
  const [only] = doomed;
  if (doomed.length === 1 && only !== undefined) return `${whatOf(only)}. Abort it, so that nothing of it is seen?`;
  return `${doomed.map(whatOf).join('; ')}. Abort all ${doomed.length}, so that nothing of them is seen?`;
}

function whatOf(listing: TransactionListing): string {
  const { transactionalId, partitions } = listing;
  return `${transactionalId} (${ownerWords(listing)}) has written to ${count(partitions, 'partition')}`;
}

/** `beck-4712-9f3c aborted: 300 000 offsets no longer held back` */
export function abortedLine({ transactionalId, heldBack }: TransactionListing): string {
  return `${transactionalId} aborted: ${count(heldBack, 'offset')} no longer held back`;
}
