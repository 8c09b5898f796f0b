/**
 * The broker: the front door of the engine. Whoever comes, a command or a socket, comes through here.
 *
 * The room knows what belongs into one transaction, who must be woken after it, and how long one may wait. It must not
 * decide what the rooms below decide, nor know who asks.
 *
 * Invariants
 * B1  What one call writes is one transaction, and is stored when the call returns.
 * B2  Waiters are woken after the commit that they wait for, never before.
 * B3  A batch that is refused is a value in its place; it takes nothing else with it.
 */
import { statSync } from 'node:fs';
import { type Clock, systemClock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { GroupAdministration } from '../group/administration/administration.ts';
import { Groups } from '../group/groups.ts';
import { type Appended, appendBatch } from '../log/log.ts';
import { LogRows } from '../log/rows.ts';
import type { Origin } from '../log/validate.ts';
import { Ballast } from '../store/ballast.ts';
import { diskSpace } from '../store/file-system.ts';
import type { Durability, Store, StoreOptions } from '../store/store.ts';
import { type Topic, type TopicSelector, type TopicSpec, Topics } from '../topic/topics.ts';
import { Transactions } from '../txn/transactions.ts';
import { Catalogue } from './catalogue.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import { type OpenMode, openStore } from './open-store.ts';
import { SocketGroups } from './socket-groups.ts';
import { SyncQueue, syncBeside } from './sync-queue.ts';
import { inItsPlace, TopicAdministration } from './topic-administration.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';
import { UserAdministration } from './user-administration.ts';
import { blockingPatience, WakeFile } from './wait.ts';

export interface BrokerOptions {
  readonly allowUnsafeFs?: boolean | undefined;
  readonly clock?: Clock | undefined;
  readonly patience?: StoreOptions['patience'] | undefined;
  readonly open?: StoreOptions['open'];
}

/** One batch for one partition of a topic. */
export interface PartitionBatch {
  readonly partition: number;
  readonly blob: Buffer;
}

/** One batch from a client, which names its topic. */
export interface TopicBatch extends PartitionBatch {
  readonly topic: string;
}

export class Broker {
  readonly dir: string;
  readonly store: Store;
  readonly rows: LogRows;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly wake: WakeFile;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly #transactions: Transactions;
  readonly topics: TopicAdministration;
  readonly socketGroups: SocketGroups;
  readonly users: UserAdministration;
  readonly #ballast: Ballast;
  readonly #syncs: SyncQueue;

  private constructor(dir: string, store: Store, clock: Clock) {
    this.dir = dir;
    this.store = store;
    this.clock = clock;
    this.rows = new LogRows(store);
    const topics = new Topics(store);
    const groups = new Groups(store, topics);
    const transactions = new Transactions(store, this.rows, groups);
    this.catalogue = new Catalogue({ topics, rows: this.rows, groups, transactions, clock, dir });
    this.wake = new WakeFile(dir);
    this.transactions = new TransactionCoordinator({ store, log: this.rows, transactions, clock, wake: this.wake });
    this.#transactions = transactions;
    const administration = new GroupAdministration(store, topics);
    this.groups = new GroupCoordinator({ store, groups, administration, clock, wake: this.wake });
    this.topics = new TopicAdministration({
      catalogue: this.catalogue,
      write: (fn) => this.#write(fn),
      withReserve: (fn) => this.withReserve(fn),
    });
    this.socketGroups = new SocketGroups({ store, topics, groups, clock, wake: this.wake });
    this.users = new UserAdministration(store);
    this.#ballast = new Ballast(dir);
    this.#syncs = new SyncQueue(syncBeside(store.path));
  }

  /**
   * Opens a data directory; where there is none, an empty broker is opened, unless the mode is `create`. Throws STORAGE_*. What is
   * promised of each mode: `OpenMode`.
   */
  static open(
    dir: string,
    mode: OpenMode,
    { clock = systemClock, patience = blockingPatience(), ...options }: BrokerOptions = {},
  ): Broker {
    const broker = new Broker(dir, openStore(dir, mode, { patience, ...options }), clock);
    if (mode === 'create') {
      broker.wake.touch();
      broker.#ballast.restore();
    }
    return broker;
  }

  /** Whether there is a data directory at all. */
  get exists(): boolean {
    return this.store.path !== ':memory:';
  }

  topic(name: string): Topic {
    return this.store.read(() => this.catalogue.require(name));
  }

  /** Creates all of them or none; answers those that were created. */
  createTopics(specs: readonly TopicSpec[], ifNotExists = false): Topic[] {
    return this.#write(() =>
      specs
        .filter((spec) => !(ifNotExists && this.catalogue.has(spec.name)))
        .map((spec) => this.catalogue.create(spec)),
    );
  }

  /** The topic of that name, made where it is missing. Throws what `createTopics` throws. */
  ensureTopic(spec: TopicSpec): Topic {
    return this.#write(() => this.catalogue.find(spec.name) ?? this.catalogue.create(spec));
  }

  /** Removes all of them or none, with everything in them; answers what was removed. Works on a full disk too. */
  deleteTopics(selector: TopicSelector): Promise<Topic[]> {
    return this.withReserve(() =>
      this.#write(() => {
        const topics = this.catalogue.select(selector);
        for (const topic of topics) this.catalogue.remove(topic);
        return topics;
      }),
    );
  }

  alterTopic(
    name: string,
    change: {
      partitions?: number | undefined;
      set?: Readonly<Record<string, string>> | undefined;
      unset?: readonly string[] | undefined;
    },
  ): Topic {
    return this.#write(() => {
      let topic = this.catalogue.require(name);
      if (change.partitions !== undefined) topic = this.catalogue.addPartitions(topic, change.partitions);
      return this.catalogue.alterConfigs(topic, change.set ?? {}, change.unset ?? []);
    });
  }

  /**
   * Appends batches to partitions of one topic in one transaction, in their order. Base offsets are patched into the blobs.
   * Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION, STORAGE_*; a batch that is refused is an error in its place (B3).
   */
  append(
    name: string,
    batches: readonly PartitionBatch[],
    origin: Origin,
    durability: Durability,
  ): (Appended | BrokerError)[] {
    const now = this.clock.now();
    return this.#write(() => {
      const topic = this.catalogue.require(name);
      return batches.map(({ partition, blob }) => this.#appendOne(topic, partition, blob, origin, now));
    }, durability);
  }

  /**
   * As `append`, to partitions of any topics: a topic or a partition that does not exist is an error in its place too. The commit is
   * made before this returns; it resolves when it is as durable as asked, others being served meanwhile. Throws STORAGE_*.
   */
  appendAll(batches: readonly TopicBatch[], durability: Durability): Promise<(Appended | BrokerError)[]> {
    const now = this.clock.now();
    return this.#writeMeanwhile(
      () =>
        batches.map(({ topic, partition, blob }) =>
          inItsPlace(() => this.#appendOne(this.catalogue.require(topic), partition, blob, 'client', now)),
        ),
      durability,
    );
  }

  #appendOne(topic: Topic, number: number, blob: Buffer, origin: Origin, now: number): Appended | BrokerError {
    const { name, config, partitions } = topic;
    const partition = this.rows.partition(partitions[number]?.id ?? -1);
    if (partition === undefined)
      throw new BrokerError('UNKNOWN_PARTITION', { topic: name, partition: number, count: partitions.length });
    const transactions = this.#transactions;
    return inItsPlace(() =>
      appendBatch(this.rows, partition, blob, { topic: name, config, origin, now, transactions }),
    );
  }

  #write<T>(fn: () => T, durability: Durability = 'full'): T {
    try {
      return this.store.write(fn, durability, () => this.wake.touch());
    } catch (error) {
      this.catalogue.forget();
      throw error;
    }
  }

  async #writeMeanwhile<T>(fn: () => T, durability: Durability): Promise<T> {
    if (durability === 'normal') return this.#write(fn, durability);
    const { result, unsynced } = this.store.writeUnsynced(fn, () => this.wake.touch());
    if (unsynced !== null) await this.#syncs.sync(unsynced);
    return result;
  }

  /** A write that nobody waits for and that may be lost with the power: housekeeping. Wakes nobody. */
  storeQuietly<T>(fn: () => T): T {
    return this.store.write(fn, 'normal');
  }

  /**
   * Runs what frees space; on a full disk once more, with the ballast thrown off: in its room the WAL is emptied (S5), and then
   * there is room in that. Afterwards the ballast is made again.
   */
  async withReserve<T>(fn: () => T | Promise<T>): Promise<T> {
    try {
      return await fn();
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'STORAGE_FULL') throw error;
      this.#ballast.release();
      this.store.checkpoint('truncate');
      return await fn();
    } finally {
      if (this.exists) this.#ballast.restore();
    }
  }

  /** Of the disk that the data directory is on, in bytes; -1 where that can't be known. */
  diskSpace(): { readonly total: number; readonly free: number } {
    return diskSpace(this.dir);
  }

  /** Bytes that the data directory takes on the disk. */
  diskBytes(): number {
    const { path } = this.store;
    const files = this.exists ? [path, `${path}-wal`, `${path}-shm`] : [];
    return files.reduce(
      (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
      this.#ballast.bytes,
    );
  }

  close(): void {
    this.wake.close();
    this.store.close();
  }
}
