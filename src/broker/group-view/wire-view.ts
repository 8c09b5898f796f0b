import type { GroupRecord } from '../../group/administration/administration.ts';
import type { Store } from '../../store/store.ts';
import type { TopicPartition } from '../../types.ts';
import type { GroupCoordinator } from '../group-coordinator.ts';
import { ViewRows } from './rows.ts';

/** A group as clients are told of it. By member id, in the order of partitions' ids. */
export interface WireGroup extends GroupRecord {
  readonly held: ReadonlyMap<string, readonly TopicPartition[]>;
  /** What they shall have. */
  readonly meant: ReadonlyMap<string, readonly TopicPartition[]>;
}

/** One group at one moment. Throws GROUP_ID_NOT_FOUND. */
export function viewOfGroup(
  { store, groups }: { readonly store: Store; readonly groups: GroupCoordinator },
  name: string,
): WireGroup {
  const rows = new ViewRows(store);
  return store.read(() => {
    const [record] = groups.records([name]) as [GroupRecord];
    const placed = record.assignments.flatMap((row) => {
      const at = rows.partition(row.partition);
      return at === undefined ? [] : [{ ...row, at: { topic: at.topic, partition: at.partition } }];
    });
    const of = (whose: 'owner' | 'target') =>
      new Map(record.members.map(({ id }) => [id, placed.filter((row) => row[whose] === id).map(({ at }) => at)]));
    return { ...record, held: of('owner'), meant: of('target') };
  });
}
