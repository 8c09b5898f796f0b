import { BrokerError } from '../errors.ts';
import { verifyChecksum } from '../record/batch.ts';
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
 * What is whole is given before it is said what is not (Kafka's check.crcs); behind it nothing is. `nameOf` says where a
 * partition's row belongs to.
 */
export function wholeBatches(
  scanned: readonly ScannedBatch[],
  nameOf: (id: number) => BatchPlace,
): { readonly batches: readonly ReadBatch[]; readonly damage: BrokerError | undefined } {
  const batches: ReadBatch[] = [];
  for (const each of scanned) {
    const batch = namedBatch(each, nameOf);
    const damage = damageOf(batch);
    if (damage !== undefined) return { batches, damage };
    batches.push(batch);
  }
  return { batches, damage: undefined };
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
