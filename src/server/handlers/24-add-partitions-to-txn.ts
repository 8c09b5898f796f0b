import type { NewResponse, RequestOf } from '../../protocol/api.ts';
import { addPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { CODE } from '../codes.ts';
import { handler, type RequestContext } from '../handler.ts';
import { inTransaction } from '../transactional.ts';

type Request = RequestOf<typeof addPartitionsToTxn>;

/** All of them or none: beside one that does not exist the others are not attempted. */
export const answerAddPartitionsToTxn = handler(
  addPartitionsToTxn,
  (request, context) => {
    const ids = partitionIds(request, context);
    if (ids.includes(undefined)) {
      const each = ids.values();
      return answer(request, () =>
        each.next().value === undefined ? CODE.UNKNOWN_TOPIC_OR_PARTITION : CODE.OPERATION_NOT_ATTEMPTED,
      );
    }
    const { transactions } = context.broker;
    const code = inTransaction(request, context, (ref) => transactions.addPartitions(ref, ids as number[]));
    return answer(request, () => code);
  },
  (request, code) => answer(request, () => code),
);

/** In the order of the request. */
function partitionIds({ topics }: Request, { broker }: RequestContext): (number | undefined)[] {
  return broker.store.read(() =>
    topics.flatMap(({ name, partitions }) => {
      const topic = broker.catalogue.find(name);
      return partitions.map((number) => topic?.partitions[number]?.id);
    }),
  );
}

function answer({ topics }: Request, next: () => number): NewResponse<typeof addPartitionsToTxn> {
  return {
    resultsByTopic: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: next() })),
    })),
  };
}
