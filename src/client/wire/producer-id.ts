import type { ProducerIdentity } from '../../broker/transaction-coordinator.ts';
import { errorSaid } from '../../errors.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import type { WireConnection } from './connection.ts';
import type { Line } from './line.ts';

/** Kafka's transaction.timeout.ms where nobody says one (ms). */
const TIMEOUT_MS = 60_000;

/** Who a producer is from now on; what its transactional id has left open is aborted. Throws what the server says. */
export async function askProducerId(
  to: Pick<Line | WireConnection, 'ask'>,
  transactionalId: string | null,
): Promise<ProducerIdentity> {
  const answer = await to.ask(initProducerId, { transactionalId, transactionTimeoutMs: TIMEOUT_MS });
  const { errorCode, producerId, producerEpoch: epoch } = answer;
  if (errorCode !== 0) throw errorSaid(errorCode, null, { id: transactionalId ?? '' });
  return { producerId, epoch };
}
