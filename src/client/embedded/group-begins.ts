import type { Broker } from '../../broker/broker.ts';
import { BrokerError } from '../../errors.ts';
import type { GroupPartition } from '../../group/groups.ts';
import { readableEnd } from '../../log/offsets.ts';
import { type Begun, type FoundEnd, groupQuestion } from '../group-begin.ts';
import type { GroupConsumeOptions } from '../group-reader.ts';
import type { LocatedRange } from '../range.ts';
import { locateRanges } from './ranges.ts';

/** Where a member begins with a partition, and where a bounded one ends: at the end that the partition had when it came. */
export class GroupBegins {
  readonly #broker: Broker;
  readonly #options: GroupConsumeOptions;
  /** Of each partition there was: its end, and how much an open transaction holds back behind it. */
  readonly #ends = new Map<number, FoundEnd>();

  /** Inside the caller's read. Throws UNKNOWN_TOPIC_OR_PARTITION, USAGE (a bad pattern). */
  constructor(broker: Broker, options: GroupConsumeOptions) {
    this.#broker = broker;
    this.#options = options;
    const { topics, follow } = options;
    const found = broker.catalogue.select(topics);
    if (found.length === 0 && 'pattern' in topics && !follow)
      throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', { topic: topics.pattern });
    for (const { partitions } of found) {
      for (const { id } of partitions) {
        const row = broker.rows.partition(id);
        if (row === undefined) continue;
        const end = readableEnd(row, options.isolation);
        this.#ends.set(id, { end, heldBack: row.nextOffset - end });
      }
    }
  }

  /** Whether an open transaction holds back any of them. */
  get isHeldBack(): boolean {
    return [...this.#ends.values()].some(({ heldBack }) => heldBack > 0);
  }

  /** As `groupQuestion`. Inside the caller's read. */
  locate({ id, topic: name, partition, committed }: GroupPartition): Begun {
    const { catalogue, rows } = this.#broker;
    const found = this.#ends.get(id);
    const end = rows.partition(id)?.nextOffset ?? 0;
    const { question, beyond } = groupQuestion(this.#options, { partition, committed, end, found });
    const [range] = locateRanges(this.#broker, catalogue.require(name), question);
    const located = range as LocatedRange;
    return {
      ...located,
      heldBack: this.#options.follow ? located.heldBack : (found?.heldBack ?? located.heldBack),
      beyond,
    };
  }

  /** Whether a group that has committed these offsets has come to every end. Inside the caller's read. */
  areReached(committed: ReadonlyMap<number, number>): boolean {
    for (const [id, { end }] of this.#ends) {
      const row = this.#broker.rows.partition(id);
      if (row !== undefined && end > row.logStart && (committed.get(id) ?? 0) < end) return false;
    }
    return true;
  }
}
