import type { Statement, Store } from '../store/store.ts';
import type { TopicPartition } from '../types.ts';
import type { AssignorName } from './assignor/index.ts';
import { PendingRows } from './classic/rows.ts';
import { MemberRows } from './members/rows.ts';
import type { Assignment } from './membership.ts';
import { OffsetRows } from './offsets/rows.ts';

/** Times in ms since the epoch. */
export interface GroupRow {
  readonly id: number;
  readonly name: string;
  /** The generation: grows with every change of members, subscriptions or partitions (G3). */
  readonly epoch: number;
  readonly version: number;
  /** Null while it never had a member. */
  readonly assignor: AssignorName | null;
  /** Version of the catalogue that the target was made for. */
  readonly catalogue: number;
  readonly created: number;
  /** Null while it has members. */
  readonly emptySince: number | null;
  readonly type: GroupType;
  /** Of a classic group; `consumer` is Kafka's own. Null: it never had a member. */
  readonly protocolType: string | null;
  /** Of the rest of a group that is not classic, or has no members, nothing is said: null. */
  readonly protocol: string | null;
  /** Its id. */
  readonly leader: string | null;
  readonly phase: ClassicPhase | null;
  /** When those who have yet to join, or to sync, are waited for no longer; null: nobody. */
  readonly due: number | null;
}

/** How members agree: by a leader who assigns, with all of them waiting for it, or by KIP-848. A group without members has what it had. */
export type GroupType = 'classic' | 'consumer';

/** What a classic group with members is at (org.apache.kafka.coordinator.group.classic.ClassicGroupState). */
export type ClassicPhase = 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** A partition that somebody has, with its name and the offset that the group has committed; null: none. */
export interface PlacedAssignment extends TopicPartition {
  readonly id: number;
  readonly owner: string;
  readonly target: string | null;
  readonly since: number;
  readonly committed: number | null;
}

/** What is read of a row. */
export const GROUP_COLUMNS = `id, name, epoch, version, assignor, catalogue, created, empty_since AS emptySince, type,
  protocol_type AS protocolType, protocol, leader, phase, due`;

export const GROUP_SQL = {
  group: `SELECT ${GROUP_COLUMNS} FROM consumer_group WHERE name = ?`,
  glance: `SELECT version, catalogue <> (SELECT version FROM catalogue) AS outdated FROM consumer_group WHERE name = ?`,
  add: 'INSERT INTO consumer_group (name, catalogue, created, empty_since) VALUES (?, ?, ?, ?)',
  keep: `UPDATE consumer_group SET epoch = :epoch, version = :version, assignor = :assignor, catalogue = :catalogue,
    empty_since = :emptySince, type = :type, protocol_type = :protocolType, protocol = :protocol, leader = :leader,
    phase = :phase, due = :due WHERE id = :id`,
  assignments: 'SELECT partition, owner, target, since FROM assignment WHERE grp = ? ORDER BY partition',
  placed: `SELECT a.partition AS id, t.name AS topic, p.number AS partition, a.owner, a.target, a.since, o."offset" AS committed
    FROM assignment a CROSS JOIN partition p ON p.id = a.partition CROSS JOIN topic t ON t.id = p.topic
    LEFT JOIN committed_offset o ON o.grp = a.grp AND o.partition = a.partition
    WHERE a.grp = ? ORDER BY t.name, p.number`,
  owner: 'SELECT owner FROM assignment WHERE grp = ? AND partition = ?',
  putAssignment: 'INSERT OR REPLACE INTO assignment (grp, partition, owner, target, since) VALUES (?, ?, ?, ?, ?)',
  removeAssignment: 'DELETE FROM assignment WHERE grp = ? AND partition = ?',
  touched: `UPDATE consumer_group SET epoch = epoch + 1, version = version + 1
    WHERE type = 'consumer' AND id IN (SELECT grp FROM assignment WHERE partition = ?)`,
  forgetAssignments: 'DELETE FROM assignment WHERE partition = ?',
} as const;

/**
 * The SQL of groups, and of what their members have. Methods are meant to run inside the caller's `store.read` or `store.write`;
 * nothing here decides anything.
 */
export class GroupRows {
  readonly members: MemberRows;
  readonly pending: PendingRows;
  readonly offsets: OffsetRows;
  readonly #store: Store;

  constructor(store: Store) {
    this.members = new MemberRows(store);
    this.pending = new PendingRows(store);
    this.offsets = new OffsetRows(store);
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

  keep({ name: _, created: __, ...row }: GroupRow): void {
    this.#sql('keep').run(row);
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

  /** Everything that groups know of a partition goes; those who had it are told. */
  forgetPartition(id: number): void {
    for (const name of ['touched', 'forgetAssignments'] as const) this.#sql(name).run(id);
    this.offsets.forgetPartition(id);
  }
}
