/** One line on what happened to groups and their offsets, or is about to. */
import type { GroupDescription, StoredOffset } from '../../client/cluster.ts';
import { count } from '../units.ts';
import { partitionWords } from './partition-words.ts';

/** `billing has offsets in 3 partitions. Delete it for good?` */
export function deleteGroupsQuestion(groups: readonly GroupDescription[]): string {
  const [only] = groups;
  const partitions = groups.reduce((sum, group) => sum + offsetsOf(group), 0);
  const what = `offsets in ${count(partitions, 'partition')}`;
  if (groups.length === 1 && only !== undefined) return `${only.name} has ${what}. Delete it for good?`;
  return `${groups.map(({ name }) => name).join(', ')} have ${what}. Delete all ${groups.length} for good?`;
}

/** `billing deleted: offsets in 3 partitions` */
export function deletedGroupLine(group: GroupDescription): string {
  return `${group.name} deleted: offsets in ${count(offsetsOf(group), 'partition')}`;
}

function offsetsOf({ partitions }: GroupDescription): number {
  return partitions.filter(({ committed }) => committed !== null).length;
}

/** `billing forgets orders 0, 1, 2 for good. Delete these offsets?` */
export function deleteOffsetsQuestion(group: string, offsets: readonly StoredOffset[]): string {
  return `${group} forgets how far it has read ${partitionWords(offsets)}. Delete that for good?`;
}

export function deletedOffsetsLine(group: string, offsets: readonly StoredOffset[]): string {
  if (offsets.length === 0) return `${group} has no offsets there`;
  return `${group}: ${count(offsets.length, 'offset')} deleted (${partitionWords(offsets)})`;
}
