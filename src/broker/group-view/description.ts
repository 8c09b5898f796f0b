/** Groups as one sees them from outside: who reads what, how far behind, who went. */
import type { GroupRecord } from '../../group/administration/administration.ts';
import type { Member } from '../../group/membership.ts';
import type { TopicPartition } from '../../types.ts';

/** The epoch is what people call the generation. */
export interface GroupSummary extends Pick<GroupRecord, 'name' | 'type' | 'state' | 'epoch'> {
  readonly members: number;
  /** Partitions that are assigned or have a committed offset. */
  readonly partitions: number;
  /** Offsets between what is committed and the ends, over all partitions. */
  readonly lag: number;
}

/** Times in ms since the epoch, as those of its members and departures. */
export interface GroupDescription extends Pick<GroupRecord, 'name' | 'type' | 'state' | 'epoch' | 'emptySince'> {
  /** Of a classic group: what its members have agreed on. */
  readonly assignor: string | null;
  readonly lag: number;
  readonly members: readonly MemberDescription[];
  /** By topic and number. */
  readonly partitions: readonly GroupPartitionDescription[];
  /** The last twenty, newest first. */
  readonly departures: readonly Departure[];
}

/** A member that went, by the name that people call it. */
export type Departure = Omit<GroupRecord['departures'][number], 'member'>;

export interface MemberDescription extends Omit<Member, 'instance' | 'sessionTimeout' | 'process' | 'socket'> {
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null;
  /** ms of silence after which it is removed. */
  readonly sessionTimeoutMs: number;
  /** Null of a member behind a socket. */
  readonly process: { readonly pid: number } | null;
  /** What it has. */
  readonly partitions: readonly TopicPartition[];
}

export interface GroupPartitionDescription extends TopicPartition {
  /** The next offset the group will read; null while nothing is committed. */
  readonly committed: number | null;
  /** ms since the epoch. */
  readonly committedAt: number | null;
  readonly metadata: string;
  readonly start: number;
  readonly end: number;
  /** Offsets up to the end, from the start where nothing is committed or what is lies below it. */
  readonly lag: number;
  /** Age in ms of the first record that is not committed; null when there is none. */
  readonly behindMs: number | null;
  /** The name of the member that has it; null: nobody. */
  readonly member: string | null;
  /** The name of the member that waits for it; null: nobody but its owner. */
  readonly next: string | null;
  /** ms since the epoch since when its owner has it. */
  readonly since: number | null;
}
