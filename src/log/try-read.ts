import { BrokerError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/** What a damaged file answers, or why it can't. */
export type Answer<T> = { readonly value: T } | { readonly problem: string };

/** Asks within a read of its own; a page that cannot be read is an answer, any other failure is thrown. */
export function tryRead<T>(store: Store, ask: () => T): Answer<T> {
  try {
    return { value: store.read(ask) };
  } catch (error) {
    if (error instanceof BrokerError && /^STORAGE_(CORRUPT|FAILED)$/.test(error.code))
      return { problem: `${error.details.problem}` };
    throw error;
  }
}
