import { type AssignableMember, type Holders, subscribers } from './assignor.ts';

/** A partition and those who may have it; one list for all partitions of a topic. */
interface Place {
  readonly partition: number;
  readonly takers: readonly string[];
}

/**
 * Balanced, and of all balanced assignments one that takes the least away from those who have something (KIP-54, KIP-429; not
 * Kafka's very choice of partitions, which clients may not rely on). Balanced: nobody has a partition that another subscriber
 * with at least two fewer could have; where all are subscribed to the same, counts differ by at most one.
 */
export function sticky(members: readonly AssignableMember[], holders: Holders): Map<number, string> {
  const hands = new Hands(members);
  const free: Place[] = [];
  for (const place of placesOf(members)) {
    const holder = holders.get(place.partition);
    if (holder !== undefined && place.takers.includes(holder)) hands.give(place, holder);
    else free.push(place);
  }
  for (const place of byChoice(free)) hands.give(place, hands.leastLoaded(place.takers));
  while (hands.level());
  return hands.target();
}

/** Those with the fewest takers first: they have the least choice. */
function byChoice(places: readonly Place[]): Place[] {
  return [...places].sort((a, b) => a.takers.length - b.takers.length);
}

function placesOf(members: readonly AssignableMember[]): Place[] {
  return subscribers(members).flatMap(({ topic, members: takers }) => {
    const ids = takers.map(({ id }) => id);
    return topic.partitions.map((partition) => ({ partition, takers: ids }));
  });
}

/** Who has what. */
class Hands {
  readonly #places: Map<string, Place[]>;

  constructor(members: readonly AssignableMember[]) {
    this.#places = new Map(members.map(({ id }) => [id, []]));
  }

  give(place: Place, member: string): void {
    this.#of(member).push(place);
  }

  /** Of equals the first. */
  leastLoaded(members: readonly string[]): string {
    let least = members[0] as string;
    for (const member of members) if (this.#of(member).length < this.#of(least).length) least = member;
    return least;
  }

  /** Takes one partition from the most loaded member that has one for somebody with at least two fewer; false: nobody has. */
  level(): boolean {
    const members = [...this.#places.keys()];
    let heaviest = members[0] as string;
    for (const member of members) if (this.#of(member).length > this.#of(heaviest).length) heaviest = member;
    if (this.#relieve(heaviest)) return true;
    members.sort((a, b) => this.#of(b).length - this.#of(a).length);
    return members.some((member) => this.#relieve(member));
  }

  /** The end of what it has goes first. */
  #relieve(member: string): boolean {
    const places = this.#of(member);
    let asked: readonly string[] | undefined;
    for (let i = places.length - 1; i >= 0; i--) {
      const place = places[i] as Place;
      if (place.takers === asked) continue;
      asked = place.takers;
      const taker = this.leastLoaded(asked);
      if (this.#of(taker).length + 1 >= places.length) continue;
      places.splice(i, 1);
      this.give(place, taker);
      return true;
    }
    return false;
  }

  target(): Map<number, string> {
    const held = [...this.#places].flatMap(([member, places]) =>
      places.map(({ partition }) => [partition, member] as const),
    );
    return new Map(held);
  }

  #of(member: string): Place[] {
    return this.#places.get(member) as Place[];
  }
}
