import type { Statement, Store } from '../store/store.ts';
import type { ProcessId, TopicPartition } from '../types.ts';
import type { AssignorName } from './assignor/index.ts';
import type { Assignment, Member, Subscription, Why } from './membership.ts';

/** Times in ms. */
export interface GroupRow {
  readonly id: number;
  readonly name: string;
  readonly epoch: number;
  readonly version: number;
  readonly assignor: AssignorName | null;
  /** Version of the catalogue that the target was made for. */
  readonly catalogue: number;
  readonly created: number;
  readonly emptySince: number | null;
}

/** A partition that somebody has, with its name and the offset that the group has committed; null: none. */
export interface PlacedAssignment extends TopicPartition {
  readonly id: number;
  readonly owner: string;
  readonly target: string | null;
  readonly since: number;
  readonly committed: number | null;
}

export interface Offset {
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** ms */
  readonly committed: number;
}

/** A member that went, and who has what it had. Times in ms. */
export interface Departure {
  readonly member: string;
  readonly name: string;
  readonly why: Why;
  readonly at: number;
  readonly heard: number;
  /** How many it had. */
  readonly partitions: number;
  /** The names of those who have them now. */
  readonly heirs: readonly string[];
}

/** As the file has it. */
export interface StoredMember extends Omit<Member, 'subscription' | 'process'> {
  readonly grp: number;
  readonly subscription: string;
  readonly process: string | null;
}

/** As the file has it. */
export interface StoredDeparture extends Omit<Departure, 'heirs'> {
  readonly heirs: string;
}

/** What is read of a row of each table. */
export const COLUMNS = {
  group: 'id, name, epoch, version, assignor, catalogue, created, empty_since AS emptySince',
  member: `grp, id, instance, name, host, epoch, subscription, assignor, session_timeout AS sessionTimeout, joined, heard,
  process, away`,
  offset: 'partition, "offset", leader_epoch AS leaderEpoch, metadata, committed',
  departure: 'member, name, why, at, heard, partitions, heirs',
} as const;

