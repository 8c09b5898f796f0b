import { BrokerError } from '../../errors.ts';
import type { BatchHeader } from '../../record/batch.ts';
import type { LogRows } from '../rows.ts';
import {
  addSequence,
  judgeSequence,
  type KnownBatch,
  type ProducerState,
  withBatch,
  withMarker,
} from './producer-state.ts';

/** What the partition knows of a batch's producer; most batches have none. */
export function knownProducer(rows: LogRows, partition: number, header: BatchHeader): ProducerState | undefined {
  return header.producerId < 0 ? undefined : rows.producers.state(partition, header.producerId);
}

/**
 * The batch of which this one, of an idempotent producer, is a copy; undefined: it may be appended, as far as its number goes.
 * Throws INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE.
 */
export function copyOf(
  rows: LogRows,
  partition: number,
  header: BatchHeader,
  known: ProducerState | undefined,
): KnownBatch | undefined {
  const { producerId, producerEpoch: epoch } = header;
  const copied = judgeSequence(known, { producerId, epoch, ...sequencesOf(header) });
  if (copied !== undefined || header.transactional) return copied;
  if (rows.producers.ongoingTransaction(partition, producerId) === undefined) return undefined;
  const problem = 'it has an open transaction here, and this batch is not part of it';
  throw new BrokerError('INVALID_TXN_STATE', { id: `producer ${producerId}`, problem });
}

/** After a batch or a marker was appended; a batch without a sequence, which only the coordinator may append, says nothing. */
export function noteProducer(
  rows: LogRows,
  partition: number,
  header: BatchHeader,
  appended: Omit<KnownBatch, 'firstSequence' | 'lastSequence'> & {
    readonly before: ProducerState | undefined;
    readonly now: number;
  },
): void {
  const { producerId, producerEpoch: epoch, control, baseSequence } = header;
  if (producerId < 0 || (baseSequence < 0 && !control)) return;
  const { before, now, baseOffset, appendTime } = appended;
  const after = control
    ? withMarker(before, epoch)
    : withBatch(before, epoch, { ...sequencesOf(header), baseOffset, appendTime });
  rows.producers.put(partition, producerId, after, now);
}

/** The numbers of a batch's first and last record. */
export function sequencesOf(header: BatchHeader): Pick<KnownBatch, 'firstSequence' | 'lastSequence'> {
  const { baseSequence, lastOffsetDelta } = header;
  return { firstSequence: baseSequence, lastSequence: addSequence(baseSequence, lastOffsetDelta) };
}
