import type { Broker } from '../../broker/broker.ts';
import type { Housekeeping } from '../../broker/housekeeping.ts';
import { offsetsRetentionMs } from '../../broker/offsets-retention.ts';
import { BrokerError } from '../../errors.ts';
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
import { partitionOf } from '../partition-of.ts';
import { describeTopic, describeTopics } from './describe-topics.ts';
import { EmbeddedGroups } from './groups.ts';
import { lookSettled } from './held-back.ts';
import { LongWork } from './long-work.ts';
import type { EmbeddedProducers } from './producers.ts';
import { EmbeddedTransactions } from './transactions.ts';
import { EmbeddedUsers } from './users.ts';

/**
 * The cluster that is a data directory, opened by this process as an equal of all others. What only some commands need is loaded when
 * it is asked for: half of what a short command takes is loading.
 */
export class EmbeddedCluster implements Cluster {
  readonly groups: GroupAdministration;
  readonly transactions: TransactionAdministration;
  readonly users: UserAdministration;
  readonly #broker: Broker;
  readonly #allowUnsafeFs: boolean;
  readonly #work: LongWork;
  readonly #readers: Reader[] = [];
  #housekeeping: Housekeeping | undefined;
  #producers: EmbeddedProducers | undefined;
  #stopHousekeeping: (() => Promise<void>) | undefined;
  #wrote = false;

  /** `signal` ends long work between two of its steps, with INTERRUPTED. Throws INVALID_CONFIG as `offsetsRetentionMs`. */
  constructor(
    broker: Broker,
    {
      allowUnsafeFs = false,
      signal = new AbortController().signal,
    }: { allowUnsafeFs?: boolean; signal?: AbortSignal } = {},
  ) {
    this.#broker = broker;
    this.groups = new EmbeddedGroups(broker);
    this.transactions = new EmbeddedTransactions(broker);
    this.users = new EmbeddedUsers(broker);
    this.#work = new LongWork(broker, signal);
    this.#allowUnsafeFs = allowUnsafeFs;
    offsetsRetentionMs();
  }

  async createTopics(specs: readonly TopicSpec[], { ifNotExists = false } = {}): Promise<readonly TopicSummary[]> {
    return this.#broker.createTopics(specs, ifNotExists).map((topic) => describeTopic(this.#broker, topic));
  }

