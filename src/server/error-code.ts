import { BrokerError, ERRORS } from '../errors.ts';
import { CODE } from './codes.ts';

/** Why one of the things that a request asks for was not done. */
export class Refusal {
  /** Kafka's number. */
  readonly code: number;
  readonly message: string;

  constructor(code: number, message = '') {
    this.code = code;
    this.message = message;
  }
}

/** The number of an error on the wire; what nobody expected is UNKNOWN_SERVER_ERROR. */
export function errorCode(error: unknown): number {
  return error instanceof BrokerError ? ERRORS[error.code].kafka : CODE.UNKNOWN_SERVER_ERROR;
}

/**
 * What `fn` gives, or a refusal for the BrokerError that it throws: for what goes wrong with one of many things. A busy database
 * is the fault of none of them: that is thrown on, and the whole request runs again.
 */
export function attempt<T>(fn: () => T): T | Refusal {
  try {
    return fn();
  } catch (error) {
    if (error instanceof BrokerError && error.code !== 'STORAGE_BUSY') return refused(error);
    throw error;
  }
}

export function refused(error: BrokerError): Refusal {
  return new Refusal(errorCode(error), error.message);
}

/** The numbers of all errors in an answer, of the whole and of its parts. */
export function errorCodes(answer: unknown): number[] {
  if (typeof answer !== 'object' || answer === null || Buffer.isBuffer(answer)) return [];
  return Object.entries(answer).flatMap(([name, part]) =>
    /errorCode$/i.test(name) ? (part === CODE.NONE ? [] : [part as number]) : errorCodes(part),
  );
}
