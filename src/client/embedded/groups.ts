import { setTimeout as pause } from 'node:timers/promises';
import type { Broker } from '../../broker/broker.ts';
import { GroupView } from '../../broker/group-view/describe.ts';
import { OffsetPlanner } from '../../broker/group-view/plan-offsets.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { checkGroupName } from '../../group/group-name.ts';
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
import { partitionOf } from '../partition-of.ts';

/** How often one looks whether anybody has committed anything; commits of offsets wake nobody. A look takes about 1 µs. */
const LOOK_EVERY_MS = 50;

/** The groups of a data directory. Whoever looks at them first takes out the members who are there no more. */
export class EmbeddedGroups implements GroupAdministration {
  readonly #broker: Broker;
  readonly #view: GroupView;
  readonly #planner: OffsetPlanner;
  /** What the database's version was at the last look. */
  #seen: string | undefined;

  constructor(broker: Broker) {
    this.#broker = broker;
    this.#view = new GroupView(broker);
    this.#planner = new OffsetPlanner(broker, this.#view);
  }

  async list(): Promise<readonly GroupSummary[]> {
    return this.#look(undefined, () => this.#view.list());
  }

  async describe(names: readonly string[] | null, now: number): Promise<readonly GroupDescription[]> {
    const asked = names === null ? undefined : [...new Set(names)];
    return this.#look(asked, () => this.#view.describe(asked, now));
  }

  async membership(group: string, memberId: string): Promise<SeenGroup | null> {
    const { store, groups } = this.#broker;
    return store.read(() => {
      const seen = groups.rows.membership({ group, memberId });
      return seen && { ...seen, departures: groups.rows.departures(group) };
    });
  }

  async changed(ms: number, signal: AbortSignal): Promise<void> {
    const { store } = this.#broker;
    store.refuseFollowing();
    const until = monotonic() + ms;
    const seen = this.#seen ?? versionOf(store);
    for (;;) {
      const left = until - monotonic();
      if (left <= 0 || signal.aborted || versionOf(store) !== seen) return;
      await pause(Math.min(left, LOOK_EVERY_MS), undefined, { signal }).catch(() => undefined);
    }
  }

  async planOffsets(question: OffsetQuestion): Promise<readonly PlannedOffset[]> {
    const { group } = question;
    checkGroupName(group);
    this.#quietly(() => this.#broker.groups.removeGone(group));
    const { store, groups } = this.#broker;
    return store.read(() => {
      groups.requireEmpty(group);
      return this.#planner.plan(question, groups.names().includes(group));
    });
  }

  async setOffsets(group: string, plan: readonly PlannedOffset[]): Promise<void> {
    const offsets = plan.flatMap((row) =>
      row.after === null ? [] : [{ id: this.#id(row), offset: row.after, metadata: row.metadata }],
    );
    this.#broker.groups.setOffsets(group, offsets);
  }

  async delete(names: readonly string[]): Promise<void> {
    this.#broker.groups.deleteGroups(names);
  }

  async committedOffsets(group: string, scope: readonly OffsetScope[] | null): Promise<readonly StoredOffset[]> {
    return this.#broker.store.read(() => this.#planner.committed(group, scope));
  }

  async deleteOffsets(group: string, offsets: readonly TopicPartition[]): Promise<void> {
    const ids = offsets.map((each) => this.#id(each));
    this.#broker.groups.deleteOffsets(group, ids);
  }

  /** Throws UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION. */
  #id({ topic, partition }: TopicPartition): number {
    return partitionOf(this.#broker.topic(topic), partition).id;
  }

  /** Takes out who is gone, and looks. */
  #look<T>(names: readonly string[] | undefined, look: () => T): T {
    const { store, groups } = this.#broker;
    for (const group of groups.haunted(names)) this.#quietly(() => groups.removeGone(group));
    this.#seen = versionOf(store);
    return store.read(look);
  }

  /** Where nothing can be written, what is there is shown as it is. */
  #quietly(tidy: () => void): void {
    try {
      tidy();
    } catch (error) {
      if (!(error instanceof BrokerError) || !error.code.startsWith('STORAGE_')) throw error;
    }
  }
}

/** Another one after each commit: of another process, and in a server of this one. */
function versionOf(store: Broker['store']): string {
  return `${store.dataVersion()} ${store.writes}`;
}
