import { partitionFor } from '../record/murmur2.ts';

/**
 * Which partition a record goes to, as Kafka's default partitioner has it (BuiltInPartitioner, KIP-794): by murmur2 of the
 * key; without a key round the partitions, batch by batch. The round begins at a place that the caller derives from what is
 * stored, so that a loop of single records spreads too, and repeatably.
 */
export class Partitioner {
  readonly #count: number;
  #sticky: number;
  #stuck: number | null = null;

  constructor(count: number, start: number) {
    this.#count = count;
    this.#sticky = start % count;
  }

  /** For a record without a key. */
  get sticky(): number {
    return this.#stuck ?? this.#sticky;
  }

  /** From now on keyless records go to partition `number` modulo the count; null: round the partitions again. */
  stickTo(number: number | null): void {
    this.#stuck = number === null ? null : number % this.#count;
  }

  /** The batch of the sticky partition is full or committed: on to the next one. */
  moveOn(): void {
    if (this.#stuck === null) this.#sticky = (this.#sticky + 1) % this.#count;
  }

  forKey(bytes: Uint8Array, start: number, end: number): number {
    return this.#count === 1 ? 0 : partitionFor(bytes, start, end, this.#count);
  }
}
