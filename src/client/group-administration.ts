/** Looking at consumer groups and setting their offsets, from outside: whoever does this is no member. */
import type { GroupDescription, GroupSummary } from '../broker/group-view/description.ts';
import type { OffsetQuestion, OffsetScope, PlannedOffset, StoredOffset } from '../broker/group-view/offset-plan.ts';
import type { Membership } from '../group/groups.ts';
import type { Departure as GoneMember } from '../group/members/rows.ts';
import type { TopicPartition } from '../types.ts';

export type * from '../broker/group-view/description.ts';
export type {
  OffsetNote,
  OffsetQuestion,
  OffsetScope,
  OffsetTarget,
  PlannedOffset,
  StoredOffset,
} from '../broker/group-view/offset-plan.ts';

/** What a member hears of its group, and who went, newest first. */
export interface SeenGroup extends Pick<Membership, 'version' | 'pending' | 'members'> {
  readonly assigned: readonly TopicPartition[];
  readonly departures: readonly GoneMember[];
}

export interface GroupAdministration {
  /** Every group, by name. */
  list(): Promise<readonly GroupSummary[]>;
  /** In the order of the names, or all by name where they are null; as they are at `now` (ms). Throws GROUP_ID_NOT_FOUND. */
  describe(names: readonly string[] | null, now: number): Promise<readonly GroupDescription[]>;
  /** A group as one of its members sees it; null: it is none. */
  membership(group: string, memberId: string): Promise<SeenGroup | null>;
  /** Resolves when somebody has committed anything, when `ms` have passed, or when `signal` aborts. */
  changed(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * What `setOffsets` would do, by topic and partition. The group need not exist.
   * Throws INVALID_GROUP_ID, NON_EMPTY_GROUP (naming the members), GROUP_ID_NOT_FOUND (of the group that is copied, or when all
   * the topics of a group are meant that does not exist), UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION.
   */
  planOffsets(question: OffsetQuestion): Promise<readonly PlannedOffset[]>;
  /** All of a plan or nothing; creates the group where there is none. Throws NON_EMPTY_GROUP, UNKNOWN_TOPIC_OR_PARTITION. */
  setOffsets(group: string, plan: readonly PlannedOffset[]): Promise<void>;
  /** All of them or none. Throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  delete(names: readonly string[]): Promise<void>;
  /** What of these has a committed offset. Throws GROUP_ID_NOT_FOUND, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_PARTITION. */
  committedOffsets(group: string, scope: readonly OffsetScope[] | null): Promise<readonly StoredOffset[]>;
  /** All of them or none. Throws GROUP_ID_NOT_FOUND, GROUP_SUBSCRIBED_TO_TOPIC. */
  deleteOffsets(group: string, offsets: readonly TopicPartition[]): Promise<void>;
}
