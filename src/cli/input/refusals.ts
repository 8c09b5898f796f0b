import { BrokerError } from '../../errors.ts';
import type { InputOptions } from './input-parser.ts';

/** Something in the input that is no record. `where` names it: `line 3`. */
export function notARecord(where: string, problem: string): BrokerError {
  return new BrokerError('INVALID_INPUT', { where, problem });
}

/** A record of more bytes than its topic takes. */
export function tooLarge(
  bytes: number,
  { topic, maxRecordBytes }: Pick<InputOptions, 'topic' | 'maxRecordBytes'>,
): BrokerError {
  return new BrokerError('MESSAGE_TOO_LARGE', { bytes, topic: topic ?? 'any topic', limit: maxRecordBytes });
}

/**
 * What Kafka's producer says of a record's time (ms) that is negative (ProducerRecord: "Timestamp should always be non-negative or
 * null"); undefined when there is nothing to say. Brokers take them: -1 is a record that has none.
 */
export function refuseTime(timestamp: number | undefined): BrokerError | undefined {
  if (timestamp === undefined || timestamp >= 0) return undefined;
  return new BrokerError('INVALID_TIMESTAMP', {
    problem: `a producer cannot give a record the time ${timestamp} ms: it must not be negative`,
    hint: '--timestamp TIME is the time of every record, whatever the input says',
  });
}

/** Bytes as an error shows them: quoted, and not too many. */
export function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('utf8', 0, 24))
    .slice(1, -1)
    .replaceAll('\\"', '"');
  return `'${text}${bytes.length > 24 ? '…' : ''}'`;
}
