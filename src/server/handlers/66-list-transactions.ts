import type { TransactionRow } from '../../broker/transaction-coordinator.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { listTransactions } from '../../protocol/messages/66-list-transactions.ts';
import { CODE } from '../codes.ts';
import { handler } from '../handler.ts';

type Request = RequestOf<typeof listTransactions>;

/** Kafka's names (org.apache.kafka.coordinator.transaction.TransactionState); most of them nothing is ever in here. */
const STATES: readonly string[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'PrepareEpochFence',
  'Dead',
];

export const answerListTransactions = handler(
  listTransactions,
  (request, { broker, cluster, client }) => {
    const now = broker.clock.now();
    const found = broker.transactions
      .list()
      .filter((row) => cluster.coordinates(client.arrival, row.transactionalId) && isWanted(row, request, now));
    return {
      errorCode: CODE.NONE,
      unknownStateFilters: request.stateFilters.filter((state) => !STATES.includes(state)),
      transactionStates: found.map(({ transactionalId, producerId, state }) => ({
        transactionalId,
        producerId,
        transactionState: state,
      })),
    };
  },
  (_, errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }),
);

function isWanted({ state, producerId, started }: TransactionRow, request: Request, now: number): boolean {
  const { stateFilters, producerIdFilters, durationFilter } = request;
  if (stateFilters.length > 0 && !stateFilters.includes(state)) return false;
  if (producerIdFilters.length > 0 && !producerIdFilters.includes(producerId)) return false;
  return durationFilter < 0 || (started !== null && now - started > durationFilter);
}
