import { BrokerError } from '../../errors.ts';
import type { TopicPartition } from '../../types.ts';
import type {
  GroupAdministration,
  GroupDescription,
  GroupSummary,
  OffsetQuestion,
  OffsetScope,
  PlannedOffset,
  SeenGroup,
  StoredOffset,
} from '../group-administration.ts';
import type { Line } from './line.ts';

/** The groups of a server, by its own doors: Kafka's words for them lack ages, plans and who went. */
export class WireGroups implements GroupAdministration {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  list(): Promise<readonly GroupSummary[]> {
    return this.#line.call('listGroups', {});
  }

  describe(names: readonly string[] | null, now: number): Promise<readonly GroupDescription[]> {
    return this.#line.call('describeGroups', { names, now });
  }

  membership(group: string, memberId: string): Promise<SeenGroup | null> {
    return this.#line.call('membership', { group, memberId });
  }

  async changed(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await this.#line.call('groupsChanged', { ms: Math.ceil(ms) }, { signal });
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'INTERRUPTED') throw error;
    }
  }

  planOffsets({ group, scope, to }: OffsetQuestion): Promise<readonly PlannedOffset[]> {
    return this.#line.call('planOffsets', { group, scope, to });
  }

  async setOffsets(group: string, plan: readonly PlannedOffset[]): Promise<void> {
    await this.#line.call('setOffsets', { group, plan });
  }

  async delete(names: readonly string[]): Promise<void> {
    await this.#line.call('deleteGroups', { names });
  }

  committedOffsets(group: string, scope: readonly OffsetScope[] | null): Promise<readonly StoredOffset[]> {
    return this.#line.call('committedOffsets', { group, scope });
  }

  async deleteOffsets(group: string, offsets: readonly TopicPartition[]): Promise<void> {
    const named = offsets.map(({ topic, partition }) => ({ topic, partition }));
    await this.#line.call('deleteOffsets', { group, offsets: named });
  }
}
