import { BrokerError } from '../errors.ts';

/** MALFORMED_FRAME: `what` (a `Produce 9 request`) and why it makes no sense; the one way this room says so. */
export function malformed(what: string, problem: string): BrokerError {
  return new BrokerError('MALFORMED_FRAME', { what, problem });
}
