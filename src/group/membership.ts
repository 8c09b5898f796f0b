import type { TopicSelector } from '../topic/topics.ts';
import type { ProcessId } from '../types.ts';
import { type AssignableTopic, type AssignorName, assign, chooseAssignor } from './assignor/index.ts';
import type { SocketPart } from './members/socket-part.ts';

/** Topics by their names, of which some may not exist yet, by a pattern, or by both. */
export type Subscription = TopicSelector | { readonly names: readonly string[]; readonly pattern: string };

/** Times in ms since the epoch. */
export interface Member {
  readonly id: string;
  /** Of a static member (KIP-345). */
  readonly instance: string | null;
  /** What people call it: the pid of beck's own, else the client id. */
  readonly name: string;
  readonly host: string;
  /** The group's epoch that it has taken up. */
  readonly epoch: number;
  readonly subscription: Subscription;
  readonly assignor: AssignorName | null;
  /** ms of silence after which it is removed. */
  readonly sessionTimeout: number;
  readonly joined: number;
  readonly heard: number;
  /** Of beck's own, behind a socket too; null of other clients. */
  readonly process: ProcessId | null;
  /** Since when a static member has left, whose partitions wait for it; null: it is here. */
  readonly away: number | null;
  /** Null of beck's own. */
  readonly socket: SocketPart | null;
}

/** One partition (its id): who has it, who shall have it. */
export interface Assignment {
  readonly partition: number;
  readonly owner: string;
  /** Null: nobody wants it any more. */
  readonly target: string | null;
  /** ms since when it has its owner */
  readonly since: number;
}

/** What is decided upon. */
export interface GroupState {
  readonly epoch: number;
  readonly assignor: AssignorName | null;
  readonly members: readonly Member[];
  readonly assignments: readonly Assignment[];
}

/** What the coordinator is told by whoever runs it. */
export interface Surroundings {
  /** ms */
  readonly now: number;
  /** Whether a process has surely ended; false where that can't be known. */
  isGone(process: ProcessId): boolean;
}

/**
 * How a member went: `left` by itself, `gone` with its process, `closed` with its connection, `silent` for longer than its session
 * timeout, `late` with what was wanted of it.
 */
export type Why = 'left' | 'gone' | 'closed' | 'silent' | 'late';

/** Answers what a subscription means now. */
export type Resolve = (subscription: Subscription) => readonly AssignableTopic[];

/**
 * Whether a member's time is over, and why. A dynamic one whose process has ended goes at once; a static one keeps what it has
 * until its session ends, so that it can come back (KIP-345).
 */
export function verdictOn(member: Member, { now, isGone }: Surroundings): Why | null {
  const ended = member.process !== null && isGone(member.process);
  if (ended && member.instance === null) return 'gone';
  const due = member.socket?.due ?? null;
  if (due !== null && now > due) return 'late';
  if (now - member.heard <= member.sessionTimeout) return null;
  if (member.away !== null) return 'left';
  return ended ? 'gone' : 'silent';
}

/** The members (ids) whose time is over, and why. */
export function overdue({ members }: GroupState, s: Surroundings): Map<string, Why> {
  const gone = new Map<string, Why>();
  for (const member of members) {
    const why = verdictOn(member, s);
    if (why !== null) gone.set(member.id, why);
  }
  return gone;
}

/** What a newcomer is to the group, by its ids. */
export type Coming =
  | { readonly as: 'new' }
  /** A member that says again, or anew, what it wants. */
  | { readonly as: 'known'; readonly member: Member }
  /** A static member's instance id, and the member that it was can't mind. */
  | { readonly as: 'back'; readonly member: Member }
  /** A static member's instance id, and that member is here. */
  | { readonly as: 'rival'; readonly member: Member };

/** Who comes, seen from the group. */
export function comingOf(
  { members }: GroupState,
  { id, instance, socket }: Pick<Member, 'id' | 'instance' | 'socket'>,
  { isGone }: Surroundings,
): Coming {
  const known = members.find((member) => member.id === id);
  if (known !== undefined) return { as: 'known', member: known };
  const same = instance === null ? undefined : members.find((member) => member.instance === instance);
  if (same === undefined) return { as: 'new' };
  const free = same.away !== null || (same.process !== null && isGone(same.process)) || isClassic({ socket }, same);
  return { as: free ? 'back' : 'rival', member: same };
}

/** The classic protocol knows no rival: who comes takes the place, and the other one is fenced. */
function isClassic(...members: readonly Pick<Member, 'socket'>[]): boolean {
  return members.some(({ socket }) => socket !== null && socket.classic !== null);
}

