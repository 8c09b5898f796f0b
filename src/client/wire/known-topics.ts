import { BrokerError } from '../../errors.ts';
import type { ProducedTopic } from '../batch-producer.ts';

/** What a producer knows of a topic of a server. */
export interface Known extends ProducedTopic {
  /** The sum of its next offsets. */
  readonly ends: number;
}

/** The topics that records have named. What can be said against one is said of each record that names it. */
export class KnownTopics {
  readonly #learn: (name: string) => Promise<Known>;
  readonly #known = new Map<string, Known | BrokerError>();
  readonly #learning = new Map<string, Promise<void>>();

  /** `learn` asks the server. */
  constructor(learn: (name: string) => Promise<Known>) {
    this.#learn = learn;
  }

  /** Resolves when the server has said of a topic what there is to say; undefined: it has. */
  prepare(name: string): Promise<void> | undefined {
    if (this.#known.has(name)) return undefined;
    const learning = this.#learning.get(name) ?? this.#ask(name);
    this.#learning.set(name, learning);
    return learning;
  }

  /** Throws what the server said; the next time it is asked again. */
  require(name: string): Known {
    const found = this.#known.get(name);
    if (found !== undefined && !(found instanceof BrokerError)) return found;
    this.#known.delete(name);
    throw found ?? new BrokerError('BUG', { problem: `nobody has asked for ${name}` });
  }

  async #ask(name: string): Promise<void> {
    try {
      this.#known.set(name, await this.#learn(name));
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.#known.set(name, error);
    } finally {
      this.#learning.delete(name);
    }
  }
}
