import type { OffsetScope } from '../../client/cluster.ts';
import { BrokerError } from '../../errors.ts';

const HINT = 'for example --topic orders, --topic orders:2 or --topic orders:0,1';

/**
 * What `--topic` was given, as often as it was: TOPIC, or TOPIC:PARTITION[,PARTITION…] as in Kafka's own tools. Each topic comes
 * out once; one that was named as a whole is meant as a whole. Throws USAGE.
 */
export function offsetScopes(given: readonly string[]): OffsetScope[] {
  const scopes = new Map<string, Set<number> | undefined>();
  for (const text of given) {
    const { topic, partitions } = offsetScope(text);
    const known = scopes.get(topic);
    const isWhole = partitions === undefined || (scopes.has(topic) && known === undefined);
    scopes.set(topic, isWhole ? undefined : new Set([...(known ?? []), ...partitions]));
  }
  return [...scopes].map(([topic, partitions]) =>
    partitions === undefined ? { topic } : { topic, partitions: [...partitions].sort((a, b) => a - b) },
  );
}

function offsetScope(text: string): OffsetScope {
  const colon = text.indexOf(':');
  if (text === '' || colon === 0) throw noScope(text);
  if (colon < 0) return { topic: text };
  const partitions = text.slice(colon + 1).split(',');
  if (!partitions.every((each) => /^\d{1,9}$/.test(each))) throw noScope(text);
  return { topic: text.slice(0, colon), partitions: partitions.map(Number) };
}

function noScope(text: string): BrokerError {
  return new BrokerError('USAGE', {
    problem: `--topic wants a topic, or TOPIC:PARTITION; not '${text}'`,
    hint: HINT,
  });
}
