import type { WireGroup } from '../broker/group-view/wire-view.ts';
import { writeAssignment } from '../group/classic/embedded.ts';
import { subscription, writeEmbedded } from '../protocol/consumer-protocol.ts';
import type { TopicPartition } from '../types.ts';

const NOTHING = Buffer.alloc(0);

type Member = WireGroup['members'][number];

/** Kafka's protocol type: consumer groups are those of consumers; a group that never had a member has none. */
export function protocolOf({ type, protocolType }: Pick<WireGroup, 'type' | 'protocolType'>): string {
  return type === 'consumer' ? 'consumer' : (protocolType ?? '');
}

/** What a member says under the group's protocol; one that speaks KIP-848, as if it were classic. */
export function saysMetadata({ type, protocol }: WireGroup, { socket, subscription: wish }: Member): Buffer {
  const own = socket?.classic?.protocols.find(({ name }) => type === 'consumer' || name === protocol);
  const topics = 'names' in wish ? wish.names : [];
  return own?.metadata ?? writeEmbedded(subscription, 0, { topics, userData: NOTHING });
}

/** What a member has, as its leader gave it. */
export function saysAssignment({ type, held }: WireGroup, { id, socket }: Member): Buffer {
  if (type === 'classic') return socket?.classic?.assignment ?? NOTHING;
  return writeAssignment(held.get(id) ?? [], []);
}

/** In the order in which topics come. */
export function byTopic(
  partitions: readonly TopicPartition[],
): { readonly topic: string; readonly partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([topic, numbers]) => ({ topic, partitions: numbers }));
}
