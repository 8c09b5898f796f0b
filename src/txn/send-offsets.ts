import { BrokerError } from '../errors.ts';
import type { MemberRef, SendingMember } from '../group/groups.ts';
import { type CommitResult, type Committing, OFFSET_METADATA_BYTES } from '../group/offsets/commit-offsets.ts';
import type { Room } from './end-transaction.ts';
import type { TransactionRow } from './rows.ts';
import type { Surroundings } from './transaction.ts';

/** Offsets that come with a transaction; `member` null: from nobody whom the group knows. */
export interface Sent<M extends MemberRef | null = MemberRef> {
  readonly group: string;
  readonly member: M;
  readonly offsets: readonly Committing[];
}

/** They are judged now as a commit would be, and wait for the transaction's commit. Throws as `Groups.commit`. */
export function pendOffsets(
  { rows, groups }: Room,
  row: TransactionRow,
  { group, member, offsets }: Sent<SendingMember | null>,
  s: Surroundings,
): CommitResult[] {
  const { grp, results } = groups.judge(group, member, offsets, s);
  for (const [i, { error }] of results.entries()) if (error === null) rows.pend(row.id, grp, offsets[i] as Committing);
  return results;
}

/** They become the group's, all of them: the first that is refused is thrown, and the caller's write rolled back. */
export function commitOffsets(
  { rows, groups }: Room,
  row: TransactionRow,
  { group, member, offsets }: Sent,
  s: Surroundings,
): void {
  for (const [i, { id, error }] of groups.commit(group, member, offsets, s).entries()) {
    if (error === null) continue;
    const { topic, partition } = rows.place(id) ?? { topic: 'that it has read', partition: '' };
    const bytes = Buffer.byteLength(offsets[i]?.metadata ?? '');
    throw new BrokerError(error, { group, topic, partition, bytes, limit: OFFSET_METADATA_BYTES });
  }
  rows.workFor(row.id, member);
}
