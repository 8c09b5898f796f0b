import { BrokerError } from '../errors.ts';

/** Kafka takes every name but the empty one; what a terminal would obey is refused as well. Throws INVALID_GROUP_ID. */
export function checkGroupName(group: string): void {
  const problem = group === '' ? 'it is empty' : /\p{Cc}/u.test(group) ? 'it contains control characters' : undefined;
  if (problem !== undefined)
    throw new BrokerError('INVALID_GROUP_ID', { group: JSON.stringify(group).slice(1, -1), problem });
}
