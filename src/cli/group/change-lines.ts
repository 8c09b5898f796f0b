import type { Departure, GroupDescription, GroupPartitionDescription } from '../../client/cluster.ts';
import { departureLine } from '../pages/group-departures.ts';
import { groupLine } from '../pages/group-describe.ts';
import { partitionWords } from '../pages/partition-words.ts';
import { printable } from '../printable.ts';

/** What happened to a group between two looks, a line each: who came and went, who has what now, how it stands. */
export function changeLines(before: GroupDescription | undefined, after: GroupDescription, now: number): string[] {
  if (before === undefined) return [groupLine(after, now)];
  const lines = [...departed(before, after), ...joined(before, after), ...moved(before, after)];
  const standing = isStandingOtherwise(before, after) ? [groupLine(after, now)] : [];
  return [...lines.map((line) => `${after.name}: ${line}`), ...standing];
}

function departed(before: GroupDescription, after: GroupDescription): string[] {
  const known = new Set(before.departures.map(keyOf));
  return after.departures
    .filter((departure) => !known.has(keyOf(departure)))
    .reverse()
    .map((departure) => departureLine(departure, 'now'));
}

function keyOf({ name, at }: Departure): string {
  return `${at} ${name}`;
}

function joined(before: GroupDescription, after: GroupDescription): string[] {
  const known = new Set(before.members.map(({ id }) => id));
  return after.members.filter(({ id }) => !known.has(id)).map(({ name }) => `${printable(name)} joined`);
}

/** The partitions that have another owner, by who that is. */
function moved(before: GroupDescription, after: GroupDescription): string[] {
  const owners = new Map(before.partitions.map((each) => [`${each.topic} ${each.partition}`, each.member]));
  const byMember = new Map<string | null, GroupPartitionDescription[]>();
  for (const partition of after.partitions) {
    const owner = owners.get(`${partition.topic} ${partition.partition}`) ?? null;
    if (owner === partition.member) continue;
    byMember.set(partition.member, [...(byMember.get(partition.member) ?? []), partition]);
  }
  return [...byMember].map(
    ([member, partitions]) => `${printable(member ?? 'nobody')} has ${partitionWords(partitions)} now`,
  );
}

function isStandingOtherwise(before: GroupDescription, after: GroupDescription): boolean {
  return before.state !== after.state || before.epoch !== after.epoch || before.lag !== after.lag;
}
