import { type AssignableMember, subscribers } from './assignor.ts';

/**
 * Each topic by itself: its partitions in a row, the first subscribers one more than the others where it doesn't come out even
 * (org.apache.kafka.clients.consumer.RangeAssignor, without racks). Partitions of equal number in topics of equal size meet.
 */
export function range(members: readonly AssignableMember[]): Map<number, string> {
  const target = new Map<number, string>();
  for (const { topic, members: takers } of subscribers(members)) {
    const each = Math.floor(topic.partitions.length / takers.length);
    const extra = topic.partitions.length % takers.length;
    takers.forEach(({ id }, i) => {
      const start = each * i + Math.min(i, extra);
      for (const partition of topic.partitions.slice(start, start + each + (i < extra ? 1 : 0)))
        target.set(partition, id);
    });
  }
  return target;
}
