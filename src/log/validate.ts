import { BrokerError } from '../errors.ts';
import { type BatchHeader, readHeader, verifyChecksum } from '../record/batch.ts';
import { RecordCursor } from '../record/cursor.ts';
import { recompress, withLogAppendTime, withMaxTimestamp } from '../record/rewrite.ts';
import type { Codec, LogConfig } from '../types.ts';

/**
 * Who hands in a batch. `producer`: one of ours, that has just sealed it and kept to the rules. `client`: anybody; nothing
 * is believed. `coordinator`: the broker itself, which alone may write control records.
 */
export type Origin = 'producer' | 'client' | 'coordinator';

/**
 * What is wrong with a record for a topic of this configuration, or undefined. A producer asks before it takes a record
 * into a batch, so that its neighbours are kept (org.apache.kafka.storage.internals.log.LogValidator).
 */
export function refuseRecord(
  config: LogConfig,
  hasKey: boolean,
  timestamp: number,
  now: number,
): BrokerError | undefined {
  if (!hasKey && config.cleanupPolicy.includes('compact')) {
    return new BrokerError('INVALID_RECORD', {
      problem: 'a compacted topic takes no record without a key',
      hint: '-k KEY gives one to every record, -K DELIM takes it from the line',
    });
  }
  if (config.messageTimestampType === 'LogAppendTime') return undefined;
  const { messageTimestampAfterMaxMs: after, messageTimestampBeforeMaxMs: before } = config;
  if (timestamp > now + after)
    return outOfRange(timestamp, `over ${after} ms in the future (message.timestamp.after.max.ms)`);
  if (timestamp < now - before)
    return outOfRange(timestamp, `over ${before} ms in the past (message.timestamp.before.max.ms)`);
  return undefined;
}

function outOfRange(timestamp: number, why: string): BrokerError {
  return new BrokerError('INVALID_TIMESTAMP', { problem: `timestamp ${timestamp} is ${why}` });
}

/** The codec a topic stores; `none` when it stores what it gets, uncompressed. */
export function storedCodec(config: LogConfig, sent: Codec): Codec {
  const { compressionType } = config;
  if (compressionType === 'producer') return sent;
  return compressionType === 'uncompressed' ? 'none' : compressionType;
}

/**
 * The batch as it will be stored: the one that was sent, except where Kafka itself rewrites (log-append time, the topic's
 * own compression, a wrong largest timestamp). Throws CORRUPT_MESSAGE, INVALID_RECORD, INVALID_TIMESTAMP, MESSAGE_TOO_LARGE.
 */
export function validateBatch(sent: Buffer, topic: string, config: LogConfig, origin: Origin, now: number): Buffer {
  const header = readHeader(sent);
  if (origin === 'client') refuseBatch(sent, header);
  const kept = origin === 'client' ? withTrueTimestamp(sent, header, config, now) : sent;
  const stored = storedForm(kept, header, config, now);
  if (stored.length > config.maxMessageBytes && origin !== 'coordinator') {
    throw new BrokerError('MESSAGE_TOO_LARGE', { bytes: stored.length, topic, limit: config.maxMessageBytes });
  }
  return stored;
}

/** What Kafka refuses of a client's batch by its header (UnifiedLog, LogValidator). */
function refuseBatch(sent: Buffer, header: BatchHeader): void {
  const { baseOffset, lastOffsetDelta, count, control, producerId, baseSequence, timestampType } = header;
  if (!verifyChecksum(sent))
    throw new BrokerError('CORRUPT_MESSAGE', { problem: 'a batch does not match its checksum' });
  const problem =
    sent.length !== header.length
      ? 'more than one batch for a partition'
      : baseOffset !== 0
        ? `a batch must begin at offset 0, not ${baseOffset}`
        : count <= 0 || lastOffsetDelta + 1 !== count
          ? `a batch says ${count} records and a last offset of ${lastOffsetDelta}`
          : control
            ? 'only the broker writes control records'
            : producerId >= 0 && baseSequence < 0
              ? 'an idempotent batch needs a sequence number'
              : undefined;
  if (problem !== undefined) throw new BrokerError('INVALID_RECORD', { problem });
  if (timestampType === 'LogAppendTime')
    throw outOfRange(header.maxTimestamp, 'marked as log-append time by a producer');
}

/** Opens a foreign batch: every record must be acceptable, and the largest timestamp the header claims must be true. */
function withTrueTimestamp(sent: Buffer, header: BatchHeader, config: LogConfig, now: number): Buffer {
  const cursor = new RecordCursor(sent);
  let largest = -1;
  while (cursor.next()) {
    const refusal = refuseRecord(config, cursor.keyLength >= 0, cursor.timestamp, now);
    if (refusal !== undefined) throw refusal;
    largest = Math.max(largest, cursor.timestamp);
  }
  return largest === header.maxTimestamp ? sent : withMaxTimestamp(sent, largest);
}

function storedForm(batch: Buffer, header: BatchHeader, config: LogConfig, now: number): Buffer {
  if (header.control) return batch;
  const codec = storedCodec(config, header.codec);
  const packed = codec === header.codec ? batch : recompress(batch, codec);
  return config.messageTimestampType === 'LogAppendTime' ? withLogAppendTime(packed, now) : packed;
}
