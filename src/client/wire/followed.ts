import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { FETCH_WAIT_MS } from '../../settings.ts';
import type { TopicSelector } from '../../topic/topics.ts';
import type { WireTopic, WireTopics } from './topics.ts';

/** The topics that are followed: which of them grew, came or went. */
export class Followed {
  readonly #topics: WireTopics;
  readonly #selector: TopicSelector;
  #known: ReadonlyMap<string, WireTopic>;
  #lookedAt = monotonic();
  /** One that was asked for by name was deleted, even if it is there again. */
  gone: BrokerError | undefined;

  constructor(topics: WireTopics, selector: TopicSelector, found: readonly WireTopic[]) {
    this.#topics = topics;
    this.#selector = selector;
    this.#known = byName(found);
  }

  /** Not too often, unless it `isUrgent`. Answers all of them when something has changed; undefined: nothing has. */
  async look(isUrgent: boolean): Promise<readonly WireTopic[] | undefined> {
    if (!isUrgent && monotonic() - this.#lookedAt < FETCH_WAIT_MS / 2) return undefined;
    this.#lookedAt = monotonic();
    const byPattern = 'pattern' in this.#selector;
    const found = await (byPattern
      ? this.#topics.select(this.#selector)
      : this.#topics.present([...this.#known.keys()]));
    const now = byName(found);
    const gone = [...this.#known.values()].filter((topic) => now.get(topic.name)?.id.equals(topic.id) !== true);
    const isSame =
      gone.length === 0 && found.every(({ name, partitions }) => this.#known.get(name)?.partitions === partitions);
    if (isSame) return undefined;
    for (const { name } of byPattern ? [] : gone) {
      now.delete(name);
      const hint = 'it was deleted while it was followed';
      this.gone = new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: name, hint });
    }
    this.#known = now;
    return [...now.values()];
  }
}

function byName(topics: readonly WireTopic[]): Map<string, WireTopic> {
  return new Map(topics.map((topic) => [topic.name, topic]));
}
