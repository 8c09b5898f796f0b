import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { ProducerIdentity, TransactionRef } from '../../src/broker/transaction-coordinator.ts';
import { BrokerError } from '../../src/errors.ts';
import { Groups } from '../../src/group/groups.ts';
import type { Appended } from '../../src/log/log.ts';
import { isVisible } from '../../src/log/read.ts';
import type { Origin } from '../../src/log/validate.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { Topics } from '../../src/topic/topics.ts';
import type { Surroundings } from '../../src/txn/transaction.ts';
import { type InitRequest, type TransactionRow, Transactions } from '../../src/txn/transactions.ts';
import type { ProcessId } from '../../src/types.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

/** Hundreds of small databases: in memory where there is a folder in memory. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined;

/** Transactions on a broker with topics `t` and `u` of three partitions, a clock, and processes that end when they are told to. */
export class TxnScene {
  readonly clock = new TestClock();
  readonly broker: Broker;
  readonly groups: Groups;
  readonly transactions: Transactions;
  readonly ended = new Set<number>();
  readonly unseen = new Set<number>();

  constructor() {
    this.broker = openTestBroker({ clock: this.clock, dir: tempDir(MEMORY) });
    const { store, rows } = this.broker;
    this.groups = new Groups(store, new Topics(store));
    this.transactions = new Transactions(store, rows, this.groups);
    this.broker.createTopics([
      { name: 't', partitions: 3 },
      { name: 'u', partitions: 3 },
    ]);
  }

  get around(): Surroundings {
    return {
      now: this.clock.time,
      isGone: ({ pid }) => this.ended.has(pid),
      sees: ({ pid }) => !this.unseen.has(pid),
    };
  }

  write<T>(fn: (transactions: Transactions, now: number) => T): T {
    return this.broker.store.write(() => fn(this.transactions, this.clock.time), 'normal');
  }

  /** A client `x` with a second's timeout, or whoever is said. */
  init(request: Partial<InitRequest> = {}): TransactionRef {
    const { transactionalId = 'x' } = request;
    const whole = { timeoutMs: 1000, ...request, transactionalId };
    return refOf(
      `${transactionalId}`,
      this.write((transactions, now) => transactions.init(whole, now)),
    );
  }

  /** How a process says that it works as `x`, or whoever is said. */
  initProcess(pid: number, request: Partial<InitRequest> = {}): TransactionRef {
    return this.init({ timeoutMs: null, process: processOf(pid), ...request });
  }

  row(transactionalId = 'x'): TransactionRow | undefined {
    return this.broker.store.read(() => this.transactions.rows.named(transactionalId));
  }

  /** Ids of partitions of `t`. */
  partitions(...numbers: number[]): number[] {
    return numbers.map((number) => this.broker.topic('t').partitions[number]?.id ?? -1);
  }

  addPartitions(ref: TransactionRef, ...numbers: number[]): void {
    this.write((transactions, now) => transactions.addPartitions(ref, this.partitions(...numbers), now));
  }

  end(ref: TransactionRef, commit: boolean): void {
    this.write((transactions, now) => transactions.end(ref, commit, now));
  }

  /** Everything that is overdue is settled; answers how many transactions were aborted. */
  sweep(): number {
    const overdue = this.broker.store.read(() => this.transactions.overdue(this.around));
    return overdue.filter((id) => this.write((transactions) => transactions.settle(id, this.around))).length;
  }

  /** A member `m` of the group `g`, which reads `u` in the process `pid`. */
  join(memberId = 'm', pid = 100): void {
    const who = { group: 'g', memberId, name: memberId, host: 'local', process: processOf(pid) };
    this.write((_, now) =>
      this.groups.join(
        { ...who, subscription: { names: ['u'] }, sessionTimeoutMs: 10_000 },
        { now, isGone: ({ pid }) => this.ended.has(pid) },
      ),
    );
  }

  /** Another member `n` has come, and `m` has given it its share. */
  share(): void {
    this.join('n', 101);
    const ids = this.broker.topic('u').partitions.map(({ id }) => id);
    this.write(() => this.groups.release({ group: 'g', memberId: 'm' }, ids, this.around));
  }

  leave(memberId = 'm'): void {
    this.write(() => this.groups.leave({ group: 'g', memberId }, this.around));
  }

  /** What the group has committed in partitions of `u`, by their numbers. */
  committed(group = 'g'): Record<number, number> {
    const { partitions } = this.broker.topic('u');
    const offsets = this.broker.store.read(() => this.groups.committed(group));
    const known = partitions.flatMap(({ id, number }) => {
      const offset = offsets.get(id);
      return offset === undefined ? [] : [[number, offset] as const];
    });
    return Object.fromEntries(known);
  }

  /** The id of a partition of `u`. */
  source(number: number): number {
    return this.broker.topic('u').partitions[number]?.id ?? -1;
  }
}

export function processOf(pid: number): ProcessId {
  return { pid, started: '1', namespace: 'here' };
}

/** A producer's batch, as it would be sealed: one record for each value. */
export function sealed(
  { producerId, epoch }: ProducerIdentity,
  values: readonly string[],
  {
    sequence = 0,
    transactional = true,
    key = null,
  }: { sequence?: number; transactional?: boolean; key?: string | null } = {},
): Buffer {
  const builder = new BatchBuilder();
  const keyBytes = key === null ? null : Buffer.from(key);
  for (const value of values) builder.append(keyBytes, Buffer.from(value), [], 1_700_000_000_000);
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

/** The code of what it throws; 'taken' when it throws nothing. */
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
