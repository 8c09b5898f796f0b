import type { ReadRange } from '../../client/cluster.ts';
import type { BatchFacts, PrintContext } from './printer.ts';

/** What printers are told of a partition: looked up when its first record comes, as it was then. */
export class Places {
  readonly #ranges: () => readonly ReadRange[];
  readonly #known = new Map<string, Omit<PrintContext, 'header'>>();

  /** `ranges` are asked for a partition that is among them. */
  constructor(ranges: () => readonly ReadRange[]) {
    this.#ranges = ranges;
  }

  of(topic: string, partition: number, header: BatchFacts): PrintContext {
    const key = `${partition} ${topic}`;
    let place = this.#known.get(key);
    if (place === undefined) {
      place = this.#look(topic, partition);
      this.#known.set(key, place);
    }
    return { ...place, header };
  }

  #look(topic: string, partition: number): Omit<PrintContext, 'header'> {
    const { logStart, highWatermark, lastStable } = this.#ranges().find(
      (each) => each.topic === topic && each.partition === partition,
    ) as ReadRange;
    return { topic, partition, logStart, highWatermark, lastStable };
  }
}
