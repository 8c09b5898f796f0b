import { BrokerError } from '../errors.ts';
import { verifyChecksum } from '../record/batch.ts';
import { FETCH_BYTES, FIRST_FETCH_BYTES } from '../settings.ts';
import type { ReadBatch } from './reader.ts';

/** A batch as it was read, by the id of its partition: the offsets `from <= offset < until` are asked for. */
export interface ScannedBatch {
  readonly row: { readonly partition: number; readonly seq: number };
  readonly blob: Buffer;
  readonly from: number;
  readonly until: number;
}

/** Where a batch belongs to. */
export type BatchPlace = Pick<ReadBatch, 'topic' | 'partition' | 'tenure'>;

/**
 * What a reader reads, as it is given: what is whole is given before it is said what is not (Kafka's check.crcs); behind it nothing is.
 * `nameOf` says where a partition's row belongs to.
 */
export class WholeBatches {
  readonly #nameOf: (id: number) => BatchPlace;
  #bytes = FIRST_FETCH_BYTES;
  #damage: BrokerError | undefined;

  constructor(nameOf: (id: number) => BatchPlace) {
    this.#nameOf = nameOf;
  }

  /** What is wrong with the batch behind those that were given: CORRUPT_MESSAGE. */
  get damage(): BrokerError | undefined {
    return this.#damage;
  }

  /** How many bytes the next read takes: little at first, so that one record costs little; then more and more. */
  nextBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = Math.min(FETCH_BYTES, 4 * bytes);
    return bytes;
  }

  /** Those of the batches that may be given, in their order. */
  of(scanned: readonly ScannedBatch[]): readonly ReadBatch[] {
    const batches: ReadBatch[] = [];
    for (const each of scanned) {
      const batch = namedBatch(each, this.#nameOf);
      this.#damage ??= damageOf(batch);
      if (this.#damage !== undefined) break;
      batches.push(batch);
    }
    return batches;
  }
}

export function namedBatch({ row, blob, from, until }: ScannedBatch, nameOf: (id: number) => BatchPlace): ReadBatch {
  const { topic, partition, tenure } = nameOf(row.partition);
  return { topic, partition, tenure, seq: row.seq, blob, from, until };
}

export function damageOf({ topic, partition, from, blob }: ReadBatch): BrokerError | undefined {
  if (isWhole(blob)) return undefined;
  return new BrokerError('CORRUPT_MESSAGE', { problem: `${topic} ${partition} at ${from}: the batch is damaged` });
}

function isWhole(blob: Buffer): boolean {
  try {
    return verifyChecksum(blob);
  } catch (error) {
    if (error instanceof BrokerError) return false;
    throw error;
  }
}
