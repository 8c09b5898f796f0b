import { resolve } from 'node:path';
import type { TopicSelector, TopicSpec } from '../../topic/topics.ts';
import type {
  CheckReport,
  Cluster,
  ConsumeOptions,
  DumpedBatch,
  DumpQuestion,
  GroupAdministration,
  GroupConsumeOptions,
  GroupReader,
  OnProgress,
  ProduceOptions,
  Producer,
  Reader,
  RetentionRow,
  SalvageReport,
  Status,
  TopicDescription,
  TopicSummary,
  TransactionAdministration,
  TransactionalOptions,
  TransactionalProducer,
  UserAdministration,
} from '../cluster.ts';
import type { BrokerAddress } from './broker-address.ts';
import { dumpFrom } from './dump.ts';
import { WireGroupReader } from './group-reader.ts';
import { WireGroups } from './groups.ts';
import { Line } from './line.ts';
import { WireProducers } from './producers.ts';
import { WireReader } from './reader.ts';
import { WireTransactions } from './transactions.ts';
import { WireUsers } from './users.ts';

export interface WireOptions {
  /** Of the command: paths that it names begin there. */
  readonly cwd: string;
  /** Ends what is waited for, with INTERRUPTED. */
  readonly signal: AbortSignal;
}

/**
 * The cluster behind the socket of a `beck serve`. Records, groups and transactions are spoken of in Kafka's own protocol; what that
 * has no words for is asked at the server's own doors (`DOORS`).
 */
export class WireCluster implements Cluster {
  readonly groups: GroupAdministration;
  readonly transactions: TransactionAdministration;
  readonly users: UserAdministration;
  readonly #line: Line;
  readonly #cwd: string;
  readonly #producers: WireProducers;
  readonly #readers: Reader[] = [];

  private constructor(line: Line, cwd: string) {
    this.#line = line;
    this.#cwd = cwd;
    this.#producers = new WireProducers(line);
    this.groups = new WireGroups(line);
    this.transactions = new WireTransactions(line);
    this.users = new WireUsers(line);
  }

  /** Throws BROKER_UNREACHABLE, BROKER_UNSUITABLE. */
  static async open(address: BrokerAddress, { cwd, signal }: WireOptions): Promise<WireCluster> {
    const line = new Line(address, signal);
    await line.connection();
    return new WireCluster(line, cwd);
  }

  createTopics(specs: readonly TopicSpec[], { ifNotExists = false } = {}): Promise<readonly TopicSummary[]> {
    return this.#line.call('createTopics', { specs, ifNotExists });
  }

  listTopics(topics?: TopicSelector): Promise<readonly TopicSummary[]> {
    return this.#line.call('listTopics', { topics });
  }

  describeTopics(topics: TopicSelector): Promise<readonly TopicDescription[]> {
    return this.#line.call('describeTopics', { topics });
  }

  alterTopic(name: string, change: Parameters<Cluster['alterTopic']>[1]): Promise<TopicDescription> {
    return this.#line.call('alterTopic', { name, ...change });
  }

  deleteTopics(topics: TopicSelector): Promise<readonly TopicSummary[]> {
    return this.#line.call('deleteTopics', { topics });
  }

  trimTopic(name: string, to: Parameters<Cluster['trimTopic']>[1]): Promise<readonly RetentionRow[]> {
    return this.#line.call('trimTopic', { name, ...to });
  }

  produce(options: ProduceOptions): Promise<Producer> {
    return this.#producers.open(options);
  }

  produceTransactionally(options: TransactionalOptions): Promise<TransactionalProducer> {
    return this.#producers.openTransactional(options);
  }

  async consume(options: ConsumeOptions): Promise<Reader> {
    const reader = await WireReader.open(this.#line, options);
    this.#readers.push(reader);
    return reader;
  }

  async joinGroup(options: GroupConsumeOptions): Promise<GroupReader> {
    const reader = await WireGroupReader.open(this.#line, options);
    this.#readers.push(reader);
    return reader;
  }

  runRetention({ onProgress, ...run }: Parameters<Cluster['runRetention']>[0]): Promise<readonly RetentionRow[]> {
    return this.#line.call('runRetention', run, { onProgress });
  }

  dump({ topics, partitions, from, until }: DumpQuestion): AsyncIterable<readonly DumpedBatch[]> {
    return dumpFrom(this.#line, { topics, partitions, from, until });
  }

  status(): Promise<Status> {
    return this.#line.call('status', {});
  }

  check(onProgress?: OnProgress): Promise<CheckReport> {
    return this.#line.call('check', {}, { onProgress });
  }

  salvage(into: string, onProgress?: OnProgress): Promise<SalvageReport> {
    return this.#line.call('salvage', { into: resolve(this.#cwd, into) }, { onProgress });
  }

  snapshot(into: string, onProgress?: OnProgress): Promise<{ path: string; bytes: number }> {
    return this.#line.call('snapshot', { into: resolve(this.#cwd, into) }, { onProgress });
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    this.#line.close();
  }
}