/**
 * The group with a newcomer in it. The epoch grows when a new target is needed: not for one that comes (back) with the
 * subscription that it had.
 */
export function admit(state: GroupState, newcomer: Member, coming: Coming): GroupState {
  if (coming.as === 'new') return { ...state, epoch: state.epoch + 1, members: [...state.members, newcomer] };
  const { member } = coming;
  const anew = wishOf(member) !== wishOf(newcomer);
  const here = coming.as === 'known' ? knownAs(newcomer, member) : { ...newcomer, epoch: member.epoch };
  return {
    ...state,
    epoch: anew ? state.epoch + 1 : state.epoch,
    members: state.members.map((other) => (other.id === member.id ? here : other)),
    assignments: renamed(state.assignments, member.id, newcomer.id),
  };
}

/** It is who it was, and knows what it knew, whatever it says of itself now. */
function knownAs(newcomer: Member, { epoch, joined, socket }: Member): Member {
  const told = socket?.told ?? null;
  return { ...newcomer, epoch, joined, socket: newcomer.socket && { ...newcomer.socket, told } };
}

function wishOf({ subscription, assignor }: Member): string {
  return JSON.stringify([subscription, assignor]);
}

function renamed(assignments: readonly Assignment[], from: string, to: string): readonly Assignment[] {
  if (from === to) return assignments;
  return assignments.map((row) => ({
    ...row,
    owner: row.owner === from ? to : row.owner,
    target: row.target === from ? to : row.target,
  }));
}

/** The group without these members (by id). */
export function dismiss(state: GroupState, gone: ReadonlyMap<string, unknown>): GroupState {
  if (gone.size === 0) return state;
  return { ...state, epoch: state.epoch + 1, members: state.members.filter(({ id }) => !gone.has(id)) };
}

/**
 * Makes the target for the members there are, and gives what nobody has to those who shall have it. What a member has is left
 * with it until it gives that up, though the target be another by now (G2); one that is away has given up everything.
 */
export function retarget(state: GroupState, resolve: Resolve, now: number): GroupState {
  const members = state.members.map(({ id, instance, subscription }) => ({
    id,
    instance,
    topics: resolve(subscription),
  }));
  const assignor =
    members.length === 0 ? state.assignor : chooseAssignor(state.members.map((member) => member.assignor));
  const here = new Set(members.map(({ id }) => id));
  const away = new Set(state.members.filter((member) => member.away !== null).map(({ id }) => id));
  const held = state.assignments.filter(({ owner }) => here.has(owner));
  const holders = new Map(held.map(({ partition, owner }) => [partition, owner]));
  const target = members.length === 0 || assignor === null ? new Map() : assign(assignor, members, holders);
  const kept = held.flatMap((row) => {
    const meant = { ...row, target: target.get(row.partition) ?? null };
    return away.has(row.owner) ? handedOver(meant, now) : [meant];
  });
  const given = [...target].filter(([partition]) => !holders.has(partition));
  const added = given.map(([partition, member]) => ({ partition, owner: member, target: member, since: now }));
  return { ...state, assignor, assignments: [...kept, ...added] };
}

/** A member has given up these of its partitions: they are their targets' at once. What it shall keep, it keeps. */
export function release(state: GroupState, member: string, partitions: ReadonlySet<number>, now: number): GroupState {
  const assignments = state.assignments.flatMap((row): Assignment[] => {
    return row.owner === member && partitions.has(row.partition) ? handedOver(row, now) : [row];
  });
  return { ...state, assignments };
}

/** Its owner lets go of it, so it is its target's; nobody's, when nobody wants it. */
function handedOver(row: Assignment, now: number): Assignment[] {
  if (row.target === row.owner) return [row];
  return row.target === null ? [] : [{ ...row, owner: row.target, since: now }];
}

/** A static member has left: it keeps what it shall keep, and gives up the rest (as in Kafka, with member epoch -2). */
export function stepAway(state: GroupState, id: string, now: number): GroupState {
  const members = state.members.map((member) => (member.id === id ? { ...member, away: now } : member));
  const all = new Set(state.assignments.map(({ partition }) => partition));
  return release({ ...state, members }, id, all, now);
}

/** The word for people and for Kafka's clients (KIP-848; org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroup). */
export type GroupStateName = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

/** Assigning: somebody has not taken up the newest target. Reconciling: somebody has yet to give something up. */
export function stateName({ epoch, members, assignments }: Omit<GroupState, 'assignor'>): GroupStateName {
  if (members.length === 0) return 'Empty';
  if (assignments.some(({ owner, target }) => owner !== target)) return 'Reconciling';
  return members.some((member) => member.epoch < epoch && member.away === null) ? 'Assigning' : 'Stable';
}
