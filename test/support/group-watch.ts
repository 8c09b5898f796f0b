import { GroupRows } from '../../src/group/rows.ts';
import { LogWatch } from './log-watch.ts';

/** Looks at a group from outside of it, and waits until it is as wanted. */
export class GroupWatch extends LogWatch {
  readonly #group: string;

  constructor(dir: string, group: string) {
    super(dir);
    this.#group = group;
  }

  /** The partitions of each member, by the name that people call it. */
  owners(): Record<string, number[]> {
    const { store } = this.broker;
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
    const { store, groups } = this.broker;
    const offsets = store.read(() => groups.rows.committed(this.#group));
    return Object.fromEntries([...offsets].map(([id, offset]) => [numbers.get(id) as number, offset]));
  }

  /** Where each partition ends, by its number. */
  ends(): Record<number, number> {
    const { store, rows } = this.broker;
    return Object.fromEntries(
      [...this.#partitions()].map(([id, number]) => [number, store.read(() => rows.partition(id)?.nextOffset ?? 0)]),
    );
  }

  #partitions(): Map<number, number> {
    const topics = this.broker.store.read(() => this.broker.catalogue.select());
    return new Map(topics.flatMap(({ partitions }) => partitions.map(({ id, number }) => [id, number])));
  }
}
