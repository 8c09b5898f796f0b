import { tryRead } from '../../log/try-read.ts';
import type { Store } from '../../store/store.ts';
import { Topics } from '../../topic/topics.ts';
import { AdministrationRows } from '../administration/rows.ts';
import { loadGroup } from '../change-group.ts';
import { resolveWith } from '../resolve.ts';
import { type GroupRow, GroupRows } from '../rows.ts';
import { type GroupStray, groupStrays } from './rows.ts';

/**
 * Holds all groups to their invariants (groups.ts): rows that belong to nothing (G6), owners that are no members (G1), targets
 * that are not what the members are subscribed to (G4). What cannot be read is a problem like others.
 */
export function checkGroups(store: Store): GroupStray[] {
  const strays = groupStrays(store).flatMap((ask) => answered(store, ask, 'a table of groups cannot be read'));
  const groups = answered(store, () => new AdministrationRows(store).groups(), 'the list of groups cannot be read');
  const targets = groups.flatMap((group) =>
    'what' in group
      ? [group]
      : answered(store, () => targetProblems(store, group), `group ${group.name} cannot be read`),
  );
  return [...strays, ...targets];
}

/** G4; who has what in a classic group is its leader's affair. */
function targetProblems(store: Store, group: GroupRow): GroupStray[] {
  const topics = new Topics(store);
  if (group.type === 'classic' || group.catalogue !== topics.version()) return [];
  const { members, assignments } = loadGroup(new GroupRows(store), group);
  const resolve = resolveWith(topics);
  const wanted = new Set(
    members.flatMap(({ subscription }) => resolve(subscription).flatMap((topic) => topic.partitions)),
  );
  const target = new Set(assignments.flatMap((row) => (row.target === null ? [] : [row.partition])));
  const wrong = [...wanted].filter((id) => !target.has(id)).concat([...target].filter((id) => !wanted.has(id)));
  return wrong.map((id) =>
    problem(`group ${group.name}: partition ${id} is ${wanted.has(id) ? 'nobody' : 'somebody'}'s target`),
  );
}

function answered<T>(store: Store, ask: () => T[], sentence: string): (T | GroupStray)[] {
  const answer = tryRead(store, ask);
  return 'value' in answer ? answer.value : [problem(`${sentence}: ${answer.problem}`)];
}

function problem(what: string): GroupStray {
  return { what, topic: null, partition: null };
}
