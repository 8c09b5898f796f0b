import type { ErrorCode } from '../../errors.ts';
import { type ClassicGroup, type ClassicMember, memberNamed, memberOf, refusalOf } from './classic-group.ts';
import { dismiss } from './rebalance.ts';

/** Who leaves: by its id, or, as administrators say it, by its instance id alone. */
export interface Leaving {
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface LeaveDecision {
  readonly group: ClassicGroup;
  /** In the order in which they were named; null: it has left. */
  readonly refusals: readonly (ErrorCode | null)[];
}

/** A static member that says so goes like any other. */
export function decideLeave(group: ClassicGroup, leaving: readonly Leaving[], now: number): LeaveDecision {
  const refusals = leaving.map((who) => refusalOfLeave(group, who));
  const going = leaving.filter((_, i) => refusals[i] === null);
  const members = [...new Set(going.flatMap((who) => leaver(group, who) ?? []))];
  const pending = group.pending.filter(({ id }) => going.some(({ memberId }) => memberId === id));
  return { group: dismiss(group, { members, pending }, 'left', now), refusals };
}

function leaver(group: ClassicGroup, { memberId, instanceId }: Leaving): ClassicMember | undefined {
  return memberId === '' ? memberNamed(group, instanceId) : memberOf(group, memberId);
}

function refusalOfLeave(group: ClassicGroup, who: Leaving): ErrorCode | null {
  const { memberId, instanceId } = who;
  if (memberId === '') return leaver(group, who) === undefined ? 'UNKNOWN_MEMBER_ID' : null;
  return group.pending.some(({ id }) => id === memberId) ? null : refusalOf(group, memberId, instanceId);
}
