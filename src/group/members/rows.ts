import type { Statement, Store } from '../../store/store.ts';
import type { ProcessId } from '../../types.ts';
import type { Member, Subscription, Why } from '../membership.ts';

/** A member that went, and who has what it had. Times in ms since the epoch. */
export interface Departure {
  /** Its id. */
  readonly member: string;
  readonly name: string;
  readonly why: Why;
  readonly at: number;
  readonly heard: number;
  /** How many it had. */
  readonly partitions: number;
  /** The names of the members that have them now. */
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

/** What is read of a row. */
export const MEMBER_COLUMNS = `grp, id, instance, name, host, epoch, subscription, assignor, session_timeout AS sessionTimeout,
  joined, heard, process, away`;
export const DEPARTURE_COLUMNS = 'member, name, why, at, heard, partitions, heirs';

export const MEMBER_SQL = {
  find: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? AND id = ?`,
  findInstance: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? AND instance = ?`,
  list: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? ORDER BY id`,
  put: `INSERT OR REPLACE INTO member (grp, id, instance, name, host, epoch, subscription, assignor, session_timeout, joined,
    heard, process, away) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  remove: 'DELETE FROM member WHERE grp = ? AND id = ?',
  beat: 'UPDATE member SET heard = ? WHERE grp = ? AND id = ?',
  takeUp: `UPDATE member SET epoch = :epoch WHERE grp = :grp AND id = :id AND epoch < :epoch
    AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.grp = :grp AND a.owner = :id AND a.target IS NOT :id)`,
  rewind: 'UPDATE member SET heard = :now WHERE grp = :grp AND heard > :now',
  excuseSilent: 'UPDATE member SET heard = :now WHERE grp = :grp AND :now - heard > session_timeout',
  silent: 'SELECT 1 AS yes FROM member WHERE grp = ? AND ? - heard > session_timeout LIMIT 1',
  depart:
    'INSERT INTO departure (grp, member, name, why, at, heard, partitions, heirs) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  forgetDepartures: `DELETE FROM departure WHERE grp = :grp
    AND id <= (SELECT id FROM departure WHERE grp = :grp ORDER BY id DESC LIMIT 1 OFFSET :kept)`,
  departures: `SELECT ${DEPARTURE_COLUMNS} FROM departure WHERE grp = ? ORDER BY id DESC`,
} as const;

/** The SQL of members, and of those who went. As `GroupRows`. */
export class MemberRows {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  #sql(name: keyof typeof MEMBER_SQL): Statement {
    return this.#store.prepare(MEMBER_SQL[name]);
  }

  find(grp: number, id: string): Member | undefined {
    const row = this.#sql('find').get(grp, id) as StoredMember | undefined;
    return row && memberOf(row);
  }

  findInstance(grp: number, instance: string): Member | undefined {
    const row = this.#sql('findInstance').get(grp, instance) as StoredMember | undefined;
    return row && memberOf(row);
  }

  /** By id. */
  list(grp: number): Member[] {
    return (this.#sql('list').all(grp) as StoredMember[]).map(memberOf);
  }

  put(grp: number, member: Member): void {
    const { id, instance, name, host, epoch, subscription, assignor, sessionTimeout, joined, heard, process, away } =
      member;
    this.#sql('put').run(
      ...[grp, id, instance, name, host, epoch, JSON.stringify(subscription), assignor, sessionTimeout, joined, heard],
      ...[process === null ? null : JSON.stringify(process), away],
    );
  }

  remove(grp: number, id: string): void {
    this.#sql('remove').run(grp, id);
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
