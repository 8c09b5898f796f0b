import type { ProducerIdentity } from '../../broker/transaction-coordinator.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { CODE } from '../codes.ts';
import { reliable } from '../durability.ts';
import { Refusal } from '../error-code.ts';
import { handler, type RequestContext } from '../handler.ts';
import { identityOf, ofTransactionalId } from '../transactional.ts';

type Request = RequestOf<typeof initProducerId>;

/** From this version on a client knows PRODUCER_FENCED. */
const FENCED_SINCE = 4;
const NONE = -1;

/** An open transaction of that id is aborted before the answer: nobody has to ask again (Kafka answers CONCURRENT_TRANSACTIONS). */
export const answerInitProducerId = handler(
  initProducerId,
  (request, context) => {
    const { transactionalId } = request;
    const { transactions } = context.broker;
    const current = currentOf(request);
    if (current instanceof Refusal) return refuse(current.code);
    const owner = ownerOf(request, context);
    const durability = owner.process === null ? reliable(context.settings) : 'normal';
    const init = () => transactions.init({ transactionalId, current, ...owner }, durability);
    const given = transactionalId === null ? init() : ofTransactionalId(transactionalId, context, FENCED_SINCE, init);
    if (given instanceof Refusal) return refuse(given.code);
    if (owner.process !== null && transactionalId !== null)
      context.ownTransactions.began(context.client, { transactionalId, ...given });
    return { errorCode: CODE.NONE, producerId: given.producerId, producerEpoch: given.epoch };
  },
  (_, code) => refuse(code),
);

/** A transaction of beck's own commands lives as long as its process, and that one's connection. */
function ownerOf({ transactionalId, transactionTimeoutMs: timeoutMs }: Request, { client }: RequestContext) {
  const process = transactionalId === null ? null : client.process;
  return { process, timeoutMs: process === null ? timeoutMs : null };
}

/** What a client was, if it was anything. Some say 0 and 0 for that, and nobody has the id 0. */
function currentOf(request: Request): ProducerIdentity | Refusal | undefined {
  const { producerId, producerEpoch } = request;
  if (producerEpoch === producerId && (producerId === NONE || producerId === 0)) return undefined;
  if (producerId === NONE || producerEpoch === NONE)
    return new Refusal(CODE.INVALID_REQUEST, 'a producer id or an epoch alone');
  return identityOf(request);
}

function refuse(errorCode: number) {
  return { errorCode, producerId: NONE, producerEpoch: NONE };
}
