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

/** Bytes as an error shows them: quoted, and not too many. */
export function shown(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('utf8', 0, 24))
    .slice(1, -1)
    .replaceAll('\\"', '"');
  return `'${text}${bytes.length > 24 ? '…' : ''}'`;
}
