import type {
  Cluster,
  ProduceTotals,
  RecordSink,
  SentOffsets,
  TransactionalOptions,
  TransactionalProducer,
} from '../../client/cluster.ts';
import type { BrokerError } from '../../errors.ts';
import type { InputParser } from '../input/index.ts';

/** Makes a parser of what one run writes: its records go to `sink`, and none is larger than `maxRecordBytes`. */
export type OpenParser = (sink: RecordSink, maxRecordBytes: number) => InputParser;

/** A run wrote what is no record, or none that its topic takes. */
export class RefusedOutput extends Error {}

/** Where the records go that the command writes: one transaction a run. */
export class Outlet {
  readonly #producer: TransactionalProducer;
  readonly #openParser: OpenParser;
  readonly #refusal: { first?: string };
  #parser: InputParser;

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, STORAGE_*. */
  static async open(
    cluster: Cluster,
    options: Omit<TransactionalOptions, 'onRefused'>,
    openParser: OpenParser,
  ): Promise<Outlet> {
    const refusal: { first?: string } = {};
    const onRefused = (line: number, error: BrokerError): void => {
      refusal.first ??= sentenceOf(line, error);
    };
    return new Outlet(await cluster.produceTransactionally({ ...options, onRefused }), refusal, openParser);
  }

  private constructor(producer: TransactionalProducer, refusal: { first?: string }, openParser: OpenParser) {
    this.#producer = producer;
    this.#refusal = refusal;
    this.#openParser = openParser;
    this.#parser = openParser(producer, producer.maxRecordBytes);
  }

  /** What comes now is what a run makes of this partition: order is kept where a record has no key to go by. */
  begin(partition: number): void {
    delete this.#refusal.first;
    this.#producer.stickTo(partition);
    this.#parser = this.#openParser(this.#producer, this.#producer.maxRecordBytes);
  }

  /** More of what the run writes. Throws RefusedOutput, and what storing throws. */
  async take(chunk: Buffer): Promise<void> {
    this.#parser.push(chunk);
    this.#check();
    await this.#producer.ready();
  }

  /** That was all. Throws RefusedOutput. */
  end(): void {
    this.#parser.end();
    this.#check();
  }

  /** As `TransactionalProducer.commit`. */
  commit(sent: SentOffsets): Promise<ProduceTotals> {
    return this.#producer.commit(sent);
  }

  abort(): Promise<void> {
    return this.#producer.abort();
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }

  #check(): void {
    if (this.#refusal.first !== undefined) throw new RefusedOutput(this.#refusal.first);
  }
}

function sentenceOf(line: number, { code, message }: BrokerError): string {
  const sentence = code === 'INVALID_INPUT' ? message : `line ${line}: ${message}`;
  return `its output was refused, ${sentence} (${code})`;
}
