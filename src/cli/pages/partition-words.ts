import type { TopicPartition } from '../../types.ts';

/** `orders 0, 1, users 2`: in their order, each topic said once for those that follow each other. `say` says each one's number. */
export function partitionWords<T extends TopicPartition>(
  partitions: readonly T[],
  say: (each: T) => string = ({ partition }) => `${partition}`,
): string {
  let topic: string | undefined;
  const words = partitions.map((each) => {
    const word = each.topic === topic ? say(each) : `${each.topic} ${say(each)}`;
    topic = each.topic;
    return word;
  });
  return words.join(', ');
}
