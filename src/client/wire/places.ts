import type { WireTopic } from './topics.ts';

/** A partition of a topic that stays the same when another one of its name is made. */
export interface WirePlace {
  readonly topic: WireTopic;
  readonly partition: number;
}

/** Numbers for partitions, by which they are told apart here. */
export class WirePlaces {
  readonly #ids = new Map<string, number>();
  readonly #places: WirePlace[] = [];

  /** Of one that is seen for the first time, a new one. */
  add(topic: WireTopic, partition: number): number {
    const known = this.idOf(topic, partition);
    if (known >= 0) return known;
    const id = this.#places.push({ topic, partition }) - 1;
    this.#ids.set(keyOf(topic, partition), id);
    return id;
  }

  /** -1: it was not seen yet. */
  idOf(topic: Pick<WireTopic, 'id'>, partition: number): number {
    return this.#ids.get(keyOf(topic, partition)) ?? -1;
  }

  at(id: number): WirePlace {
    return this.#places[id] as WirePlace;
  }
}

function keyOf({ id }: Pick<WireTopic, 'id'>, partition: number): string {
  return `${id.toString('hex')} ${partition}`;
}

/** Of things that lie in partitions: by topic, as Kafka's requests name them. */
export function byTopic<T extends { readonly topic: string }>(things: readonly T[]): Map<string, T[]> {
  const grouped = new Map<string, T[]>();
  for (const thing of things) {
    const group = grouped.get(thing.topic);
    if (group === undefined) grouped.set(thing.topic, [thing]);
    else group.push(thing);
  }
  return grouped;
}
