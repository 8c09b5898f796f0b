import type { Statement, Store } from '../../store/store.ts';
import {
  DEPARTURE_COLUMNS,
  type Departure,
  departureOf,
  MEMBER_COLUMNS,
  memberOf,
  type StoredDeparture,
  type StoredMember,
} from '../members/rows.ts';
import type { Assignment, Member } from '../membership.ts';
import { OFFSET_COLUMNS, type Offset } from '../offsets/rows.ts';
import { GROUP_COLUMNS, type GroupRow } from '../rows.ts';

/** A row of a group, in an answer about many. */
export type OfGroup<T> = T & { readonly grp: number };

export const ADMINISTRATION_SQL = {
  names: 'SELECT name FROM consumer_group ORDER BY name',
  inhabited: 'SELECT name FROM consumer_group WHERE empty_since IS NULL ORDER BY name',
  allGroups: `SELECT ${GROUP_COLUMNS} FROM consumer_group ORDER BY name`,
  allMembers: `SELECT ${MEMBER_COLUMNS} FROM member ORDER BY grp, id`,
  allAssignments: 'SELECT grp, partition, owner, target, since FROM assignment ORDER BY grp, partition',
  allOffsets: `SELECT grp, ${OFFSET_COLUMNS} FROM committed_offset ORDER BY grp, partition`,
  allDepartures: `SELECT grp, ${DEPARTURE_COLUMNS} FROM departure ORDER BY id DESC`,
  removeOffset: 'DELETE FROM committed_offset WHERE grp = ? AND partition = ?',
  topicOf: `SELECT t.name AS topic, EXISTS (SELECT 1 FROM assignment a WHERE a.grp = ? AND a.partition = p.id) AS assigned
    FROM partition p JOIN topic t ON t.id = p.topic WHERE p.id = ?`,
  removeIds: 'DELETE FROM pending_member WHERE grp = ?',
  removeOffsets: 'DELETE FROM committed_offset WHERE grp = ?',
  removePending: 'DELETE FROM txn_offset WHERE grp = ?',
  removeDepartures: 'DELETE FROM departure WHERE grp = ?',
  removeGroup: 'DELETE FROM consumer_group WHERE id = ?',
  expiredEmpty: `SELECT g.id AS grp, o.partition FROM consumer_group g CROSS JOIN committed_offset o ON o.grp = g.id
    WHERE g.empty_since < :until AND o.committed < :until`,
  expiredUnread: `SELECT o.grp, o.partition FROM consumer_group g CROSS JOIN committed_offset o ON o.grp = g.id
    WHERE g.empty_since IS NULL AND o.committed < :until
    AND (g.type = 'consumer' OR (g.protocol_type = 'consumer' AND g.phase = 'Stable'))
    AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.grp = o.grp AND a.partition = o.partition)`,
  abandoned: `SELECT id FROM consumer_group g WHERE empty_since < ?
    AND NOT EXISTS (SELECT 1 FROM committed_offset o WHERE o.grp = g.id)`,
} as const;

/** The SQL of looking at groups, and of ending them. Each method is one statement, inside the caller's transaction. */
export class AdministrationRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof ADMINISTRATION_SQL): Statement {
    return this.#store.prepare(ADMINISTRATION_SQL[name]);
  }

  names(): string[] {
    return (this.#sql('names').all() as { name: string }[]).map(({ name }) => name);
  }

  /** Of groups that have members. */
  inhabited(): string[] {
    return (this.#sql('inhabited').all() as { name: string }[]).map(({ name }) => name);
  }

  groups(): GroupRow[] {
    return this.#sql('allGroups').all() as GroupRow[];
  }

  members(): OfGroup<Member>[] {
    return (this.#sql('allMembers').all() as StoredMember[]).map((row) => ({ ...memberOf(row), grp: row.grp }));
  }

  assignments(): OfGroup<Assignment>[] {
    return this.#sql('allAssignments').all() as OfGroup<Assignment>[];
  }

  offsets(): OfGroup<Offset>[] {
    return this.#sql('allOffsets').all() as OfGroup<Offset>[];
  }

  departures(): OfGroup<Departure>[] {
    return (this.#sql('allDepartures').all() as OfGroup<StoredDeparture>[]).map((row) => ({
      ...departureOf(row),
      grp: row.grp,
    }));
  }

  /** The topic of a partition, and whether a member of the group has that. */
  topicOf(grp: number, partition: number): { readonly topic: string; readonly assigned: 0 | 1 } | undefined {
    return this.#sql('topicOf').get(grp, partition) as { topic: string; assigned: 0 | 1 } | undefined;
  }

  removeOffset(grp: number, partition: number): boolean {
    return this.#sql('removeOffset').run(grp, partition).changes > 0;
  }

  /** The group and everything in it but members, of which it has none; what transactions hold ready for it, too. */
  removeGroup(grp: number): void {
    const rest = ['removeIds', 'removeOffsets', 'removePending', 'removeDepartures'] as const;
    for (const name of [...rest, 'removeGroup'] as const) this.#sql(name).run(grp);
  }

  /** Offsets from before `until` (ms) in groups that have had no members since before that. */
  expiredEmpty(until: number): { grp: number; partition: number }[] {
    return this.#sql('expiredEmpty').all({ until }) as { grp: number; partition: number }[];
  }

  /** Offsets from before `until` (ms), in groups with members, of partitions that none of them wants. */
  expiredUnread(until: number): { grp: number; partition: number }[] {
    return this.#sql('expiredUnread').all({ until }) as { grp: number; partition: number }[];
  }

  /** Groups that have had no members since before `until` (ms), and have no offsets. */
  abandoned(until: number): number[] {
    return (this.#sql('abandoned').all(until) as { id: number }[]).map(({ id }) => id);
  }
}
