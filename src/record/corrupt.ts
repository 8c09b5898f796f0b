import { BrokerError } from '../errors.ts';

/** CORRUPT_MESSAGE with its problem: the one way this room says that bytes make no sense. */
export function corrupt(problem: string, cause?: unknown): BrokerError {
  return new BrokerError('CORRUPT_MESSAGE', { problem }, { cause });
}