  async listTopics(selector?: TopicSelector): Promise<readonly TopicSummary[]> {
    return describeTopics(this.#broker, selector);
  }

  async describeTopics(selector: TopicSelector): Promise<readonly TopicDescription[]> {
    return lookSettled(
      this.#broker,
      () => describeTopics(this.#broker, selector),
      (topics) => topics.some(({ partitionList }) => partitionList.some(({ lastStable, end }) => lastStable < end)),
    );
  }

  async alterTopic(name: string, change: Parameters<Cluster['alterTopic']>[1]): Promise<TopicDescription> {
    return describeTopic(this.#broker, this.#broker.alterTopic(name, change));
  }

  async deleteTopics(selector: TopicSelector): Promise<readonly TopicSummary[]> {
    const before = describeTopics(this.#broker, selector);
    await this.#broker.deleteTopics(selector);
    await this.#work.giveBack();
    return before;
  }

  async produce(options: ProduceOptions): Promise<Producer> {
    const producer = (await this.#openProducers()).open(options);
    await this.#writes();
    return producer;
  }

  async produceTransactionally(options: TransactionalOptions): Promise<TransactionalProducer> {
    const producer = await (await this.#openProducers()).openTransactional(options);
    await this.#writes();
    return producer;
  }

  async #openProducers(): Promise<EmbeddedProducers> {
    const { EmbeddedProducers } = await import('./producers.ts');
    this.#producers ??= new EmbeddedProducers(this.#broker, !this.#allowUnsafeFs);
    return this.#producers;
  }

  async #writes(): Promise<void> {
    this.#wrote = true;
    await this.#keepHouse();
  }

  async #keepHouse(): Promise<void> {
    const housekeeping = await this.#openHousekeeping();
    this.#stopHousekeeping ??= housekeeping.start();
  }

  async #openHousekeeping(): Promise<Housekeeping> {
    const { Housekeeping } = await import('../../broker/housekeeping.ts');
    this.#housekeeping ??= new Housekeeping(this.#broker);
    return this.#housekeeping;
  }

  async consume(options: ConsumeOptions): Promise<Reader> {
    if (options.follow) this.#broker.store.refuseFollowing();
    const { EmbeddedReader } = await import('./reader.ts');
    const reader = new EmbeddedReader(this.#broker, options);
    this.#readers.push(reader);
    if (options.follow && this.#broker.exists) await this.#keepHouse();
    return reader;
  }

  async joinGroup(options: GroupConsumeOptions): Promise<GroupReader> {
    const { EmbeddedGroupReader } = await import('./group-reader.ts');
    const reader = new EmbeddedGroupReader(this.#broker, options);
    this.#readers.push(reader);
    await this.#keepHouse();
    return reader;
  }

  async trimTopic(
    name: string,
    { before, partition, dryRun }: Parameters<Cluster['trimTopic']>[1],
  ): Promise<readonly RetentionRow[]> {
    const { trimTopicSteps } = await import('../../broker/retention-run.ts');
    const topic = this.#broker.topic(name);
    const partitions = partition === undefined ? topic.partitions : [partitionOf(topic, partition)];
    return this.#work.lose(() => trimTopicSteps(this.#broker, topic, { before, partitions, dryRun }), dryRun);
  }

  async runRetention({
    topics: selector,
    now = this.#broker.clock.now(),
    dryRun,
    onProgress,
  }: Parameters<Cluster['runRetention']>[0]): Promise<readonly RetentionRow[]> {
    const { retentionSteps } = await import('../../broker/retention-run.ts');
    const { store, catalogue } = this.#broker;
    const topics = store.read(() => catalogue.select(selector));
    return this.#work.lose(
      () => retentionSteps(this.#broker, { topics, now, dryRun, onlyDue: false }),
      dryRun,
      onProgress,
    );
  }

  async check(onProgress?: OnProgress): Promise<CheckReport> {
    const { wholeCheck } = await import('../../broker/whole-check.ts');
    const { store } = this.#existing();
    return { path: store.path, ...(await this.#work.drive(wholeCheck(store), onProgress)) };
  }

  async salvage(into: string, onProgress?: OnProgress): Promise<SalvageReport> {
    const { salvageSteps } = await import('../../broker/copy-out.ts');
    const allowUnsafeFs = this.#allowUnsafeFs;
    return this.#work.drive(salvageSteps(this.#existing(), into, { allowUnsafeFs }), onProgress);
  }

  async snapshot(into: string, onProgress?: OnProgress): Promise<{ path: string; bytes: number }> {
    const { snapshotSteps } = await import('../../broker/copy-out.ts');
    const allowUnsafeFs = this.#allowUnsafeFs;
    return this.#work.drive(snapshotSteps(this.#existing(), into, { allowUnsafeFs }), onProgress);
  }

  #existing(): Broker {
    if (!this.#broker.exists) throw new BrokerError('NO_DATA_DIRECTORY', { path: this.#broker.dir });
    return this.#broker;
  }

  async *dump(question: DumpQuestion): AsyncIterable<readonly DumpedBatch[]> {
    const { dumpBatches } = await import('./dump.ts');
    yield* dumpBatches(this.#broker, question);
  }

  async status(): Promise<Status> {
    const broker = this.#broker;
    const topics = describeTopics(broker);
    const sum = (of: (topic: TopicSummary) => number) => topics.reduce((total, topic) => total + of(topic), 0);
    return {
      path: broker.dir,
      exists: broker.exists,
      topics: topics.length,
      partitions: sum((topic) => topic.partitions),
      records: sum((topic) => topic.records),
      bytes: sum((topic) => topic.bytes),
      diskBytes: broker.diskBytes(),
      freeBytes: broker.store.freeBytes(),
      housekeeping: (await this.#openHousekeeping()).times,
    };
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    await this.#stopHousekeeping?.();
    if (this.#wrote) this.#housekeeping?.runBriefly();
    this.#broker.close();
  }
}
