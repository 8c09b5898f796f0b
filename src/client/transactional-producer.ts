import type { ProducerIdentity, TransactionRef } from '../broker/transaction-coordinator.ts';
import type { BrokerError } from '../errors.ts';
import type { NewRecord } from '../types.ts';
import type { LocalProducer } from './batch-producer.ts';
import type {
  PlacedRecord,
  ProduceOptions,
  ProduceTotals,
  SentOffsets,
  TransactionalOptions,
  TransactionalProducer,
} from './cluster.ts';
import { ProducerStamp } from './producer-stamp.ts';

const NONE = { records: 0, bytes: 0, line: 0, expired: 0 };

/** What became of the records of the transaction that is open. */
interface Outcome {
  places: PlacedRecord[];
  refusal: BrokerError | undefined;
}

/** Who keeps the transactions of one producer. */
export interface TransactionKeeper {
  readonly transactionalId: string;
  /** The next epoch of this producer; what the one before has open is aborted. */
  begin(): Promise<ProducerIdentity>;
  /** Ends it in one step that survives power loss, with the offsets. Throws as `TransactionalProducer.commit`. */
  commit(ref: TransactionRef, sent: SentOffsets | null): Promise<void>;
  /** Aborts what is open and forgets the id. What cannot be now is by whoever comes next. */
  forget(ref: TransactionRef): Promise<void>;
}

/** Makes what stores. */
export type OpenStoring = (options: ProduceOptions, stamp: ProducerStamp) => Promise<LocalProducer>;

/**
 * A producer whose batches are of a transaction. They are stored as they come, without a sync each: the transaction's end brings all
 * of them to the disk. The transaction is its process's; when that is gone it is aborted.
 */
export class BatchTransaction implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #keeper: TransactionKeeper;
  readonly #options: TransactionalOptions;
  readonly #inner: LocalProducer;
  readonly #stamp: ProducerStamp;
  readonly #outcome: Outcome;
  #epoch: ProducerIdentity;
  /** What the transactions before this one have stored, kept or not. */
  #before: ProduceTotals;
  #committed = NONE;
  /** Of an abort: what was to be aborted is open still, and nothing more may be committed with it. */
  #failure: unknown;

  private constructor(
    keeper: TransactionKeeper,
    options: TransactionalOptions,
    own: { readonly epoch: ProducerIdentity; readonly stamp: ProducerStamp; inner: LocalProducer; outcome: Outcome },
  ) {
    this.transactionalId = keeper.transactionalId;
    this.#keeper = keeper;
    this.#options = options;
    this.#epoch = own.epoch;
    this.#stamp = own.stamp;
    this.#inner = own.inner;
    this.#outcome = own.outcome;
    this.#before = own.inner.totals;
  }

  /** Throws what `open` and the keeper throw. */
  static async open(
    keeper: TransactionKeeper,
    options: TransactionalOptions,
    open: OpenStoring,
  ): Promise<BatchTransaction> {
    const epoch = await keeper.begin();
    const stamp = new ProducerStamp(epoch, true);
    const outcome: Outcome = { places: [], refusal: undefined };
    const storing: ProduceOptions = {
      ...options,
      acks: '1',
      onCommit: ({ places }) => {
        for (const place of places) outcome.places.push(place);
      },
      onRefused: (line, error) => {
        outcome.refusal ??= error;
        options.onRefused?.(line, error);
      },
    };
    const inner = await open(storing, stamp);
    return new BatchTransaction(keeper, options, { epoch, stamp, inner, outcome });
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
      if (this.#outcome.refusal !== undefined) throw this.#outcome.refusal;
      await this.#end(sent);
    } catch (error) {
      await this.abort().catch(() => undefined);
      throw error;
    }
    return this.#report();
  }

  async #end(sent: SentOffsets | undefined): Promise<void> {
    if (sent === undefined && this.#inner.totals.records === this.#before.records) return;
    await this.#keeper.commit(this.#ref, sent ?? null);
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
    const { places } = this.#outcome;
    this.#outcome.places = [];
    await this.#options.onCommit?.({ records: since.records, bytes: since.bytes, line: now.line, places });
    return since;
  }

  async abort(): Promise<void> {
    await this.#inner.discard();
    this.#before = this.#inner.totals;
    this.#outcome.places = [];
    this.#outcome.refusal = undefined;
    try {
      this.#epoch = await this.#keeper.begin();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#stamp.renew(this.#epoch);
  }

  async close(): Promise<ProduceTotals> {
    await this.#inner.discard();
    await this.#inner.close();
    await this.#keeper.forget(this.#ref);
    return this.totals;
  }
}
