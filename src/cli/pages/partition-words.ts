import type { TopicPartition } from '../../types.ts';

/** `orders 0, 1, users 2`: in their order, each topic said once for those that follow each other. */
export function partitionWords(partitions: readonly TopicPartition[]): string {
  let topic: string | undefined;
  const words = partitions.map((each) => {
    const word = each.topic === topic ? `${each.partition}` : `${each.topic} ${each.partition}`;
    topic = each.topic;
    return word;
  });
  return words.join(', ');
}
