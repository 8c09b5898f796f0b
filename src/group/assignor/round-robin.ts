import { type AssignableMember, subscribers } from './assignor.ts';

/**
 * All partitions in a row, by topic and number, dealt out in turn; who isn't subscribed to a topic is passed over
 * (org.apache.kafka.clients.consumer.RoundRobinAssignor).
 */
export function roundRobin(members: readonly AssignableMember[]): Map<number, string> {
  const target = new Map<number, string>();
  let turn = 0;
  for (const { topic, members: takers } of subscribers(members)) {
    const wanted = new Set(takers);
    for (const partition of topic.partitions) {
      let member = members[turn++ % members.length] as AssignableMember;
      while (!wanted.has(member)) member = members[turn++ % members.length] as AssignableMember;
      target.set(partition, member.id);
    }
  }
  return target;
}
