import type { ErrorCode } from '../../errors.ts';
import type { ClassicPart, Protocol } from '../members/socket-part.ts';
import type { Member, Why } from '../membership.ts';
import type { ClassicPhase } from '../rows.ts';

/** `Empty` is a group that may have ids out, but no members. */
export type ClassicState = 'Empty' | ClassicPhase;

/** Times in ms since the epoch. */
export interface ClassicMember
  extends ClassicPart,
    Pick<Member, 'id' | 'instance' | 'name' | 'host' | 'sessionTimeout' | 'joined' | 'heard'> {
  /** ms */
  readonly rebalanceTimeout: number;
}

/** An id that was given out (KIP-394), whose client has not come back with it yet. */
export type PendingMember = Pick<Member, 'id' | 'sessionTimeout' | 'heard'>;

/** A group of Kafka's classic protocol (org.apache.kafka.coordinator.group.classic.ClassicGroup). */
export interface ClassicGroup {
  readonly generation: number;
  readonly state: ClassicState;
  /** Null: it never had a member. */
  readonly protocolType: string | null;
  /** What was chosen for this generation; null: nothing yet. */
  readonly protocol: string | null;
  /** The member (its id) that assigns. */
  readonly leader: string | null;
  /** When those who have yet to join, or to sync, are waited for no longer; null: nobody is. */
  readonly due: number | null;
  /** In the order in which they joined. */
  readonly members: readonly ClassicMember[];
  readonly pending: readonly PendingMember[];
  /** Members (ids) that went in this step. */
  readonly gone: ReadonlyMap<string, Why>;
}

export function memberOf({ members }: ClassicGroup, id: string): ClassicMember | undefined {
  return members.find((member) => member.id === id);
}

export function memberNamed({ members }: ClassicGroup, instance: string | null): ClassicMember | undefined {
  return instance === null ? undefined : members.find((member) => member.instance === instance);
}

/** Why one who calls itself this is not heard; null: it is a member. */
export function refusalOf(group: ClassicGroup, id: string, instance: string | null): ErrorCode | null {
  const named = memberNamed(group, instance);
  if (named !== undefined && named.id !== id) return 'FENCED_INSTANCE_ID';
  if (instance !== null && named === undefined) return 'UNKNOWN_MEMBER_ID';
  return memberOf(group, id) === undefined ? 'UNKNOWN_MEMBER_ID' : null;
}

/** ms: what the slowest of them asks for. */
export function rebalanceTimeoutOf({ members }: ClassicGroup): number {
  return Math.max(0, ...members.map(({ rebalanceTimeout }) => rebalanceTimeout));
}

/** Whether one with these protocols can be a member: all others know one of them. */
export function supports(group: ClassicGroup, protocolType: string, protocols: readonly Protocol[]): boolean {
  if (group.members.length === 0) return protocolType !== '' && protocols.length > 0;
  return group.protocolType === protocolType && protocols.some(({ name }) => isKnownToAll(group.members, name));
}

/** Each member votes for the first of its protocols that all know; of equals, what was voted for first. */
export function chooseProtocol(members: readonly ClassicMember[]): string | null {
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => isKnownToAll(members, name))?.name;
    if (vote !== undefined) votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  const most = Math.max(...votes.values());
  return [...votes.keys()].find((name) => votes.get(name) === most) ?? null;
}

function isKnownToAll(members: readonly ClassicMember[], name: string): boolean {
  return members.every(({ protocols }) => protocols.some((protocol) => protocol.name === name));
}

/** Whether a member offers just what it offered before. */
export function offersTheSame({ protocols }: ClassicMember, others: readonly Protocol[]): boolean {
  return (
    protocols.length === others.length &&
    protocols.every(({ name, metadata }, i) => others[i]?.name === name && others[i].metadata.equals(metadata))
  );
}

/** What a member has to say under the group's protocol. */
export function metadataOf({ protocol }: ClassicGroup, { protocols }: ClassicMember): Buffer {
  return protocols.find(({ name }) => name === protocol)?.metadata ?? Buffer.alloc(0);
}
