/**
 * The log: one partition's past, as rows of batches.
 *
 * The room knows how a batch becomes part of a partition, how it is found again by offset and by time, how records are lost
 * (retention, trim, compaction) and how all of it is checked. It must not know topics by name beyond a word for an error,
 * groups, sockets, clocks: the time is a parameter, and so is the topic's configuration. It has nothing to do with logging.
 *
 * Invariants (beck check holds the file to them)
 * L1  Batches of a partition don't overlap, and their order by base is their order by seq.
 * L2  next_offset only grows, is stored and never derived; no offset is ever used twice.
 * L3  From compacted_to on, offsets are dense. Below, compaction may have left gaps.
 * L4  No batch lies wholly below log_start; readers drop the head of a batch that lies partly below.
 * L5  running_max never falls, and is at least the largest max_timestamp of the batch and all batches before it that are still
 *     there; more only while a repair after a loss goes on in slices (running-max.ts).
 * L6  partition.records and .bytes are the sums of what a reader can see, and of what the rows hold.
 * L7  A blob is what a producer sent, but for base offset, leader epoch and what Kafka itself rewrites; its checksum holds.
 * L8  An ongoing transaction is one whose records have no marker behind them; it begins at the first of them, and an aborted one
 *     is remembered as long as one of them is there.
 * L9  What is known of a producer is true of its batches that are still there: their sequences, their places.
 */
import { BrokerError } from '../errors.ts';
import { type BatchHeader, readHeader, setBaseOffset, setLeaderEpoch } from '../record/batch.ts';
import { encodeMarker, type Marker } from '../record/control.ts';
import type { LogConfig } from '../types.ts';
import type { ProducerState } from './producers/producer-state.ts';
import { copyOf, knownProducer, noteProducer } from './producers/producers.ts';
import type { LogRows, PartitionRow } from './rows.ts';
import { noteTransaction } from './transactions.ts';
import { type Origin, validateBatch } from './validate.ts';

export interface Append {
  /** The topic's name, for errors. */
  readonly topic: string;
  readonly config: LogConfig;
  readonly origin: Origin;
  /** ms */
  readonly now: number;
  /** Whose transactional batches are asked about. */
  readonly transactions: Admission;
}

/** Who knows whether a transactional batch may be appended, and throws when it may not; what it appends itself is not asked about. */
export interface Admission {
  admit(
    producer: { readonly producerId: number; readonly epoch: number },
    partition: number,
    origin: Origin,
    now: number,
  ): void;
}

export interface Appended {
  /** Null: it was there already. */
  readonly seq: number | null;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly logStart: number;
  /** The broker's time for the whole batch under LogAppendTime, else -1. */
  readonly appendTime: number;
}

/**
 * Appends one batch at the partition's end, inside the caller's write transaction. The base offset is patched into `sent`
 * itself (it lies outside the checksum). A copy of one of its producer's last five batches is answered as that one was, and not
 * appended. Throws what `validateBatch`, `judgeSequence` and `admit` throw, before anything is written.
 */
export function appendBatch(rows: LogRows, partition: PartitionRow, sent: Buffer, append: Append): Appended {
  const { origin, now, transactions } = append;
  const blob = validateBatch(sent, append.topic, append.config, origin, now);
  const header = readHeader(blob);
  const producer = knownProducer(rows, partition.id, header);
  if (header.producerId >= 0 && origin !== 'coordinator') {
    const copied = copyOf(rows, partition.id, header, producer);
    if (copied !== undefined) return sameAnswer(partition, header, copied);
    if (header.transactional)
      transactions.admit({ producerId: header.producerId, epoch: header.producerEpoch }, partition.id, origin, now);
  }
  return store(rows, partition, { blob, header, producer, now });
}

/** Appends the marker that ends a transaction in a partition, inside the caller's write transaction. */
export function appendMarker(rows: LogRows, partition: PartitionRow, marker: Marker): Appended {
  const blob = encodeMarker(marker);
  const header = readHeader(blob);
  const producer = knownProducer(rows, partition.id, header);
  return store(rows, partition, { blob, header, producer, now: marker.timestamp });
}

interface Arrived {
  readonly blob: Buffer;
  readonly header: BatchHeader;
  readonly producer: ProducerState | undefined;
  /** ms */
  readonly now: number;
}

function store(rows: LogRows, partition: PartitionRow, { blob, header, producer, now }: Arrived): Appended {
  const baseOffset = partition.nextOffset;
  const lastOffset = baseOffset + header.lastOffsetDelta;
  if (lastOffset >= Number.MAX_SAFE_INTEGER)
    throw new BrokerError('INVALID_RECORD', { problem: 'the partition has no offsets left' });
  setBaseOffset(blob, baseOffset);
  setLeaderEpoch(blob, 0);
  const records = header.control ? 0 : header.count;
  const runningMax = Math.max(partition.maxTimestamp, header.maxTimestamp);
  const seq = rows.insert({
    partition: partition.id,
    base: baseOffset,
    last: lastOffset,
    baseTimestamp: header.baseTimestamp,
    maxTimestamp: header.maxTimestamp,
    runningMax,
    records,
    bytes: blob.length,
    producerId: header.producerId,
    attributes: header.attributes,
    data: blob,
  });
  rows.advance(partition.id, { nextOffset: lastOffset + 1, records, bytes: blob.length, maxTimestamp: runningMax });
  noteTransaction(rows, partition.id, header, baseOffset, blob);
  const appendTime = header.timestampType === 'LogAppendTime' ? header.maxTimestamp : -1;
  noteProducer(rows, partition.id, header, { before: producer, baseOffset, appendTime, now });
  return { seq, baseOffset, lastOffset, logStart: partition.logStart, appendTime };
}

function sameAnswer(
  { logStart }: PartitionRow,
  { lastOffsetDelta }: BatchHeader,
  { baseOffset, appendTime }: { readonly baseOffset: number; readonly appendTime: number },
): Appended {
  return { seq: null, baseOffset, lastOffset: baseOffset + lastOffsetDelta, logStart, appendTime };
}
