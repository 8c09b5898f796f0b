/**
 * record/: the bytes of a batch (RecordBatch v2, org.apache.kafka.common.record.DefaultRecordBatch), and nothing else.
 *
 * The room knows a batch's header, its records, checksums, codecs, the key hash and control records. It must not know topics,
 * files, clocks or requests: what it needs to be told (a time, an offset) is a parameter.
 *
 * I1  Base offset and leader epoch lie outside the checksum: they are patched in place, and nothing else ever is.
 * I2  What is decoded and encoded again is the same, byte for byte where no codec is involved.
 * I3  Bytes from outside either become records or a BrokerError; nothing is read past the end and no input hangs a reader.
 * I4  Offsets within a batch rise strictly and stay within base offset … last offset.
 * I5  A finished batch is alone in its memory, so that this can be handed to another thread.
 * I6  64-bit fields are safe integers here; a batch with one that isn't is corrupt.
 * I7  A rewrite never touches its argument, and returns the argument itself when there was nothing to change.
 */
import { BrokerError } from '../errors.ts';
import { CODECS, type Codec, type TimestampType } from '../types.ts';
import { corrupt } from './corrupt.ts';
import { crc32c } from './crc32c.ts';
import { readInt64, writeInt64 } from './int64.ts';

/** Bytes of a batch before its first record. */
export const BATCH_OVERHEAD = 61;

/** Where each field begins. `length` counts the bytes that follow it, `crc` covers everything from `attributes` on. */
export const FIELD = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;

/** The attribute bits. */
export const ATTRIBUTE = {
  codec: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

const LENGTH_END = FIELD.leaderEpoch;
const MAGIC = 2;

export interface BatchHeader {
  readonly baseOffset: number;
  /** Bytes of the whole batch, with the 12 before the length's own end. */
  readonly length: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly codec: Codec;
  readonly timestampType: TimestampType;
  readonly transactional: boolean;
  readonly control: boolean;
  /** KIP-534: `baseTimestamp` is the time (ms) from which this batch's tombstones or marker may go. */
  readonly deleteHorizon: boolean;
  readonly lastOffset: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent; then epoch and sequence are -1 too. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly count: number;
}

/**
 * Reads the header of the batch that begins at `at`; the checksum and the records are not looked at.
 * @throws BrokerError CORRUPT_MESSAGE: truncated, another magic, an impossible length or field;
 *   UNSUPPORTED_COMPRESSION_TYPE: a codec number that Kafka has not given out
 */
export function readHeader(blob: Buffer, at = 0): BatchHeader {
  const length = batchLength(blob, at);
  const attributes = blob.readInt16BE(at + FIELD.attributes);
  const baseOffset = readInt64(blob, at + FIELD.baseOffset);
  const lastOffsetDelta = blob.readInt32BE(at + FIELD.lastOffsetDelta);
  const header: BatchHeader = {
    baseOffset,
    length,
    leaderEpoch: blob.readInt32BE(at + FIELD.leaderEpoch),
    magic: MAGIC,
    crc: blob.readUInt32BE(at + FIELD.crc),
    attributes,
    codec: codecOf(attributes),
    timestampType: (attributes & ATTRIBUTE.logAppendTime) === 0 ? 'CreateTime' : 'LogAppendTime',
    transactional: (attributes & ATTRIBUTE.transactional) !== 0,
    control: (attributes & ATTRIBUTE.control) !== 0,
    deleteHorizon: (attributes & ATTRIBUTE.deleteHorizon) !== 0,
    lastOffset: baseOffset + lastOffsetDelta,
    lastOffsetDelta,
    baseTimestamp: readInt64(blob, at + FIELD.baseTimestamp),
    maxTimestamp: readInt64(blob, at + FIELD.maxTimestamp),
    producerId: readInt64(blob, at + FIELD.producerId),
    producerEpoch: blob.readInt16BE(at + FIELD.producerEpoch),
    baseSequence: blob.readInt32BE(at + FIELD.baseSequence),
    count: blob.readInt32BE(at + FIELD.count),
  };
  checkSafe(header);
  return header;
}

/** Writes every field but the checksum into the first 61 bytes; `length` is the blob's own. */
export function writeHeader(blob: Buffer, fields: HeaderFields): void {
  writeInt64(blob, FIELD.baseOffset, fields.baseOffset);
  blob.writeInt32BE(blob.length - LENGTH_END, FIELD.length);
  blob.writeInt32BE(fields.leaderEpoch, FIELD.leaderEpoch);
  blob[FIELD.magic] = MAGIC;
  blob.writeInt16BE(fields.attributes, FIELD.attributes);
  blob.writeInt32BE(fields.lastOffsetDelta, FIELD.lastOffsetDelta);
  writeInt64(blob, FIELD.baseTimestamp, fields.baseTimestamp);
  writeInt64(blob, FIELD.maxTimestamp, fields.maxTimestamp);
  writeInt64(blob, FIELD.producerId, fields.producerId);
  blob.writeInt16BE(fields.producerEpoch, FIELD.producerEpoch);
  blob.writeInt32BE(fields.baseSequence, FIELD.baseSequence);
  blob.writeInt32BE(fields.count, FIELD.count);
}

/** What `writeHeader` writes; a BatchHeader is one. */
export type HeaderFields = Pick<
  BatchHeader,
  | 'baseOffset'
  | 'leaderEpoch'
  | 'attributes'
  | 'lastOffsetDelta'
  | 'baseTimestamp'
  | 'maxTimestamp'
  | 'producerId'
  | 'producerEpoch'
  | 'baseSequence'
  | 'count'
>;

/** Computes the checksum of a complete batch and writes it. For batches made in this room; others' are never repaired. */
export function sealChecksum(blob: Buffer): Buffer {
  blob.writeUInt32BE(crc32c(blob, FIELD.attributes), FIELD.crc);
  return blob;
}

/** Whether the batch's bytes are those its sender summed up (CRC-32C). @throws BrokerError CORRUPT_MESSAGE as `readHeader` */
export function verifyChecksum(blob: Buffer): boolean {
  return crc32c(blob, FIELD.attributes, batchLength(blob, 0)) === blob.readUInt32BE(FIELD.crc);
}

/** Gives the batch its place in the log, in place (I1). */
export function setBaseOffset(blob: Buffer, offset: number): void {
  writeInt64(blob, FIELD.baseOffset, offset);
}

/** Sets the partition leader's epoch, in place (I1). */
export function setLeaderEpoch(blob: Buffer, epoch: number): void {
  blob.writeInt32BE(epoch, FIELD.leaderEpoch);
}

/** The first offset the batch stands for, whether or not a record still has it. Of a batch known to be whole. */
export function baseOffsetOf(blob: Buffer): number {
  return readInt64(blob, FIELD.baseOffset);
}

/** The last offset the batch stands for; compaction keeps it. Of a batch known to be whole. */
export function lastOffsetOf(blob: Buffer): number {
  return readInt64(blob, FIELD.baseOffset) + blob.readInt32BE(FIELD.lastOffsetDelta);
}

/** How many records the header says there are. Of a batch known to be whole. */
export function recordCount(blob: Buffer): number {
  return blob.readInt32BE(FIELD.count);
}

/**
 * Cuts a log segment, or the records of a produce request, into its batches (views of the same memory).
 * @throws BrokerError CORRUPT_MESSAGE when one is truncated or has another magic
 */
export function splitBatches(buffer: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < buffer.length; ) {
    const length = batchLength(buffer, at);
    batches.push(buffer.subarray(at, at + length));
    at += length;
  }
  return batches;
}

