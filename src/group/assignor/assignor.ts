/** A topic as an assignor sees it. */
export interface AssignableTopic {
  readonly name: string;
  /** The ids of its partitions, by number. */
  readonly partitions: readonly number[];
}

export interface AssignableMember {
  readonly id: string;
  readonly instance: string | null;
  /** What it is subscribed to. */
  readonly topics: readonly AssignableTopic[];
}

/** Who has which partition: partition id → member id. */
export type Holders = ReadonlyMap<number, string>;

/**
 * Decides who shall have which partition: each one that anybody is subscribed to goes to one of its subscribers. A function of
 * its arguments alone. `members` are in Kafka's order; `holders` may name members that are no longer there.
 */
export type Assign = (members: readonly AssignableMember[], holders: Holders) => Map<number, string>;

/** Kafka's order (AbstractPartitionAssignor.MemberInfo): static members first, by instance id, then the others by member id. */
export function inKafkasOrder(members: readonly AssignableMember[]): AssignableMember[] {
  const rank = ({ id, instance }: AssignableMember) => (instance === null ? `1${id}` : `0${instance}`);
  return [...members].sort((a, b) => compare(rank(a), rank(b)));
}

/** Every topic that anybody is subscribed to, by name, with its subscribers in the order of `members`. */
export function subscribers(
  members: readonly AssignableMember[],
): { readonly topic: AssignableTopic; readonly members: readonly AssignableMember[] }[] {
  const found = new Map<string, { topic: AssignableTopic; members: AssignableMember[] }>();
  for (const member of members) {
    for (const topic of member.topics) {
      const entry = found.get(topic.name);
      if (entry === undefined) found.set(topic.name, { topic, members: [member] });
      else entry.members.push(member);
    }
  }
  return [...found.values()].sort((a, b) => compare(a.topic.name, b.topic.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
