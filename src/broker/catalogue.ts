import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import type { Groups } from '../group/groups.ts';
import type { LogRows } from '../log/rows.ts';
import { newTopicId } from '../topic/topic-id.ts';
import type { Topic, TopicSelector, TopicSpec, Topics } from '../topic/topics.ts';

/**
 * Topics as the broker knows them: read once and kept until the catalogue's version says that somebody changed something.
 * Like the rooms below, it runs inside the caller's transaction.
 */
export class Catalogue {
  readonly #topics: Topics;
  readonly #rows: LogRows;
  readonly #groups: Groups;
  readonly #clock: Clock;
  readonly #dir: string;
  readonly #known = new Map<string, Topic>();
  #version = -1;

  /** `dir` is named where there is no topic yet. */
  constructor(topics: Topics, rows: LogRows, groups: Groups, clock: Clock, dir: string) {
    this.#topics = topics;
    this.#dir = dir;
    this.#rows = rows;
    this.#groups = groups;
    this.#clock = clock;
  }

  version(): number {
    return this.#topics.version();
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION. */
  require(name: string): Topic {
    const version = this.#topics.version();
    if (version !== this.#version) this.#known.clear();
    this.#version = version;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const topic = this.#require(name);
    this.#known.set(name, topic);
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
    return this.#topics.create(spec, { now: this.#clock.now(), uuid: newTopicId(() => randomBytes(16)) });
  }

  addPartitions(topic: Topic, total: number): Topic {
    return this.#topics.addPartitions(topic, total);
  }

  alterConfigs(topic: Topic, set: Readonly<Record<string, string>>, unset: readonly string[]): Topic {
    return this.#topics.alterConfigs(topic, set, unset);
  }

  /** Removes a topic, everything in it, and what groups know of it. */
  remove(topic: Topic): void {
    for (const { id } of topic.partitions) this.#rows.drop(id);
    this.#groups.forgetPartitions(topic.partitions.map(({ id }) => id));
    this.#topics.remove(topic);
  }
}
