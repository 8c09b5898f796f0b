import type { GroupRecord } from '../../group/administration/administration.ts';
import { namesOf } from '../../group/member-names.ts';
import type { Member } from '../../group/membership.ts';
import { LogRows } from '../../log/rows.ts';
import type { Store } from '../../store/store.ts';
import type { GroupCoordinator } from '../group-coordinator.ts';
import type { GroupDescription, GroupPartitionDescription, GroupSummary, MemberDescription } from './description.ts';
import { type PlacedPartition, ViewRows } from './rows.ts';
import { WaitingTimes } from './waiting-times.ts';

/** Asking for more partitions than this one by one takes longer than asking for all. */
const ONE_BY_ONE = 200;

/** A partition that a group has to do with. */
export interface GroupPlace {
  readonly at: PlacedPartition;
  readonly assignment: GroupRecord['assignments'][number] | undefined;
  readonly offset: GroupRecord['offsets'][number] | undefined;
  /** Where it goes on reading: what is committed, but not before the log start. */
  readonly next: number;
  readonly lag: number;
}

/** How groups are to be seen at one moment. To be used inside the caller's `store.read`. */
export class GroupView {
  readonly #groups: GroupCoordinator;
  readonly #rows: ViewRows;
  readonly #log: LogRows;

  constructor({ store, groups }: { readonly store: Store; readonly groups: GroupCoordinator }) {
    this.#groups = groups;
    this.#rows = new ViewRows(store);
    this.#log = new LogRows(store);
  }

  /** Every group, by name. */
  list(): GroupSummary[] {
    const records = this.#groups.records();
    const places = this.#places(records);
    return records.map((record) => {
      const { name, type, state, epoch, members } = record;
      const held = placesOf(record, places);
      return { name, type, state, epoch, members: members.length, partitions: held.length, lag: lagOf(held) };
    });
  }

  /** In the order of the names, or all by name. `now` in ms. Throws GROUP_ID_NOT_FOUND. */
  describe(names: readonly string[] | undefined, now: number): GroupDescription[] {
    const records = this.#groups.records(names);
    const places = this.#places(records);
    const times = new WaitingTimes(this.#log, this.#rows);
    return records.map((record) => {
      const { name, type, state, epoch, emptySince, members, departures } = record;
      const held = placesOf(record, places);
      const nameOf = namesOf(members);
      return {
        name,
        type,
        state,
        epoch,
        assignor: type === 'classic' ? record.protocol : record.assignor,
        lag: lagOf(held),
        emptySince,
        members: members.map((member) => memberOf({ ...member, name: nameOf.get(member.id) ?? member.name }, held)),
        partitions: held.map((place) => partitionOf(place, { times, nameOf, now })),
        departures: departures.map(({ member: _, ...departure }) => departure),
      };
    });
  }

  /** What a group has to do with, by topic and number. Throws GROUP_ID_NOT_FOUND. */
  placesOf(name: string): GroupPlace[] {
    const records = this.#groups.records([name]);
    return records.flatMap((record) => placesOf(record, this.#places(records)));
  }

  /** The partitions of all these groups, by their ids. */
  #places(records: readonly GroupRecord[]): Map<number, PlacedPartition> {
    const ids = new Set(records.flatMap(({ assignments, offsets }) => [...assignments, ...offsets].map(partitionId)));
    const rows = ids.size > ONE_BY_ONE ? this.#rows.partitions() : [...ids].map((id) => this.#rows.partition(id));
    return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row] as const])));
  }
}

function partitionId({ partition }: { readonly partition: number }): number {
  return partition;
}

function placesOf({ assignments, offsets }: GroupRecord, places: ReadonlyMap<number, PlacedPartition>): GroupPlace[] {
  const assigned = new Map(assignments.map((row) => [row.partition, row]));
  const committed = new Map(offsets.map((row) => [row.partition, row]));
  const held = [...new Set([...assigned.keys(), ...committed.keys()])].flatMap((id) => {
    const at = places.get(id);
    if (at === undefined) return [];
    const offset = committed.get(id);
    const next = Math.max(at.start, offset?.offset ?? at.start);
    return [{ at, assignment: assigned.get(id), offset, next, lag: Math.max(0, at.end - next) }];
  });
  return held.sort((a, b) => byName(a.at, b.at));
}

function byName(a: PlacedPartition, b: PlacedPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}

function lagOf(places: readonly GroupPlace[]): number {
  return places.reduce((sum, { lag }) => sum + lag, 0);
}

interface Seen {
  readonly times: WaitingTimes;
  readonly nameOf: ReadonlyMap<string, string>;
  readonly now: number;
}

function partitionOf({ at, assignment, offset, next, lag }: GroupPlace, seen: Seen): GroupPartitionDescription {
  const { owner = null, target = null, since = null } = assignment ?? {};
  const nameOf = (id: string | null): string | null => (id === null ? null : (seen.nameOf.get(id) ?? id));
  const first = seen.times.firstFrom(next, at);
  return {
    topic: at.topic,
    partition: at.partition,
    committed: offset?.offset ?? null,
    committedAt: offset?.committed ?? null,
    metadata: offset?.metadata ?? '',
    start: at.start,
    end: at.end,
    lag,
    behindMs: first === null ? null : Math.max(0, seen.now - first),
    member: nameOf(owner),
    next: target === owner ? null : nameOf(target),
    since,
  };
}

function memberOf(member: Member, places: readonly GroupPlace[]): MemberDescription {
  const { instance: instanceId, sessionTimeout: sessionTimeoutMs, process, socket: _, ...rest } = member;
  return {
    ...rest,
    instanceId,
    sessionTimeoutMs,
    process: process === null ? null : { pid: process.pid },
    partitions: places
      .filter(({ assignment }) => assignment?.owner === member.id)
      .map(({ at: { topic, partition } }) => ({ topic, partition })),
  };
}
