/** Groups as one sees them from outside: who reads what, how far behind, who went. */
import type { TopicPartition } from '../../types.ts';

/** As in KIP-848: Assigning while members have not yet heard of the newest generation, Reconciling while partitions change hands. */
export type GroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

export interface GroupSummary {
  readonly name: string;
  readonly state: GroupState;
  /** The generation: grows with every change of members, subscriptions or partitions. */
  readonly epoch: number;
  readonly members: number;
  /** Partitions that are assigned or have a committed offset. */
  readonly partitions: number;
  /** Offsets between what is committed and the ends, over all partitions. */
  readonly lag: number;
}

export interface GroupDescription {
  readonly name: string;
  readonly state: GroupState;
  readonly epoch: number;
  /** Null while it never had a member. */
  readonly assignor: string | null;
  readonly lag: number;
  /** ms since the epoch; null while it has members. */
  readonly emptySince: number | null;
  readonly members: readonly MemberDescription[];
  /** By topic and number. */
  readonly partitions: readonly GroupPartitionDescription[];
  /** The last twenty, newest first. */
  readonly departures: readonly Departure[];
}

export interface MemberDescription {
  readonly id: string;
  /** What people call it: the pid of beck's own, else the client id. */
  readonly name: string;
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly host: string;
  /** The generation that it has taken up. */
  readonly epoch: number;
  readonly assignor: string | null;
  /** ms since the epoch, as `heard`. */
  readonly joined: number;
  readonly heard: number;
  /** ms of silence after which it is removed. */
  readonly sessionTimeoutMs: number;
  /** Null of a member behind a socket. */
  readonly process: { readonly pid: number } | null;
  /** ms since the epoch when a static member left, whose partitions wait for it; else null. */
  readonly away: number | null;
  readonly subscription: { readonly names: readonly string[] } | { readonly pattern: string };
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

/** How a member went: `left` by itself, `gone` with its process, `silent` for longer than its session timeout. */
export interface Departure {
  readonly name: string;
  readonly why: 'left' | 'gone' | 'silent';
  /** ms since the epoch, as `heard`. */
  readonly at: number;
  readonly heard: number;
  /** How many it had. */
  readonly partitions: number;
  /** The names of the members that have them now. */
  readonly heirs: readonly string[];
}
