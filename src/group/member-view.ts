import type { ProcessId, TopicPartition } from '../types.ts';
import type { Member } from './membership.ts';
import type { GroupRow, PlacedAssignment } from './rows.ts';

export interface GroupPartition extends TopicPartition {
  readonly id: number;
  /** The next offset to be read; null: none was committed. */
  readonly committed: number | null;
}

/** What a member has to know of its group. */
export interface Membership {
  readonly version: number;
  readonly groupEpoch: number;
  readonly memberEpoch: number;
  /** It has them and shall have them. By topic and number, as all lists here. */
  readonly assigned: readonly GroupPartition[];
  /** It has them and shall give them up. */
  readonly revoked: readonly GroupPartition[];
  /** How many it shall have that somebody else has yet. */
  readonly pending: number;
  readonly members: readonly {
    readonly id: string;
    readonly name: string;
    readonly process: ProcessId | null;
    readonly partitions: readonly TopicPartition[];
  }[];
}

/** The group as one of its members sees it. */
export function viewOf(
  group: GroupRow,
  me: Member,
  members: readonly Member[],
  placed: readonly PlacedAssignment[],
): Membership {
  const mine = placed.filter(({ owner }) => owner === me.id);
  return {
    version: group.version,
    groupEpoch: group.epoch,
    memberEpoch: me.epoch,
    assigned: mine.filter(({ target }) => target === me.id).map(partitionOf),
    revoked: mine.filter(({ target }) => target !== me.id).map(partitionOf),
    pending: placed.filter(({ owner, target }) => target === me.id && owner !== me.id).length,
    members: members.map(({ id, name, process }) => {
      const partitions = placed.filter(({ owner }) => owner === id);
      return { id, name, process, partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) };
    }),
  };
}

function partitionOf({ id, topic, partition, committed }: PlacedAssignment): GroupPartition {
  return { id, topic, partition, committed };
}
