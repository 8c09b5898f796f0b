import { BrokerError } from '../../errors.ts';
import type { TopicPartition } from '../../types.ts';
import type { Member, Subscription } from '../membership.ts';
import type { GroupRow } from '../rows.ts';
import { chooseProtocol } from './classic-group.ts';
import { CONSUMER_PROTOCOL, idsOf, readWish, type Wish, writeAssignment } from './embedded.ts';
import { beginRebalance } from './rebalance.ts';
import { type ClassicRoom, keepClassic, loadClassic } from './stored-group.ts';

/**
 * A classic group becomes one of KIP-848's, because one comes who speaks that (Kafka's online upgrade). Who is there keeps what it
 * has, and learns at its next heartbeat that it is to join again; ids that are out are good as they are. Answers the group as it is
 * then. Throws INCONSISTENT_GROUP_PROTOCOL where the members are no consumers, or say what nobody can read.
 */
export function toConsumerGroup({ rows, topics }: ClassicRoom, group: GroupRow, now: number): GroupRow {
  if (group.type === 'consumer') return group;
  const { id: grp, epoch } = group;
  const wishes = rows.members.list(grp).map((member) => ({ member, wish: wishOf(member, group) }));
  const owners = new Map(rows.assignments(grp).map(({ partition, owner }) => [partition, owner]));
  for (const { member, wish } of wishes)
    for (const partition of idsOf(topics, keptBy(member, wish))) {
      if (owners.has(partition)) continue;
      owners.set(partition, member.id);
      rows.putAssignment(grp, { partition, owner: member.id, target: member.id, since: now });
    }
  for (const { member, wish } of wishes) {
    const told = [...owners].flatMap(([partition, owner]) => (owner === member.id ? [partition] : []));
    rows.members.put(grp, consumerOf(member, { epoch, subscription: { names: wish.topics }, told }));
  }
  rows.pending.clear(grp);
  const nothing = { protocol: null, leader: null, phase: null, due: null };
  const converted: GroupRow = { ...group, type: 'consumer', protocolType: CONSUMER_PROTOCOL, ...nothing };
  rows.keep(converted);
  return converted;
}

function wishOf({ socket }: Member, group: GroupRow): Wish {
  const { name, protocolType, protocol } = group;
  const isConsumer = protocolType === CONSUMER_PROTOCOL;
  const wish = isConsumer ? readWish(socket?.classic?.protocols ?? [], protocol) : null;
  if (wish === null) throw new BrokerError('INCONSISTENT_GROUP_PROTOCOL', { group: name, problem: whatOf(group) });
  return wish;
}

/** A cooperative member that has yet to hear what it was given goes on reading what it had when it joined. */
function keptBy({ socket }: Member, { owned }: Wish): readonly TopicPartition[] {
  return socket?.classic?.synced ? [] : owned;
}

function whatOf({ protocolType }: GroupRow): string {
  if (protocolType === CONSUMER_PROTOCOL) return 'what they are subscribed to cannot be read';
  return `they are of the protocol type '${protocolType}'`;
}

function consumerOf(
  member: Member,
  { epoch, subscription, told }: { epoch: number; subscription: Subscription; told: readonly number[] },
): Member {
  const { socket } = member;
  const classic = socket?.classic && { ...socket.classic, assignment: null, joining: false, synced: false };
  return {
    ...{ ...member, epoch, subscription },
    socket: socket && { ...socket, told, previousEpoch: epoch, classic: classic ?? null },
  };
}

/** Whether there are members, and all of them speak the classic protocol. */
export function isOnlyClassic(members: readonly Member[]): boolean {
  return members.length > 0 && members.every(({ socket }) => socket !== null && socket.classic !== null);
}

/**
 * The last member of a group that spoke KIP-848's protocol went (Kafka's online downgrade): the others begin a rebalance among
 * themselves, and have until then what they know to be their own.
 */
export function toClassicGroup(room: ClassicRoom, group: GroupRow, now: number): void {
  const { rows } = room;
  const loaded = loadClassic(rows, group, now);
  const told = new Map(rows.members.list(group.id).map(({ id, socket }) => [id, new Set(socket?.told ?? [])]));
  const placed = rows.placed(group.id);
  const members = loaded.members.map((member) => {
    const own = placed.filter(({ id }) => told.get(member.id)?.has(id));
    return { ...member, assignment: writeAssignment(own, member.protocols), joining: false, synced: true };
  });
  const leader = members[0]?.id ?? null;
  const stable = { ...loaded, members, protocol: chooseProtocol(members), leader, protocolType: CONSUMER_PROTOCOL };
  keepClassic(room, group, [loaded, beginRebalance({ ...stable, state: 'Stable' }, now)], now);
}
