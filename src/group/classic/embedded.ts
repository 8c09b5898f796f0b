import { BrokerError } from '../../errors.ts';
import { assignment, readEmbedded, subscription, writeEmbedded } from '../../protocol/consumer-protocol.ts';
import type { Topics } from '../../topic/topics.ts';
import type { TopicPartition } from '../../types.ts';
import type { Protocol } from '../members/socket-part.ts';

/** The protocol type of Kafka's consumers, whose metadata and assignments a broker can read. */
export const CONSUMER_PROTOCOL = 'consumer';

const NOTHING = Buffer.alloc(0);

/** What a consumer says to its leader. */
export interface Wish {
  readonly topics: readonly string[];
  /** What it has not given up. */
  readonly owned: readonly TopicPartition[];
}

/** Under one of its protocols, the first when that is not among them: they all say the same. Null: it cannot be read. */
export function readWish(protocols: readonly Protocol[], name: string | null): Wish | null {
  const metadata = (protocols.find((protocol) => protocol.name === name) ?? protocols[0])?.metadata;
  const read = metadata && readable(() => readEmbedded(subscription, metadata));
  return read ? { topics: read.topics, owned: flat(read.ownedPartitions) } : null;
}

/** What a leader gave; what cannot be read is nothing. */
export function readAssignment(from: Buffer | null): TopicPartition[] {
  const read = from === null ? null : readable(() => readEmbedded(assignment, from));
  return flat(read?.assignedPartitions ?? []);
}

/** In the version of the member's own metadata, as Kafka answers. The user's data are empty: not every client can read null there. */
export function writeAssignment(partitions: readonly TopicPartition[], protocols: readonly Protocol[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const assignedPartitions = [...byTopic].map(([topic, numbers]) => ({ topic, partitions: numbers }));
  const version = protocols[0]?.metadata.readInt16BE() ?? 0;
  return writeEmbedded(assignment, Math.min(Math.max(version, 0), 3), { assignedPartitions, userData: NOTHING });
}

/** The ids of those that there are. */
export function idsOf(topics: Topics, partitions: readonly TopicPartition[]): number[] {
  const found = new Map([...new Set(partitions.map(({ topic }) => topic))].map((name) => [name, topics.find(name)]));
  return partitions.flatMap(({ topic, partition }) => found.get(topic)?.partitions[partition]?.id ?? []);
}

function flat(topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}

/** Bytes of others: nothing that is wrong with them is a fault here. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'MALFORMED_FRAME') return null;
    throw error;
  }
}
