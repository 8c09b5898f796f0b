import type { ProducerIdentity, TransactionRef } from '../broker/transaction-coordinator.ts';
import { CODE } from './codes.ts';
import { attempt, Refusal } from './error-code.ts';
import type { RequestContext } from './handler.ts';

/** Who a transactional producer says to be, as its requests have it. */
export interface Claim {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** From this version on of AddPartitionsToTxn, AddOffsetsToTxn and EndTxn a client knows PRODUCER_FENCED. */
const FENCED_SINCE = 2;

export function identityOf({ producerId, producerEpoch: epoch }: Omit<Claim, 'transactionalId'>): ProducerIdentity {
  return { producerId, epoch };
}

/** What asks the coordinator of a transactional id, or why it is not asked or says no. */
export function ofTransactionalId<T>(
  id: string,
  { cluster, client, version }: RequestContext,
  fencedSince: number,
  ask: () => T,
): T | Refusal {
  if (id === '') return new Refusal(CODE.INVALID_REQUEST, 'an empty transactional id');
  if (!cluster.coordinates(client.arrival, id)) return new Refusal(CODE.NOT_COORDINATOR);
  return asFenced(attempt(ask), version, fencedSince);
}

/** As `ofTransactionalId`, for what a producer does in its transaction: the number of the answer. */
export function inTransaction(claim: Claim, context: RequestContext, act: (ref: TransactionRef) => void): number {
  const { transactionalId } = claim;
  const ref = { transactionalId, ...identityOf(claim) };
  const done = ofTransactionalId(transactionalId, context, FENCED_SINCE, () => act(ref));
  return done instanceof Refusal ? done.code : CODE.NONE;
}

/** Older clients know only that their epoch is too old (KIP-588). */
function asFenced<T>(outcome: T | Refusal, version: number, since: number): T | Refusal {
  const isNews = outcome instanceof Refusal && outcome.code === CODE.PRODUCER_FENCED && version < since;
  return isNews ? new Refusal(CODE.INVALID_PRODUCER_EPOCH, outcome.message) : outcome;
}
