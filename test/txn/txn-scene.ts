import { expect } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { ProducerIdentity, TransactionRef } from '../../src/broker/transaction-coordinator.ts';
import { BrokerError } from '../../src/errors.ts';
import type { Appended } from '../../src/log/log.ts';
import { isVisible } from '../../src/log/read.ts';
import type { Origin } from '../../src/log/validate.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { decodeBatch } from '../../src/record/cursor.ts';

/** A producer's batch, as it would be sealed: one record for each value. */
export function sealed(
  { producerId, epoch }: ProducerIdentity,
  values: readonly string[],
  { sequence = 0, transactional = true }: { sequence?: number; transactional?: boolean } = {},
): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(null, Buffer.from(value), [], 1_700_000_000_000);
  return builder.finish({ producerId, producerEpoch: epoch, baseSequence: sequence, transactional });
}

/** Appends one batch; a refusal is its code. */
export function give(
  broker: Broker,
  blob: Buffer,
  { topic = 't', partition = 0, origin = 'producer' }: { topic?: string; partition?: number; origin?: Origin } = {},
): Appended | string {
  const [result] = broker.append(topic, [{ partition, blob }], origin, 'normal');
  if (result instanceof BrokerError) return result.code;
  return result as Appended;
}

/** What a reader of committed records sees of a partition; `…` where it is held back. */
export function seen(broker: Broker, partition = 0, topic = 't'): string[] {
  const { rows, store } = broker;
  return store.read(() => {
    const id = broker.topic(topic).partitions[partition]?.id ?? -1;
    const row = rows.partition(id);
    if (row === undefined) return [];
    const visible = rows
      .batches(id, 0, row.lastStable, 1e6)
      .filter((batch) => isVisible(rows, batch, 'read_committed'));
    const values = visible.flatMap(({ seq }) => decodeBatch(rows.data(seq) as Buffer).map(({ value }) => `${value}`));
    return row.lastStable < row.nextOffset ? [...values, '…'] : values;
  });
}

/** A process that ends when it is told to. */
export function refused(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(BrokerError);
    return (error as BrokerError).code;
  }
  return 'taken';
}

export function refOf(transactionalId: string, identity: ProducerIdentity): TransactionRef {
  return { transactionalId, ...identity };
}
