/**
 * Topics: what they are called, how they are configured, how many partitions they have.
 *
 * The room knows names, ids, configs and the numbers of partitions. It must not know what lies in a partition (that is
 * log/, on the same floor), who reads it, or what time it is. Nothing here opens a transaction: methods that only look run
 * inside the caller's `store.read`, those that change something inside its `store.write`.
 *
 * Invariants
 * T1  A topic's partitions are numbered 0 to n - 1 without a gap, and n only grows.
 * T2  A stored config is one of Kafka's, with a value that Kafka would take, written as Kafka writes it.
 * T3  No two topics have the same name, or names that differ only in `.` and `_`.
 * T4  The id of a topic is never that of another one, before or after it (KIP-516): whoever creates brings 16 random bytes.
 * T5  Every change raises the version, in the transaction of the change.
 */
import { BrokerError, groupDigits } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { LogConfig } from '../types.ts';
import { alterOverrides, type Overrides, parseConfigs, readConfig } from './configs.ts';
import { checkTopicName, collisionKey, mayCollide, nearestName } from './names.ts';
import { type PartitionId, type TopicRow, TopicRows } from './rows.ts';
import { isTopicId } from './topic-id.ts';

export interface Topic extends TopicRow {
  readonly config: LogConfig;
  readonly overrides: Overrides;
  /** At index n stands partition n. */
  readonly partitions: readonly PartitionId[];
}

export interface TopicSpec {
  readonly name: string;
  /** Default 1. */
  readonly partitions?: number | undefined;
  readonly configs?: Readonly<Record<string, string>> | undefined;
}

/** `pattern` is an anchored regular expression, `names` are exact. */
export type TopicSelector = { readonly names: readonly string[] } | { readonly pattern: string };

/** Enough for anybody on one machine; more is a slip of the finger that would fill the disk with rows. */
export const MAX_PARTITIONS = 100_000;

export class Topics {
  readonly #rows: TopicRows;

  constructor(store: Store) {
    this.#rows = new TopicRows(store);
  }

  /** Grows with every change that this room makes, so that what was read of topics may be kept until it does. */
  version(): number {
    return this.#rows.version();
  }

  /** Of the data directory, for as long as it lives: 16 random bytes. */
  clusterId(): Buffer {
    return this.#rows.cluster();
  }

  /** Every topic, by name. */
  list(): Topic[] {
    return this.#rows.all().map((row) => this.#load(row));
  }

  names(): string[] {
    return this.#rows.names();
  }

  find(name: string): Topic | undefined {
    const row = this.#rows.byName(name);
    return row && this.#load(row);
  }

  findById(uuid: Buffer): Topic | undefined {
    const row = this.#rows.byUuid(uuid);
    return row && this.#load(row);
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, naming the topic that may have been meant. */
  require(name: string): Topic {
    return this.find(name) ?? this.#unknown(name);
  }

  /** The topics whose whole name matches a regular expression, by name; none is no error. Throws USAGE for a bad one. */
  match(pattern: string): Topic[] {
    const whole = topicPattern(pattern);
    return this.#rows
      .all()
      .filter((row) => whole.test(row.name))
      .map((row) => this.#load(row));
  }

  /** By names, in their order, each once, or by pattern. Throws as `require` and `match`. */
  select(selector: TopicSelector): Topic[] {
    if ('pattern' in selector) return this.match(selector.pattern);
    return [...new Set(selector.names)].map((name) => this.require(name));
  }

  /** Throws what `create` would throw, and changes nothing. Answers the overrides that the topic would have. */
  checkNew({ name, partitions = 1, configs = {} }: TopicSpec): Map<string, string> {
    checkTopicName(name);
    if (this.#rows.byName(name) !== undefined) throw new BrokerError('TOPIC_ALREADY_EXISTS', { topic: name });
    this.#checkCollision(name);
    checkPartitions(partitions);
    return parseConfigs(configs);
  }

  /**
   * Makes a topic; `now` is ms, `uuid` comes from `newTopicId`. Throws INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS,
   * INVALID_PARTITIONS, INVALID_CONFIG.
   */
  create(spec: TopicSpec, { now, uuid }: { readonly now: number; readonly uuid: Buffer }): Topic {
    const overrides = this.checkNew(spec);
    if (!isTopicId(uuid)) throw new BrokerError('BUG', { problem: `${uuid.toString('hex')} is no topic id` });
    const id = this.#rows.insert(uuid, spec.name, now);
    this.#rows.setConfigs(id, overrides);
    this.#rows.addPartitions(id, 0, spec.partitions ?? 1);
    this.#rows.bump();
    return this.#load({ id, uuid, name: spec.name, created: now });
  }

  /** Lets a topic grow to `total` partitions. Throws INVALID_PARTITIONS unless that is more than it has. */
  addPartitions(topic: Topic, total: number): Topic {
    checkPartitions(total);
    const {
      name,
      partitions: { length },
    } = topic;
    if (total === length)
      throw new BrokerError('INVALID_PARTITIONS', { problem: `${name} has ${groupDigits(length)} partitions already` });
    if (total < length) {
      const problem = `${name} has ${groupDigits(length)} partitions; it cannot shrink to ${groupDigits(total)}`;
      throw new BrokerError('INVALID_PARTITIONS', { problem, hint: 'partitions are only ever added' });
    }
    this.#rows.addPartitions(topic.id, length, total);
    this.#rows.bump();
    return this.#load(topic);
  }

  /** Sets and unsets configs; one that isn't set may be unset. Throws INVALID_CONFIG. */
  alterConfigs(topic: Topic, set: Readonly<Record<string, string>>, unset: readonly string[]): Topic {
    this.#rows.setConfigs(topic.id, alterOverrides(topic.overrides, set, unset));
    this.#rows.bump();
    return this.#load(topic);
  }

  /** Removes the topic, its configs and the rows of its partitions; what lies in them is for the caller to remove first. */
  remove(topic: Topic): void {
    this.#rows.remove(topic.id);
    this.#rows.bump();
  }

  #load({ id, uuid, name, created }: TopicRow): Topic {
    const overrides = this.#rows.configs(id);
    return { id, uuid, name, created, config: readConfig(overrides), overrides, partitions: this.#rows.partitions(id) };
  }

  #checkCollision(name: string): void {
    const other = mayCollide(name) ? this.#rows.colliding(collisionKey(name)) : undefined;
    if (other === undefined) return;
    const problem = `it differs from topic '${other}' only in \`.\` and \`_\`, which Kafka's metrics cannot tell apart`;
    throw new BrokerError('INVALID_TOPIC_EXCEPTION', {
      topic: name,
      problem,
      hint: 'choose a name that differs in something else',
    });
  }

  #unknown(topic: string): never {
    const near = nearestName(topic, this.#rows.names());
    if (near === undefined) throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic });
    throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', {
      topic,
      hint: `did you mean '${near}'? \`beck topic list\` shows them all`,
    });
  }
}

function checkPartitions(partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= MAX_PARTITIONS) return;
  throw new BrokerError('INVALID_PARTITIONS', {
    problem: `a topic has 1 to ${groupDigits(MAX_PARTITIONS)} partitions; not ${partitions}`,
  });
}

/** What matches whole names. Throws USAGE. */
export function topicPattern(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    const hint = "a regular expression is matched against the whole name, such as 'orders-.*'";
    throw new BrokerError(
      'USAGE',
      { problem: `'${pattern}' is no regular expression: ${(cause as Error).message.replace(/^.*: /, '')}`, hint },
      { cause },
    );
  }
}
