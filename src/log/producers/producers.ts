import { BrokerError } from '../../errors.ts';
import type { BatchHeader } from '../../record/batch.ts';
import type { LogRows } from '../rows.ts';
import { addSequence, judgeSequence, type KnownBatch, withBatch, withMarker } from './producer-state.ts';

/**
 * The batch of which this one, of an idempotent producer, is a copy; undefined: it may be appended, as far as its number goes.
 * Throws INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE.
 */
export function copyOf(rows: LogRows, partition: number, header: BatchHeader): KnownBatch | undefined {
  const { producerId, producerEpoch: epoch } = header;
  const state = rows.producers.state(partition, producerId);
  const copied = judgeSequence(state, { producerId, epoch, ...sequences(header) });
  if (copied !== undefined || header.transactional) return copied;
  if (rows.ongoingTransaction(partition, producerId) === undefined) return undefined;
  const problem = 'it has an open transaction here, and this batch is not part of it';
  throw new BrokerError('INVALID_TXN_STATE', { id: `producer ${producerId}`, problem });
}

/** After a batch of a producer was appended; one without a number (none that a client may send) says nothing. */
export function noteBatch(
  rows: LogRows,
  partition: number,
  header: BatchHeader,
  place: Pick<KnownBatch, 'baseOffset' | 'appendTime'>,
  now: number,
): void {
  if (header.baseSequence < 0) return;
  const { producerId, producerEpoch: epoch } = header;
  const state = withBatch(rows.producers.state(partition, producerId), epoch, { ...sequences(header), ...place });
  rows.producers.put(partition, producerId, state, now);
}

/** After a marker was appended. */
export function noteMarker(rows: LogRows, partition: number, header: BatchHeader, now: number): void {
  const { producerId, producerEpoch: epoch } = header;
  rows.producers.put(partition, producerId, withMarker(rows.producers.state(partition, producerId), epoch), now);
}

function sequences({ baseSequence, lastOffsetDelta }: BatchHeader): Pick<KnownBatch, 'firstSequence' | 'lastSequence'> {
  return { firstSequence: baseSequence, lastSequence: addSequence(baseSequence, lastOffsetDelta) };
}
