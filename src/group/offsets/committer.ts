import type { ErrorCode } from '../../errors.ts';
import { type Claim, memberRefusal } from '../refusal-by-rows.ts';
import type { GroupRow, GroupRows } from '../rows.ts';

/** Who says how far a group has come. Without a member id and with a generation below 0: an administrator, or a consumer on its own. */
export interface Committer extends Claim {
  /** Kafka's OffsetCommit below version 9 knows nothing of consumer groups. */
  readonly knowsEpochs: boolean;
  /** For the end of a transaction (TxnOffsetCommit), to which the group's phase is nothing. */
  readonly isTransactional: boolean;
}

export interface Verdict {
  /** Null: it may. */
  readonly error: ErrorCode | null;
  /** The member whose partitions alone may be committed; null: all. */
  readonly owner: string | null;
}

const MAY: Verdict = { error: null, owner: null };

/** As Kafka's `validateOffsetCommit` of both kinds of groups. A group that does not exist may be made by one who is no member. */
export function judgeCommitter(rows: GroupRows, group: GroupRow | undefined, who: Committer): Verdict {
  const isNobody = who.generation < 0 && who.memberId === '' && who.instanceId === null;
  if (group === undefined)
    return who.generation < 0 ? MAY : refused(who.knowsEpochs ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION');
  if (group.emptySince !== null) return who.generation < 0 ? MAY : refused('UNKNOWN_MEMBER_ID');
  if (isNobody) return who.isTransactional ? MAY : refused('UNKNOWN_MEMBER_ID');
  const refusal = memberRefusal(rows, group, who);
  if (refusal !== null) return refused(refusal);
  return group.type === 'classic' ? judgeClassic(group, who) : judgeConsumer(rows, group, who);
}

function judgeClassic({ epoch, phase }: GroupRow, { generation, isTransactional }: Committer): Verdict {
  if (generation !== epoch) return refused('ILLEGAL_GENERATION');
  return phase === 'CompletingRebalance' && !isTransactional ? refused('REBALANCE_IN_PROGRESS') : MAY;
}

/** A member of a consumer group that is a little behind still knows how far it has come in what it has; in epoch 0 it has nothing. */
function judgeConsumer(rows: GroupRows, { id: grp }: GroupRow, who: Committer): Verdict {
  const { memberId, generation, knowsEpochs, isTransactional } = who;
  const member = rows.members.find(grp, memberId);
  if (member?.socket?.classic)
    return generation === member.epoch ? { error: null, owner: memberId } : refused('ILLEGAL_GENERATION');
  if (!knowsEpochs && !isTransactional) return refused('UNSUPPORTED_VERSION');
  const isItsOwn = generation > 0 && generation <= (member?.epoch ?? -1);
  return !isItsOwn ? refused('STALE_MEMBER_EPOCH') : { error: null, owner: memberId };
}

function refused(error: ErrorCode): Verdict {
  return { error, owner: null };
}
