import type { TransactionDescription } from '../../broker/transaction-coordinator.ts';
import { describeTransactions } from '../../protocol/messages/65-describe-transactions.ts';
import { CODE } from '../codes.ts';
import { Refusal } from '../error-code.ts';
import { handler } from '../handler.ts';
import { ofTransactionalId } from '../transactional.ts';

/** What is told where a process writes: its transaction may take as long as it lives. ms */
const NO_TIMEOUT = 2 ** 31 - 1;
const NOTHING = {
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: [],
};

export const answerDescribeTransactions = handler(
  describeTransactions,
  ({ transactionalIds }, context) => ({
    transactionStates: transactionalIds.map((id) => {
      const found = ofTransactionalId(id, context, 0, () => context.broker.transactions.describe([id]));
      if (found instanceof Refusal) return { ...NOTHING, errorCode: found.code, transactionalId: id };
      const [description] = found as [TransactionDescription];
      return state(description);
    }),
  }),
  ({ transactionalIds }, errorCode) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({ ...NOTHING, errorCode, transactionalId })),
  }),
);

function state(description: TransactionDescription) {
  return {
    errorCode: CODE.NONE,
    transactionalId: description.transactionalId,
    transactionState: description.state,
    transactionTimeoutMs: description.timeout ?? NO_TIMEOUT,
    transactionStartTimeMs: description.started ?? -1,
    producerId: description.producerId,
    producerEpoch: description.epoch,
    topics: byTopic(description),
  };
}

function byTopic({ partitions: all }: TransactionDescription) {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of all) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}
