import type { Broker } from '../../src/broker/broker.ts';
import type { TransactionRef } from '../../src/broker/transaction-coordinator.ts';
import { BrokerError } from '../../src/errors.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import type { ProcessId } from '../../src/types.ts';

/** Whose it is: a process, or a client with so many ms. */
export type Owner = { readonly process: ProcessId } | { readonly timeoutMs: number };

/** Writes a record with each value into a partition, in a transaction that stays open. Answers who may end it. */
export function openTransaction(
  broker: Broker,
  transactionalId: string,
  into: { readonly topic: string; readonly partition?: number; readonly values?: readonly string[] },
  owner: Owner = { timeoutMs: 60_000 },
): TransactionRef {
  const timeoutMs = 'timeoutMs' in owner ? owner.timeoutMs : null;
  const process = 'process' in owner ? owner.process : null;
  const identity = broker.transactions.init({ transactionalId, timeoutMs, process });
  const ref = { ...identity, transactionalId };
  writeInto(broker, ref, into);
  return ref;
}

/** One more batch of it; `baseSequence`: how many records of it the partition has already. */
export function writeInto(
  broker: Broker,
  { producerId, epoch }: TransactionRef,
  { topic, partition = 0, values = ['x'] }: Parameters<typeof openTransaction>[2],
  baseSequence = 0,
): void {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(null, Buffer.from(value), [], broker.clock.now());
  const blob = builder.finish({ producerId, producerEpoch: epoch, baseSequence, transactional: true });
  const [result] = broker.append(topic, [{ partition, blob }], 'producer', 'normal');
  if (result instanceof BrokerError) throw result;
}
