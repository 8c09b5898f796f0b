import type { Topics } from '../topic/topics.ts';
import type { AssignableTopic } from './assignor/index.ts';
import type { Resolve, Subscription } from './membership.ts';

/** What subscriptions mean by the topics there are now; each is looked up once. */
export function resolveWith(topics: Topics): Resolve {
  const known = new Map<string, readonly AssignableTopic[]>();
  return (subscription) => {
    const key = JSON.stringify(subscription);
    const found = known.get(key) ?? lookUp(topics, subscription);
    known.set(key, found);
    return found;
  };
}

function lookUp(topics: Topics, subscription: Subscription): AssignableTopic[] {
  const matching = 'pattern' in subscription ? topics.match(subscription.pattern) : [];
  const names = new Set('names' in subscription ? subscription.names : []);
  for (const { name } of matching) names.delete(name);
  const found = [...matching, ...[...names].flatMap((name) => topics.find(name) ?? [])];
  return found.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ id }) => id) }));
}