/** Bytes of the whole batch at `at`. @throws BrokerError CORRUPT_MESSAGE when they are not all there, or not a v2 batch's */
function batchLength(blob: Buffer, at: number): number {
  const available = blob.length - at;
  if (available < BATCH_OVERHEAD) throw corrupt(`a batch of ${available} bytes, shorter than its header`);
  const magic = blob[at + FIELD.magic];
  if (magic !== MAGIC) throw corrupt(`a batch of format ${magic}; only 2 is understood`);
  const length = blob.readInt32BE(at + FIELD.length) + LENGTH_END;
  if (length < BATCH_OVERHEAD) throw corrupt(`a batch says it has ${length} bytes, less than its header`);
  if (length > available) throw corrupt(`a batch says it has ${length} bytes, of which ${available} are there`);
  return length;
}

function codecOf(attributes: number): Codec {
  const codec = CODECS[attributes & ATTRIBUTE.codec];
  if (codec !== undefined) return codec;
  const number = attributes & ATTRIBUTE.codec;
  throw new BrokerError('UNSUPPORTED_COMPRESSION_TYPE', {
    codec: `codec ${number}`,
    problem: 'Kafka has no codec of this number',
  });
}

function checkSafe(header: BatchHeader): void {
  const { lastOffset, baseOffset, baseTimestamp, maxTimestamp, producerId } = header;
  for (const field of [lastOffset, baseOffset, baseTimestamp, maxTimestamp, producerId]) {
    if (!Number.isSafeInteger(field)) throw corrupt('a batch has a 64-bit field beyond 2^53');
  }
  if (header.count < 0) throw corrupt('a batch says it has a negative number of records');
  if (header.lastOffsetDelta < 0) throw corrupt('a batch says it ends before it begins');
}
