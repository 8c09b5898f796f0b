import type { ErrorCode } from '../../errors.ts';
import type { GroupRows } from '../rows.ts';

/** An offset to be stored for a partition (its id): the next one to be read. */
export interface Committing {
  readonly id: number;
  readonly offset: number;
  /** Default "". */
  readonly metadata?: string | undefined;
  /** Default -1: none. */
  readonly leaderEpoch?: number | undefined;
}

export interface CommitResult {
  readonly id: number;
  /** Why it was refused; null: it is stored. */
  readonly error: ErrorCode | null;
}

/** Kafka's offset.metadata.max.bytes. */
export const OFFSET_METADATA_BYTES = 4096;

/**
 * Stores offsets of a group that a member has read (G5), or that somebody sets while there are no members (`member` null). Each
 * is judged by itself. An offset may go back: who owns a partition may read it again.
 */
export function commitOffsets(
  rows: GroupRows,
  grp: number,
  member: string | null,
  offsets: readonly Committing[],
  now: number,
): CommitResult[] {
  return offsets.map((each) => {
    const error = refusal(rows, grp, member, each);
    if (error === null) storeOffset(rows, grp, each, now);
    return { id: each.id, error };
  });
}

/** What `commitOffsets` would answer; nothing is stored. */
export function judgeOffsets(
  rows: GroupRows,
  grp: number,
  member: string | null,
  offsets: readonly Committing[],
): CommitResult[] {
  return offsets.map((each) => ({ id: each.id, error: refusal(rows, grp, member, each) }));
}

export function storeOffset(
  rows: GroupRows,
  grp: number,
  { id: partition, offset, metadata = '', leaderEpoch = -1 }: Committing,
  now: number,
): void {
  rows.offsets.put(grp, { partition, offset, leaderEpoch, metadata, committed: now });
}

function refusal(
  rows: GroupRows,
  grp: number,
  member: string | null,
  { id, metadata = '' }: Committing,
): ErrorCode | null {
  if (!rows.offsets.hasPartition(id)) return 'UNKNOWN_TOPIC_OR_PARTITION';
  if (member !== null && rows.owner(grp, id) !== member) return 'STALE_MEMBER_EPOCH';
  return Buffer.byteLength(metadata) > OFFSET_METADATA_BYTES ? 'OFFSET_METADATA_TOO_LARGE' : null;
}
