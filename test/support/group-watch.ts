import { Broker } from '../../src/broker/broker.ts';
import { CommitWait } from '../../src/client/embedded/commit-wait.ts';
import { GroupRows } from '../../src/group/rows.ts';

/** How often it is looked without anybody's commit having told (ms): some of what is waited for wakes nobody. */
const LOOK_MS = 10;

/** Looks at a group from outside of it, and waits until it is as wanted. */
export class GroupWatch {
  readonly #broker: Broker;
  readonly #group: string;
  readonly #commits: CommitWait;

  constructor(dir: string, group: string) {
    this.#broker = Broker.open(dir, 'existing');
    this.#group = group;
    this.#commits = new CommitWait(this.#broker, () => true);
  }

  close(): void {
    this.#commits.stop();
    this.#broker.close();
  }

  /** The partitions of each member, by the name that people call it. */
  owners(): Record<string, number[]> {
    const { store } = this.#broker;
    return store.read(() => {
      const rows = new GroupRows(store);
      const { id: grp } = rows.group(this.#group) ?? { id: -1 };
      const placed = rows.placed(grp);
      const partitionsOf = (member: string) =>
        placed.filter(({ owner }) => owner === member).map(({ partition }) => partition);
      return Object.fromEntries(rows.members.list(grp).map(({ id, name }) => [name, partitionsOf(id)]));
    });
  }

  /** How many partitions each member has, the most first. */
  shares(): number[] {
    return Object.values(this.owners())
      .map((partitions) => partitions.length)
      .sort((a, b) => b - a);
  }

  /** By partition number; what is not committed is left out. */
  committed(): Record<number, number> {
    const numbers = this.#partitions();
    const { store, groups } = this.#broker;
    const offsets = store.read(() => groups.rows.committed(this.#group));
    return Object.fromEntries([...offsets].map(([id, offset]) => [numbers.get(id) as number, offset]));
  }

  /** Where each partition ends, by its number. */
  ends(): Record<number, number> {
    const { store, rows } = this.#broker;
    return Object.fromEntries(
      [...this.#partitions()].map(([id, number]) => [number, store.read(() => rows.partition(id)?.nextOffset ?? 0)]),
    );
  }

  /** The test's own time limit is the only one. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await this.#commits.wait(LOOK_MS, new AbortController().signal);
      this.#commits.catchUp();
    }
  }

  #partitions(): Map<number, number> {
    const topics = this.#broker.store.read(() => this.#broker.catalogue.select());
    return new Map(topics.flatMap(({ partitions }) => partitions.map(({ id, number }) => [id, number])));
  }
}
