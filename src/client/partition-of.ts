import { BrokerError } from '../errors.ts';
import type { Topic } from '../topic/topics.ts';

/** A topic's partition by its number. Throws UNKNOWN_PARTITION. */
export function partitionOf({ name: topic, partitions }: Topic, partition: number): Topic['partitions'][number] {
  const found = partitions[partition];
  if (found === undefined) throw new BrokerError('UNKNOWN_PARTITION', { topic, partition, count: partitions.length });
  return found;
}
