import { addOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { handler } from '../handler.ts';
import { inTransaction } from '../transactional.ts';

export const answerAddOffsetsToTxn = handler(
  addOffsetsToTxn,
  (request, context) => ({
    errorCode: inTransaction(request, context, (ref) => context.broker.transactions.addOffsets(ref, request.groupId)),
  }),
  (_, errorCode) => ({ errorCode }),
);
