import type { Assign, AssignableMember, Holders } from './assignor.ts';
import { inKafkasOrder } from './assignor.ts';
import { range } from './range.ts';
import { roundRobin } from './round-robin.ts';
import { sticky } from './sticky.ts';

export type { AssignableMember, AssignableTopic, Holders } from './assignor.ts';

/** Kafka's names. The last two differ only in the protocol of classic clients; partitions are handed over one by one in any case. */
export const ASSIGNORS = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'] as const;
export type AssignorName = (typeof ASSIGNORS)[number];

export const DEFAULT_ASSIGNOR: AssignorName = 'cooperative-sticky';

const TABLE: Readonly<Record<AssignorName, Assign>> = {
  range,
  roundrobin: roundRobin,
  sticky,
  'cooperative-sticky': sticky,
};

/** Who shall have which partition. */
export function assign(
  name: AssignorName,
  members: readonly AssignableMember[],
  holders: Holders,
): Map<number, string> {
  return TABLE[name](inKafkasOrder(members), holders);
}

/** What most of those who have a wish wish for; of equals the first in the list. */
export function chooseAssignor(wishes: readonly (AssignorName | null)[]): AssignorName {
  const votes = ASSIGNORS.map((name) => wishes.filter((wish) => wish === name).length);
  const most = Math.max(...votes);
  return most === 0 ? DEFAULT_ASSIGNOR : (ASSIGNORS[votes.indexOf(most)] as AssignorName);
}
