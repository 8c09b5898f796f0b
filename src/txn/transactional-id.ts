import { BrokerError } from '../errors.ts';

/** Kafka takes every name but the empty one; what a terminal would obey is refused as well. Throws USAGE. */
export function checkTransactionalId(name: string): void {
  const problem = name === '' ? 'it is empty' : /\p{Cc}/u.test(name) ? 'it contains control characters' : undefined;
  if (problem === undefined) return;
  throw new BrokerError('USAGE', {
    problem: `'${JSON.stringify(name).slice(1, -1)}' is no transactional id: ${problem}`,
    hint: 'any other text is one',
  });
}
