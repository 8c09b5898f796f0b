import { BrokerError } from '../errors.ts';
import type { Topic, TopicSpec } from '../topic/topics.ts';
import type { Catalogue } from './catalogue.ts';

/** A topic as clients name it: by name, or by its id. */
export type TopicName = { readonly name: string } | { readonly id: Buffer };

/** A change of a topic's configs, made for what the topic has now. */
export interface ConfigChange {
  readonly topic: string;
  /** Throws INVALID_CONFIG. */
  plan(topic: Topic): {
    readonly set: Readonly<Record<string, string>>;
    readonly unset: readonly string[];
  };
}

/** What the administration of topics needs of the broker. */
export interface TopicSurroundings {
  readonly catalogue: Catalogue;
  /** One write that survives a power cut. */
  readonly write: <T>(fn: () => T) => T;
  readonly withReserve: <T>(fn: () => T) => Promise<T>;
}

/** Carries a result out of a write that must leave nothing behind. */
class Rehearsed extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super();
    this.result = result;
  }
}

/**
 * The doors for clients who ask for many things at once: each call is one transaction (B1), and what cannot be done is an error
 * in its place (B3). With `rehearse` all of it is tried and nothing is changed.
 */
export class TopicAdministration {
  readonly #catalogue: Catalogue;
  readonly #write: TopicSurroundings['write'];
  readonly #withReserve: TopicSurroundings['withReserve'];

  constructor({ catalogue, write, withReserve }: TopicSurroundings) {
    this.#catalogue = catalogue;
    this.#write = write;
    this.#withReserve = withReserve;
  }

  create(specs: readonly TopicSpec[], rehearse = false): (Topic | BrokerError)[] {
    return this.#each(specs, rehearse, (spec) => this.#catalogue.create(spec));
  }

  /** Answers the topics as they were. Works on a full disk too. */
  remove(names: readonly TopicName[]): Promise<(Topic | BrokerError)[]> {
    return this.#withReserve(() =>
      this.#each(names, false, (named) => {
        const topic = this.#named(named);
        this.#catalogue.remove(topic);
        return topic;
      }),
    );
  }

  addPartitions(
    topics: readonly { readonly name: string; readonly total: number }[],
    rehearse = false,
  ): (Topic | BrokerError)[] {
    return this.#each(topics, rehearse, ({ name, total }) =>
      this.#catalogue.addPartitions(this.#catalogue.require(name), total),
    );
  }

  alterConfigs(changes: readonly ConfigChange[], rehearse = false): (Topic | BrokerError)[] {
    return this.#each(changes, rehearse, ({ topic: name, plan }) => {
      const topic = this.#catalogue.require(name);
      const { set, unset } = plan(topic);
      return this.#catalogue.alterConfigs(topic, set, unset);
    });
  }

  #named(named: TopicName): Topic {
    if ('name' in named) return this.#catalogue.require(named.name);
    const topic = this.#catalogue.findById(named.id);
    if (topic === undefined) throw new BrokerError('UNKNOWN_TOPIC_ID', { id: named.id.toString('base64url') });
    return topic;
  }

  #each<Asked>(asked: readonly Asked[], rehearse: boolean, fn: (each: Asked) => Topic): (Topic | BrokerError)[] {
    const all = () => asked.map((each) => inItsPlace(() => fn(each)));
    if (!rehearse) return this.#write(all);
    try {
      return this.#write(() => {
        throw new Rehearsed(all());
      });
    } catch (error) {
      if (error instanceof Rehearsed) return error.result as (Topic | BrokerError)[];
      throw error;
    }
  }
}

/** What is thrown as a BrokerError, as a value (B3). */
export function inItsPlace<T>(fn: () => T): T | BrokerError {
  try {
    return fn();
  } catch (error) {
    if (error instanceof BrokerError) return error;
    throw error;
  }
}
