import { BrokerError } from '../../errors.ts';

export function isLoss(error: unknown): error is BrokerError {
  return error instanceof BrokerError && error.code === 'BROKER_LOST';
}

/** A transaction that has lost its connection before its end is nothing: that is known. Another error stays what it is. */
export function nothingKept(error: unknown): unknown {
  if (!isLoss(error)) return error;
  const hint = 'nothing of the transaction is kept';
  return new BrokerError('BROKER_LOST', { ...error.details, unsure: 'no', hint }, { cause: error });
}
