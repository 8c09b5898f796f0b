import type { ProducerIdentity } from '../broker/transaction-coordinator.ts';
import type { FinishOptions } from '../record/builder.ts';

/** Sequences are counted up to 2^31 - 1 and then from 0 again (DefaultRecordBatch.incrementSequence). */
const SEQUENCES = 2 ** 31;

/**
 * What an idempotent or transactional producer writes on its batches: whose they are, and the place of each one among those of its
 * partition (KIP-98). One for all topics of a producer, however often the memory of one is given up in between.
 */
export class ProducerStamp {
  readonly #transactional: boolean;
  readonly #next = new Map<string, number[]>();
  #identity: ProducerIdentity;

  constructor(identity: ProducerIdentity, transactional: boolean) {
    this.#identity = identity;
    this.#transactional = transactional;
  }

  get producerId(): number {
    return this.#identity.producerId;
  }

  /** For the next batch of a partition, which has so many records. Batches must be stored in the order of these calls. */
  stamp(topic: string, partition: number, records: number): FinishOptions {
    const next = this.#sequences(topic);
    const baseSequence = next[partition] ?? 0;
    next[partition] = (baseSequence + records) % SEQUENCES;
    const { producerId, epoch } = this.#identity;
    return { producerId, producerEpoch: epoch, baseSequence, transactional: this.#transactional };
  }

  /** A new epoch: the sequences of all partitions begin at 0 again. */
  renew(identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#next.clear();
  }

  #sequences(topic: string): number[] {
    const known = this.#next.get(topic);
    if (known !== undefined) return known;
    const next: number[] = [];
    this.#next.set(topic, next);
    return next;
  }
}
