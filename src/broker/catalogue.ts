import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Groups } from '../group/groups.ts';
import type { LogRows } from '../log/rows.ts';
import { newTopicId } from '../topic/topic-id.ts';
import type { Topic, TopicSelector, TopicSpec, Topics } from '../topic/topics.ts';
import type { Transactions } from '../txn/transactions.ts';

/** What the catalogue needs of the broker. */
export interface CatalogueSurroundings {
  readonly topics: Topics;
  readonly rows: LogRows;
  readonly groups: Groups;
  readonly transactions: Transactions;
  readonly clock: Clock;
  /** Named where there is no topic yet. */
  readonly dir: string;
}

/**
 * Topics as the broker knows them: read once and kept until the catalogue's version says that somebody changed something.
 * Like the rooms below, it runs inside the caller's transaction.
 */
export class Catalogue {
  readonly #topics: Topics;
  readonly #rows: LogRows;
  readonly #groups: Groups;
  readonly #transactions: Transactions;
  readonly #clock: Clock;
  readonly #dir: string;
  readonly #known = new Map<string, Topic>();
  /** The same by their ids, in hexadecimal. */
  readonly #byId = new Map<string, Topic>();
  #version = -1;

  constructor({ topics, rows, groups, transactions, clock, dir }: CatalogueSurroundings) {
    this.#topics = topics;
    this.#dir = dir;
    this.#rows = rows;
    this.#groups = groups;
    this.#transactions = transactions;
    this.#clock = clock;
  }

  version(): number {
    return this.#topics.version();
  }

  clusterId(): Buffer {
    return this.#topics.clusterId();
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION. */
  require(name: string): Topic {
    this.#keepUp();
    return this.#known.get(name) ?? this.#keep(this.#require(name));
  }

  /** As `require`, where a topic that does not exist is no error. */
  find(name: string): Topic | undefined {
    this.#keepUp();
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const topic = this.#topics.find(name);
    return topic && this.#keep(topic);
  }

  findById(uuid: Buffer): Topic | undefined {
    this.#keepUp();
    const known = this.#byId.get(uuid.toString('hex'));
    if (known !== undefined) return known;
    const topic = this.#topics.findById(uuid);
    return topic && this.#keep(topic);
  }

  /** After a write that was rolled back: what was seen in it never was, and its version is given out again. */
  forget(): void {
    this.#known.clear();
    this.#byId.clear();
    this.#version = -1;
  }

  /** Forgets what is known when somebody has changed something. */
  #keepUp(): void {
    const version = this.#topics.version();
    if (version !== this.#version) this.forget();
    this.#version = version;
  }

  #keep(topic: Topic): Topic {
    this.#known.set(topic.name, topic);
    this.#byId.set(topic.uuid.toString('hex'), topic);
    return topic;
  }

  /** Where there is no topic at all, it is said where that is. */
  #require(name: string): Topic {
    const topic = this.#topics.find(name);
    if (topic === undefined && this.#topics.names().length === 0) {
      const hint = `there are none yet in ${this.#dir}; \`beck topic create ${name}\` makes one`;
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: name, hint });
    }
    return topic ?? this.#topics.require(name);
  }

  has(name: string): boolean {
    return this.#topics.find(name) !== undefined;
  }

  /** All topics, or those of a selector. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern). */
  select(selector?: TopicSelector): Topic[] {
    if (selector === undefined) return this.#topics.list();
    return 'names' in selector
      ? [...new Set(selector.names)].map((name) => this.#require(name))
      : this.#topics.select(selector);
  }

  create(spec: TopicSpec): Topic {
    return this.#topics.create(spec, { now: this.#clock.now(), uuid: newTopicId(randomId) });
  }

  addPartitions(topic: Topic, total: number): Topic {
    return this.#topics.addPartitions(topic, total);
  }

  alterConfigs(topic: Topic, set: Readonly<Record<string, string>>, unset: readonly string[]): Topic {
    return this.#topics.alterConfigs(topic, set, unset);
  }

  /** Removes a topic, everything in it, and what groups and transactions know of it. */
  remove(topic: Topic): void {
    const ids = topic.partitions.map(({ id }) => id);
    for (const id of ids) this.#rows.drop(id);
    this.#groups.forgetPartitions(ids);
    this.#transactions.forgetPartitions(ids);
    this.#topics.remove(topic);
  }
}

/** As Kafka makes them: a UUID of version 4. */
function randomId(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
}
