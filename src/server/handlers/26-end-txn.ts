import { endTxn } from '../../protocol/messages/26-end-txn.ts';
import { reliable } from '../durability.ts';
import { handler } from '../handler.ts';
import { inTransaction } from '../transactional.ts';

/** Answered when the markers are in the partitions and the offsets are the group's: nobody has to wait for them afterwards. */
export const answerEndTxn = handler(
  endTxn,
  (request, context) => {
    const { broker, settings } = context;
    const end = reliable(settings);
    return {
      errorCode: inTransaction(request, context, (ref) => broker.transactions.end(ref, request.committed, end)),
    };
  },
  (_, errorCode) => ({ errorCode }),
);