export const GROUP_SQL = {
  group: `SELECT ${COLUMNS.group} FROM consumer_group WHERE name = ?`,
  glance: `SELECT version, catalogue <> (SELECT version FROM catalogue) AS outdated FROM consumer_group WHERE name = ?`,
  add: 'INSERT INTO consumer_group (name, catalogue, created, empty_since) VALUES (?, ?, ?, ?)',
  keep: 'UPDATE consumer_group SET epoch = ?, version = ?, assignor = ?, catalogue = ?, empty_since = ? WHERE id = ?',
  member: `SELECT ${COLUMNS.member} FROM member WHERE grp = ? AND id = ?`,
  instance: `SELECT ${COLUMNS.member} FROM member WHERE grp = ? AND instance = ?`,
  members: `SELECT ${COLUMNS.member} FROM member WHERE grp = ? ORDER BY id`,
  putMember: `INSERT OR REPLACE INTO member (grp, id, instance, name, host, epoch, subscription, assignor, session_timeout, joined,
    heard, process, away) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  removeMember: 'DELETE FROM member WHERE grp = ? AND id = ?',
  beat: 'UPDATE member SET heard = ? WHERE grp = ? AND id = ?',
  takeUp: `UPDATE member SET epoch = :epoch WHERE grp = :grp AND id = :id AND epoch < :epoch
    AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.grp = :grp AND a.owner = :id AND a.target IS NOT :id)`,
  rewind: 'UPDATE member SET heard = :now WHERE grp = :grp AND heard > :now',
  excuseSilent: 'UPDATE member SET heard = :now WHERE grp = :grp AND :now - heard > session_timeout',
  silent: 'SELECT 1 AS yes FROM member WHERE grp = ? AND ? - heard > session_timeout LIMIT 1',
  assignments: 'SELECT partition, owner, target, since FROM assignment WHERE grp = ? ORDER BY partition',
  placed: `SELECT a.partition AS id, t.name AS topic, p.number AS partition, a.owner, a.target, a.since, o."offset" AS committed
    FROM assignment a CROSS JOIN partition p ON p.id = a.partition CROSS JOIN topic t ON t.id = p.topic
    LEFT JOIN committed_offset o ON o.grp = a.grp AND o.partition = a.partition
    WHERE a.grp = ? ORDER BY t.name, p.number`,
  owner: 'SELECT owner FROM assignment WHERE grp = ? AND partition = ?',
  putAssignment: 'INSERT OR REPLACE INTO assignment (grp, partition, owner, target, since) VALUES (?, ?, ?, ?, ?)',
  removeAssignment: 'DELETE FROM assignment WHERE grp = ? AND partition = ?',
  hasPartition: 'SELECT 1 AS yes FROM partition WHERE id = ?',
  commit: `INSERT INTO committed_offset (grp, partition, "offset", leader_epoch, metadata, committed) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET "offset" = excluded."offset", leader_epoch = excluded.leader_epoch,
    metadata = excluded.metadata, committed = excluded.committed`,
  offsets: `SELECT ${COLUMNS.offset} FROM committed_offset WHERE grp = ? ORDER BY partition`,
  depart:
    'INSERT INTO departure (grp, member, name, why, at, heard, partitions, heirs) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  forgetDepartures: `DELETE FROM departure WHERE grp = :grp
    AND id <= (SELECT id FROM departure WHERE grp = :grp ORDER BY id DESC LIMIT 1 OFFSET :kept)`,
  departures: `SELECT ${COLUMNS.departure} FROM departure WHERE grp = ? ORDER BY id DESC`,
  touched: `UPDATE consumer_group SET epoch = epoch + 1, version = version + 1
    WHERE id IN (SELECT grp FROM assignment WHERE partition = ?)`,
  forgetAssignments: 'DELETE FROM assignment WHERE partition = ?',
  forgetOffsets: 'DELETE FROM committed_offset WHERE partition = ?',
} as const;

/**
 * The SQL of groups. Each method is one statement, meant to run inside the caller's `store.read` or `store.write`; nothing here
 * decides anything.
 */
export class GroupRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof GROUP_SQL): Statement {
    return this.#store.prepare(GROUP_SQL[name]);
  }

  group(name: string): GroupRow | undefined {
    return this.#sql('group').get(name) as GroupRow | undefined;
  }

  glance(name: string): { version: number; outdated: 0 | 1 } | undefined {
    return this.#sql('glance').get(name) as { version: number; outdated: 0 | 1 } | undefined;
  }

  add(name: string, catalogue: number, now: number): void {
    this.#sql('add').run(name, catalogue, now, now);
  }

  keep({ id, epoch, version, assignor, catalogue, emptySince }: GroupRow): void {
    this.#sql('keep').run(epoch, version, assignor, catalogue, emptySince, id);
  }

  member(grp: number, id: string): Member | undefined {
    const row = this.#sql('member').get(grp, id) as StoredMember | undefined;
    return row && memberOf(row);
  }

  instance(grp: number, instance: string): Member | undefined {
    const row = this.#sql('instance').get(grp, instance) as StoredMember | undefined;
    return row && memberOf(row);
  }

  /** By id. */
  members(grp: number): Member[] {
    return (this.#sql('members').all(grp) as StoredMember[]).map(memberOf);
  }

  putMember(grp: number, member: Member): void {
    const { id, instance, name, host, epoch, subscription, assignor, sessionTimeout, joined, heard, process, away } =
      member;
    this.#sql('putMember').run(
      ...[grp, id, instance, name, host, epoch, JSON.stringify(subscription), assignor, sessionTimeout, joined, heard],
      ...[process === null ? null : JSON.stringify(process), away],
    );
  }

  removeMember(grp: number, id: string): void {
    this.#sql('removeMember').run(grp, id);
  }

  beat(grp: number, id: string, now: number): void {
    this.#sql('beat').run(now, grp, id);
  }

  /** The member has the group's epoch from now on, unless it has something to give up first. */
  takeUp(grp: number, id: string, epoch: number): void {
    this.#sql('takeUp').run({ epoch, grp, id });
  }

  /** The clock was set back: whoever was heard of in the future was heard of now. */
  rewind(grp: number, now: number): void {
    this.#sql('rewind').run({ now, grp });
  }

  /** Whoever has been silent for longer than its session is heard of now. */
  excuseSilent(grp: number, now: number): void {
    this.#sql('excuseSilent').run({ now, grp });
  }

  anySilent(grp: number, now: number): boolean {
    return this.#sql('silent').get(grp, now) !== undefined;
  }

  /** By partition. */
  assignments(grp: number): Assignment[] {
    return this.#sql('assignments').all(grp) as Assignment[];
  }

  /** By topic and number. */
  placed(grp: number): PlacedAssignment[] {
    return this.#sql('placed').all(grp) as PlacedAssignment[];
  }

  owner(grp: number, partition: number): string | undefined {
    return (this.#sql('owner').get(grp, partition) as { owner: string } | undefined)?.owner;
  }

  putAssignment(grp: number, { partition, owner, target, since }: Assignment): void {
    this.#sql('putAssignment').run(grp, partition, owner, target, since);
  }

  removeAssignment(grp: number, partition: number): void {
    this.#sql('removeAssignment').run(grp, partition);
  }

  hasPartition(id: number): boolean {
    return this.#sql('hasPartition').get(id) !== undefined;
  }

  commit(grp: number, { partition, offset, leaderEpoch, metadata, committed }: Offset): void {
    this.#sql('commit').run(grp, partition, offset, leaderEpoch, metadata, committed);
  }

  /** By partition. */
  offsets(grp: number): Offset[] {
    return this.#sql('offsets').all(grp) as Offset[];
  }

  depart(grp: number, { member, name, why, at, heard, partitions, heirs }: Departure): void {
    this.#sql('depart').run(grp, member, name, why, at, heard, partitions, JSON.stringify(heirs));
  }

  forgetDepartures(grp: number, kept: number): void {
    this.#sql('forgetDepartures').run({ grp, kept });
  }

  /** The newest first. */
  departures(grp: number): Departure[] {
    return (this.#sql('departures').all(grp) as StoredDeparture[]).map(departureOf);
  }

  /** Everything that groups know of a partition goes; those who had it are told. */
  forgetPartition(id: number): void {
    for (const name of ['touched', 'forgetAssignments', 'forgetOffsets'] as const) this.#sql(name).run(id);
  }
}

export function departureOf(row: StoredDeparture): Departure {
  return { ...row, heirs: JSON.parse(row.heirs) as string[] };
}

export function memberOf({ grp: _, subscription, process, ...row }: StoredMember): Member {
  return {
    ...row,
    subscription: JSON.parse(subscription) as Subscription,
    process: process === null ? null : (JSON.parse(process) as ProcessId),
  };
}
