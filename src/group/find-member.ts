import { BrokerError } from '../errors.ts';
import { checkGroupName } from './group-name.ts';
import type { Member } from './membership.ts';
import type { GroupRow, GroupRows } from './rows.ts';

export interface MemberRef {
  readonly group: string;
  readonly memberId: string;
  /** With it, one whose place was taken over is told so (FENCED_INSTANCE_ID). */
  readonly instanceId?: string | undefined;
}

export interface Found {
  readonly group: GroupRow;
  readonly member: Member;
}

/** A group that is made if there is none, for this version of the catalogue. Throws INVALID_GROUP_ID. */
export function ensureGroup(rows: GroupRows, name: string, catalogue: number, now: number): GroupRow {
  const known = rows.group(name);
  if (known !== undefined) return known;
  checkGroupName(name);
  rows.add(name, catalogue, now);
  return rows.group(name) as GroupRow;
}

/** Throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
export function findMember(rows: GroupRows, { group: name, memberId, instanceId }: MemberRef): Found {
  const group = rows.group(name);
  const member = group && rows.members.find(group.id, memberId);
  if (group !== undefined && member !== undefined && member.away === null) return { group, member };
  const rival = group && instanceId !== undefined ? rows.members.findInstance(group.id, instanceId) : undefined;
  if (rival !== undefined && rival.id !== memberId)
    throw new BrokerError('FENCED_INSTANCE_ID', { group: name, instance: `${instanceId}` });
  throw new BrokerError('UNKNOWN_MEMBER_ID', { member: memberId, group: name });
}

/**
 * A member was heard of. One that was silent for a whole session, and is a member all the same, slept with the machine, or
 * with all who could have noticed: then the others begin a new session as well, as after a restart in Kafka. Throws as
 * `findMember`.
 */
export function hearMember(rows: GroupRows, ref: MemberRef, now: number): Found {
  const found = findMember(rows, ref);
  const { group, member } = found;
  if (now - member.heard > member.sessionTimeout) rows.members.excuseSilent(group.id, now);
  else rows.members.beat(group.id, member.id, now);
  return found;
}
