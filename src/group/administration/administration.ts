import { BrokerError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import { nearestName } from '../../topic/names.ts';
import type { Topics } from '../../topic/topics.ts';
import type { ClassicState } from '../classic/classic-group.ts';
import { CONSUMER_PROTOCOL } from '../classic/embedded.ts';
import { checkGroupName } from '../group-name.ts';
import { namesOf } from '../member-names.ts';
import type { Departure } from '../members/rows.ts';
import {
  type Assignment,
  type GroupStateName,
  type Member,
  type Surroundings,
  stateName,
  verdictOn,
} from '../membership.ts';
import { type Committing, commitOffsets } from '../offsets/commit-offsets.ts';
import type { Offset } from '../offsets/rows.ts';
import { type GroupRow, GroupRows } from '../rows.ts';
import { AdministrationRows } from './rows.ts';

/** Everything that is known of a group. Partitions by their ids. */
export interface GroupRecord extends GroupRow {
  readonly state: GroupStateName | ClassicState;
  /** By id. */
  readonly members: readonly Member[];
  /** By partition. */
  readonly assignments: readonly Assignment[];
  /** By partition. */
  readonly offsets: readonly Offset[];
  /** The newest first. */
  readonly departures: readonly Departure[];
}

/** What was removed. */
export interface Expired {
  readonly offsets: number;
  readonly groups: number;
}

/** More than so many are read with everybody else's. */
const ONE_BY_ONE = 20;

/**
 * What people do with groups from outside. Methods that only look run inside the caller's `store.read`, the others inside its
 * `store.write`; nothing here takes members out, so whoever changes something calls `Groups.removeGone` first.
 */
export class GroupAdministration {
  readonly #rows: GroupRows;
  readonly #many: AdministrationRows;
  readonly #topics: Topics;

  constructor(store: Store, topics: Topics) {
    this.#rows = new GroupRows(store);
    this.#many = new AdministrationRows(store);
    this.#topics = topics;
  }

  /** By name. */
  names(): string[] {
    return this.#many.names();
  }

  /** All groups by name, or these in their order. Throws GROUP_ID_NOT_FOUND. */
  records(names?: readonly string[]): GroupRecord[] {
    if (names !== undefined && names.length <= ONE_BY_ONE)
      return names.map((name) => this.#record(this.#require(name)));
    const all = this.#all();
    if (names === undefined) return all;
    const byName = new Map(all.map((record) => [record.name, record]));
    return names.map((name) => byName.get(name) ?? this.#unknown(name));
  }

  /**
   * The groups, of these or of all, with a member whose process has ended and who will not come back to its place, or with one
   * behind a socket whose time is over: there may be no server any more that would notice.
   */
  haunted(names: readonly string[] | undefined, s: Surroundings): string[] {
    const isGone = (member: Member) => {
      if (member.socket !== null) return verdictOn(member, s) !== null;
      return member.instance === null && member.process !== null && s.isGone(member.process);
    };
    return (names ?? this.#many.inhabited()).filter((name) => this.#membersOf(name).some(isGone));
  }

  /** Throws NON_EMPTY_GROUP, naming the members; a group that does not exist has none. */
  requireEmpty(name: string): void {
    const members = [...namesOf(this.#membersOf(name)).values()];
    if (members.length > 0) throw new BrokerError('NON_EMPTY_GROUP', { group: name, members: nameAll(members) });
  }

  /**
   * Sets offsets of a group without members, all or none, and makes the group if there is none. Throws NON_EMPTY_GROUP,
   * INVALID_GROUP_ID, OFFSET_METADATA_TOO_LARGE.
   */
  setOffsets(name: string, offsets: readonly Committing[], now: number): void {
    checkGroupName(name);
    if (this.#rows.group(name) === undefined) this.#rows.add(name, this.#topics.version(), now);
    const group = this.#require(name);
    this.requireEmpty(name);
    for (const { id, error } of commitOffsets(this.#rows, group.id, null, offsets, now)) {
      if (error !== null) throw new BrokerError(error, { topic: `partition ${id}`, group: name });
    }
  }

  /** All of them or none. Throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  deleteGroups(names: readonly string[]): void {
    for (const name of new Set(names)) {
      const group = this.#require(name);
      this.requireEmpty(name);
      this.#many.removeGroup(group.id);
    }
  }

  /**
   * Forgets offsets of partitions (ids), all or none; answers how many there were. Throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (of
   * members that are no consumers), GROUP_SUBSCRIBED_TO_TOPIC for what a member reads.
   */
  deleteOffsets(name: string, partitions: readonly number[]): number {
    const group = this.#require(name);
    const isRead = this.#reading(group);
    for (const id of partitions) {
      const topic = isRead(id);
      if (topic !== undefined) throw new BrokerError('GROUP_SUBSCRIBED_TO_TOPIC', { group: name, topic });
    }
    return partitions.filter((id) => this.#many.removeOffset(group.id, id)).length;
  }

  /** As `deleteOffsets`, but each by itself: answers which of them (ids) a member reads, so that they are as they were. */
  deleteUnreadOffsets(name: string, partitions: readonly number[]): Set<number> {
    const group = this.#require(name);
    const isRead = this.#reading(group);
    const read = new Set(partitions.filter((id) => isRead(id) !== undefined));
    for (const id of partitions) if (!read.has(id)) this.#many.removeOffset(group.id, id);
    return read;
  }

  /** Tells of a partition (its id) which topic it is of, if a member reads that: it has it, or its leader may give it to it. */
  #reading({ id: grp, name, type, protocolType }: GroupRow): (partition: number) => string | undefined {
    const members = type === 'classic' ? this.#rows.members.list(grp) : [];
    if (members.length > 0 && protocolType !== CONSUMER_PROTOCOL) this.requireEmpty(name);
    const topics = new Set(members.flatMap(({ subscription }) => ('names' in subscription ? subscription.names : [])));
    return (partition) => {
      const found = this.#many.topicOf(grp, partition);
      return found !== undefined && (found.assigned === 1 || topics.has(found.topic)) ? found.topic : undefined;
    };
  }

  /**
   * Kafka's offsets.retention: what was committed before `until` (ms) goes from groups that have had no members since before
   * that, and then they go themselves; in a group with members, it goes for partitions that none of them is subscribed to.
   */
  expire(until: number): Expired {
    const expired = [...this.#many.expiredEmpty(until), ...this.#many.expiredUnread(until)];
    for (const { grp, partition } of expired) this.#many.removeOffset(grp, partition);
    const abandoned = this.#many.abandoned(until);
    for (const grp of abandoned) this.#many.removeGroup(grp);
    return { offsets: expired.length, groups: abandoned.length };
  }

  /** Whether `expire` would find something; reads only. */
  hasExpired(until: number): boolean {
    const rows = this.#many;
    return [rows.expiredEmpty(until), rows.expiredUnread(until), rows.abandoned(until)].some(
      ({ length }) => length > 0,
    );
  }

  #require(name: string): GroupRow {
    return this.#rows.group(name) ?? this.#unknown(name);
  }

  #unknown(group: string): never {
    const near = nearestName(group, this.#many.names());
    if (near === undefined) throw new BrokerError('GROUP_ID_NOT_FOUND', { group });
    const hint = `did you mean '${near}'? \`beck group list\` shows them all`;
    throw new BrokerError('GROUP_ID_NOT_FOUND', { group, hint });
  }

  #membersOf(name: string): Member[] {
    const group = this.#rows.group(name);
    return group === undefined ? [] : this.#rows.members.list(group.id);
  }

  #record(group: GroupRow): GroupRecord {
    const { id } = group;
    return recordOf(group, {
      members: this.#rows.members.list(id),
      assignments: this.#rows.assignments(id),
      offsets: this.#rows.offsets.list(id),
      departures: this.#rows.members.departures(id),
    });
  }

  #all(): GroupRecord[] {
    const members = byGroup(this.#many.members());
    const assignments = byGroup(this.#many.assignments());
    const offsets = byGroup(this.#many.offsets());
    const departures = byGroup(this.#many.departures());
    return this.#many.groups().map((group) => {
      const { id } = group;
      return recordOf(group, {
        members: members.get(id) ?? [],
        assignments: assignments.get(id) ?? [],
        offsets: offsets.get(id) ?? [],
        departures: departures.get(id) ?? [],
      });
    });
  }
}

function recordOf(
  group: GroupRow,
  parts: Pick<GroupRecord, 'members' | 'assignments' | 'offsets' | 'departures'>,
): GroupRecord {
  return { ...group, ...parts, state: stateOf(group, parts) };
}

function stateOf(group: GroupRow, parts: Pick<GroupRecord, 'members' | 'assignments'>): GroupRecord['state'] {
  return group.type === 'classic' ? (group.phase ?? 'Empty') : stateName({ ...group, ...parts });
}

function byGroup<T extends { readonly grp: number }>(rows: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const known = groups.get(row.grp);
    if (known === undefined) groups.set(row.grp, [row]);
    else known.push(row);
  }
  return groups;
}

/** `member 4712`, `members 4712, 4790`; never more than ten. */
function nameAll(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return `${names.length === 1 ? 'member' : 'members'} ${shown}${more}`;
}
