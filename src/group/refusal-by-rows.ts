import type { ErrorCode } from '../errors.ts';
import type { GroupRow, GroupRows } from './rows.ts';

/** One who says that it is a member, and of which generation (of a consumer group: its own epoch). */
export interface Claim {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** Why one is not taken for the member that it says it is; null: it is one. Two rows are looked at, however large the group is. */
export function memberRefusal(
  { members }: GroupRows,
  { id: grp }: GroupRow,
  { memberId, instanceId }: Omit<Claim, 'generation'>,
): ErrorCode | null {
  const named = instanceId === null ? undefined : members.findInstance(grp, instanceId);
  if (named !== undefined && named.id !== memberId) return 'FENCED_INSTANCE_ID';
  if (instanceId !== null && named === undefined) return 'UNKNOWN_MEMBER_ID';
  return members.find(grp, memberId) === undefined ? 'UNKNOWN_MEMBER_ID' : null;
}

/** As `memberRefusal`, of a member of a classic group in its generation. */
export function refusalByRows(rows: GroupRows, group: GroupRow, claim: Claim): ErrorCode | null {
  const refusal = memberRefusal(rows, group, claim);
  if (refusal !== null) return refusal;
  return claim.generation === group.epoch ? null : 'ILLEGAL_GENERATION';
}
