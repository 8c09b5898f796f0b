/** Reading as a member of a group, whoever has it: partitions come and go, and what was written out is remembered. */
import type { Departure } from '../broker/group-view/description.ts';
import type { AssignorName } from '../group/assignor/index.ts';
import type { TopicPartition } from '../types.ts';
import type { ConsumeOptions, ReadBatch, Reader, ReadRange } from './reader.ts';
import type { GroupMetadata } from './transactions.ts';

export interface GroupConsumeOptions extends Omit<ConsumeOptions, 'partitions' | 'until'> {
  readonly group: string;
  /** Kafka's group.instance.id: whoever comes again under it has its partitions again. */
  readonly instanceId?: string | undefined;
  /** How the partitions are shared; the group goes by what most members wish. */
  readonly assignor?: AssignorName | undefined;
  /** ms; after so long without a sign of life the others take over. */
  readonly sessionTimeoutMs?: number | undefined;
}

/** Everything of a partition below `offset`. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/**
 * What happened in the group. `assigned`: this member has got partitions; `joined`, `left`, `gone` (its process died), `closed`
 * (its connection was), `silent` (it was not heard of for longer than its session), `late` (it did not rejoin when it had to):
 * another one; `fenced`: this one was taken for dead, and what it had not committed is read by others.
 */
export interface GroupNews {
  readonly kind: 'assigned' | 'joined' | Departure['why'] | 'fenced';
  /** The names of those it happened to. */
  readonly members: readonly string[];
  /** What this member has now; of `fenced`: what it had. */
  readonly partitions: readonly TopicPartition[];
  /** What it reads from now on, and from where. */
  readonly begun: readonly BegunRange[];
}

export interface BegunRange extends ReadRange {
  /** A committed offset that lies behind the end of the log (of a topic that was made again, say), and counts no more. */
  readonly beyond: number | null;
}

/** `from` says where a partition begins of which nothing is committed (Kafka's auto.offset.reset). Cannot be asked for a tail. */
export interface GroupReader extends Reader {
  /** What people call this member. */
  readonly memberName: string;
  /** This member, for a transaction that commits its offsets. */
  readonly metadata: GroupMetadata;
  /** What happened since it was asked last. */
  news(): readonly GroupNews[];
  /** Takes what the group has given it by now, as `next` does, without reading: for one who has much to show still. */
  attend(): Promise<void>;
  /**
   * Whether a batch may still be shown. If so its partition stays here until `done` has been said for the whole of it, or for the
   * part that is shown. A part of a batch may be asked for instead.
   */
  take(batch: ReadBatch): boolean;
  /** What was given out of this partition and is not done is given out again, if the partition is still this member's. */
  again(topic: string, partition: number): void;
  /** Everything of the partition below `next` has been shown. Stored soon; forgotten when the partition is another's by now. */
  done(topic: string, partition: number, next: number): void;
  /** A transaction has stored these offsets: everything below has been shown, and is not to be stored again. */
  committed(offsets: readonly PartitionOffset[]): void;
  /** Stores what is done, now; answers what is stored for the partitions that are this member's. None when it was fenced. */
  commit(): Promise<readonly PartitionOffset[]>;
  /** The last commit, which survives power loss; then the partitions are the others'. Answers what was stored. */
  leave(): Promise<readonly PartitionOffset[]>;
}
