import { BrokerError } from '../../errors.ts';

/**
 * What a partition knows of an idempotent producer, and what that means for its next batch: pure decisions
 * (org.apache.kafka.storage.internals.log.ProducerAppendInfo, ProducerStateEntry).
 */
export interface ProducerState {
  readonly epoch: number;
  /** The newest of its epoch, oldest first, at most BATCHES_KEPT. */
  readonly batches: readonly KnownBatch[];
}

export interface KnownBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  /** The broker's time for the whole batch under LogAppendTime, else -1. */
  readonly appendTime: number;
}

/** A batch as its producer numbered it. */
export interface Sequenced {
  readonly producerId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** A producer has at most so many requests on their way to a broker (max.in.flight.requests.per.connection). */
export const BATCHES_KEPT = 5;

const MAX_SEQUENCE = 2 ** 31 - 1;

/** The sequence `count` records after this one; 2^31 - 1 is followed by 0. */
export function addSequence(sequence: number, count: number): number {
  return (sequence + count) % (MAX_SEQUENCE + 1);
}

/**
 * The batch that this one is a copy of, or undefined: it is new, and may be appended. A producer of which nothing is known may
 * begin anywhere: it was silent for longer than producer.id.expiration.ms.
 * Throws INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER.
 */
export function judgeSequence(state: ProducerState | undefined, batch: Sequenced): KnownBatch | undefined {
  if (state === undefined) return undefined;
  const { producerId, epoch, firstSequence: sequence, lastSequence } = batch;
  const { epoch: current, batches } = state;
  if (epoch < current) throw new BrokerError('INVALID_PRODUCER_EPOCH', { producer: `${producerId}`, epoch, current });
  const known = epoch === current ? batches : [];
  const copied = known.find((other) => other.firstSequence === sequence && other.lastSequence === lastSequence);
  if (copied !== undefined) return copied;
  const last = known.at(-1);
  const expected = last === undefined ? 0 : addSequence(last.lastSequence, 1);
  if (sequence !== expected)
    throw new BrokerError('OUT_OF_ORDER_SEQUENCE_NUMBER', { producer: `${producerId}`, sequence, expected });
  return undefined;
}

/** After a batch was appended. */
export function withBatch(state: ProducerState | undefined, epoch: number, batch: KnownBatch): ProducerState {
  const before = state !== undefined && state.epoch === epoch ? state.batches : [];
  return { epoch, batches: [...before.slice(1 - BATCHES_KEPT), batch] };
}

/** After a marker: one of a higher epoch fences whoever had the one before. */
export function withMarker(state: ProducerState | undefined, epoch: number): ProducerState {
  return state !== undefined && state.epoch === epoch ? state : { epoch, batches: [] };
}
