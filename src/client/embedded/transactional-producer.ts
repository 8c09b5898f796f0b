import { randomBytes } from 'node:crypto';
import type { Broker } from '../../broker/broker.ts';
import { thisProcess } from '../../broker/peers.ts';
import type { ProducerIdentity } from '../../broker/transaction-coordinator.ts';
import { BrokerError } from '../../errors.ts';
import type { NewRecord } from '../../types.ts';
import type {
  PlacedRecord,
  ProduceOptions,
  ProduceTotals,
  SentOffsets,
  TransactionalOptions,
  TransactionalProducer,
} from '../cluster.ts';
import { ProducerStamp } from '../producer-stamp.ts';
import { partitionOf } from './partition-of.ts';
import type { LocalProducer } from './producer.ts';

const NONE = { records: 0, bytes: 0, line: 0, expired: 0 };

/**
 * A producer whose batches are of a transaction. They are stored as they come, without a sync each: the transaction's end brings all
 * of them to the disk. The transaction is this process's; when that is gone, whoever comes next aborts it.
 */
export class EmbeddedTransactionalProducer implements TransactionalProducer {
  readonly transactionalId = `beck-${process.pid}-${randomBytes(4).toString('hex')}`;
  readonly #broker: Broker;
  readonly #options: TransactionalOptions;
  readonly #inner: LocalProducer;
  readonly #stamp: ProducerStamp;
  #epoch: ProducerIdentity;
  /** What the transactions before this one have stored, kept or not. */
  #before: ProduceTotals;
  #committed = NONE;
  #places: PlacedRecord[] = [];
  #refusal: BrokerError | undefined;
  /** Of an abort: what was to be aborted is open still, and nothing more may be committed with it. */
  #failure: unknown;

  /** `open` makes the producer that stores; what it throws is thrown. */
  constructor(
    broker: Broker,
    options: TransactionalOptions,
    open: (options: ProduceOptions, stamp: ProducerStamp) => LocalProducer,
  ) {
    this.#broker = broker;
    this.#options = options;
    this.#epoch = this.#begin();
    this.#stamp = new ProducerStamp(this.#epoch, true);
    this.#inner = open(
      {
        ...options,
        acks: '1',
        onCommit: ({ places }) => {
          for (const place of places) this.#places.push(place);
        },
        onRefused: (line, error) => {
          this.#refusal ??= error;
          options.onRefused?.(line, error);
        },
      },
      this.#stamp,
    );
    this.#before = this.#inner.totals;
  }

  /** Under the next epoch; what the one before has open is aborted. */
  #begin(): ProducerIdentity {
    return this.#broker.transactions.init({
      transactionalId: this.transactionalId,
      timeoutMs: null,
      process: thisProcess(),
      member: this.#options.member?.(),
    });
  }

  get #ref() {
    return { ...this.#epoch, transactionalId: this.transactionalId };
  }

  bytes(src: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number, line: number): void {
    this.#inner.bytes(src, keyStart, keyEnd, valueStart, valueEnd, line);
  }

  record(record: NewRecord, line: number): void {
    this.#inner.record(record, line);
  }

  refuse(line: number, error: BrokerError): void {
    this.#inner.refuse(line, error);
  }

  ready(): Promise<void> {
    return this.#inner.ready();
  }

  flush(): Promise<void> {
    return this.#inner.flush();
  }

  stickTo(number: number | null): void {
    this.#inner.stickTo(number);
  }

  get maxRecordBytes(): number {
    return this.#inner.maxRecordBytes;
  }

  /** What was committed; of what was refused, everything. */
  get totals(): ProduceTotals {
    const { refused, topics } = this.#inner.totals;
    return { ...this.#committed, refused, topics };
  }

  async commit(sent?: SentOffsets): Promise<ProduceTotals> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#inner.flush();
      if (this.#refusal !== undefined) throw this.#refusal;
      this.#end(sent);
    } catch (error) {
      await this.abort().catch(() => undefined);
      throw error;
    }
    return this.#report();
  }

  #end(sent: SentOffsets | undefined): void {
    const { transactions } = this.#broker;
    if (sent === undefined) {
      if (this.#inner.totals.records > this.#before.records) transactions.commitWith(this.#ref, null);
      return;
    }
    const { group, ...member } = sent.group;
    const offsets = sent.offsets.map(({ topic, partition, offset }) => ({
      id: partitionOf(this.#broker.topic(topic), partition).id,
      offset,
    }));
    transactions.commitWith(this.#ref, { group, member: { group, ...member }, offsets });
  }

  async #report(): Promise<ProduceTotals> {
    const now = this.#inner.totals;
    const since = {
      ...now,
      records: now.records - this.#before.records,
      bytes: now.bytes - this.#before.bytes,
      refused: 0,
      expired: now.expired - this.#before.expired,
    };
    this.#before = now;
    const { records, bytes, expired } = this.#committed;
    this.#committed = {
      records: records + since.records,
      bytes: bytes + since.bytes,
      expired: expired + since.expired,
      line: now.line,
    };
    const places = this.#places;
    this.#places = [];
    await this.#options.onCommit?.({ records: since.records, bytes: since.bytes, line: now.line, places });
    return since;
  }

  async abort(): Promise<void> {
    await this.#inner.discard();
    this.#before = this.#inner.totals;
    this.#places = [];
    this.#refusal = undefined;
    try {
      this.#epoch = this.#begin();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#stamp.renew(this.#epoch);
  }

  /** What cannot be cleared away now is by whoever comes next. */
  async close(): Promise<ProduceTotals> {
    await this.#inner.discard();
    await this.#inner.close();
    try {
      this.#broker.transactions.forget(this.#ref);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
    return this.totals;
  }
}
