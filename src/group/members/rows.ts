import type { Statement, Store } from '../../store/store.ts';
import type { ProcessId } from '../../types.ts';
import type { Member, Subscription, Why } from '../membership.ts';
import type { Protocol, SocketPart } from './socket-part.ts';

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
export interface StoredMember extends Omit<Member, 'subscription' | 'process' | 'socket'> {
  readonly grp: number;
  readonly subscription: string;
  readonly process: string | null;
  readonly rebalanceTimeout: number | null;
  readonly due: number | null;
  readonly told: string | null;
  readonly previousEpoch: number | null;
  readonly protocols: string | null;
  readonly assignment: Buffer | null;
  readonly joining: 0 | 1 | null;
  readonly synced: 0 | 1 | null;
}

/** As the file has it. */
export interface StoredDeparture extends Omit<Departure, 'heirs'> {
  readonly heirs: string;
}

/** What is read of a row. */
export const MEMBER_COLUMNS = `grp, id, instance, name, host, epoch, subscription, assignor, session_timeout AS sessionTimeout,
  joined, heard, process, away, rebalance_timeout AS rebalanceTimeout, due, told, previous_epoch AS previousEpoch, protocols,
  assignment, joining, synced`;
export const DEPARTURE_COLUMNS = 'member, name, why, at, heard, partitions, heirs';

export const MEMBER_SQL = {
  find: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? AND id = ?`,
  findInstance: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? AND instance = ?`,
  list: `SELECT ${MEMBER_COLUMNS} FROM member WHERE grp = ? ORDER BY id`,
  put: `INSERT OR REPLACE INTO member (grp, id, instance, name, host, epoch, subscription, assignor, session_timeout, joined,
    heard, process, away, rebalance_timeout, due, told, previous_epoch, protocols, assignment, joining, synced)
    VALUES (:grp, :id, :instance, :name, :host, :epoch, :subscription, :assignor, :sessionTimeout, :joined, :heard, :process,
    :away, :rebalanceTimeout, :due, :told, :previousEpoch, :protocols, :assignment, :joining, :synced)`,
  remove: 'DELETE FROM member WHERE grp = ? AND id = ?',
  beat: 'UPDATE member SET heard = ? WHERE grp = ? AND id = ?',
  takeUp: `UPDATE member SET previous_epoch = epoch, epoch = :epoch WHERE grp = :grp AND id = :id AND epoch < :epoch
    AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.grp = :grp AND a.owner = :id AND a.target IS NOT :id)`,
  rewind: `UPDATE member SET heard = min(heard, :now), due = min(due, :now + rebalance_timeout)
    WHERE grp = :grp AND (heard > :now OR due > :now + rebalance_timeout)`,
  excuseSilent: 'UPDATE member SET heard = :now WHERE grp = :grp AND :now - heard > session_timeout',
  anyOverdue: 'SELECT 1 AS yes FROM member WHERE grp = :grp AND (:now - heard > session_timeout OR :now > due) LIMIT 1',
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

  put(grp: number, { subscription, process, socket, ...row }: Member): void {
    const texts = { subscription: JSON.stringify(subscription), process: process && JSON.stringify(process) };
    this.#sql('put').run({ grp, ...row, ...texts, ...storedSocket(socket) });
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

  /** Whether anybody is silent, or late. */
  anyOverdue(grp: number, now: number): boolean {
    return this.#sql('anyOverdue').get({ grp, now }) !== undefined;
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

export function memberOf(stored: StoredMember): Member {
  const { id, instance, name, host, epoch, assignor, sessionTimeout, joined, heard, away } = stored;
  return {
    ...{ id, instance, name, host, epoch, assignor, sessionTimeout, joined, heard, away },
    subscription: JSON.parse(stored.subscription) as Subscription,
    process: stored.process === null ? null : (JSON.parse(stored.process) as ProcessId),
    socket: socketOf(stored),
  };
}

function socketOf(stored: StoredMember): SocketPart | null {
  const { rebalanceTimeout, due, told, previousEpoch, protocols, assignment, joining, synced } = stored;
  if (rebalanceTimeout === null) return null;
  return {
    rebalanceTimeout,
    due,
    told: told === null ? null : (JSON.parse(told) as number[]),
    previousEpoch: previousEpoch ?? 0,
    classic:
      protocols === null
        ? null
        : { protocols: protocolsOf(protocols), assignment, joining: joining === 1, synced: synced === 1 },
  };
}

function protocolsOf(text: string): Protocol[] {
  const pairs = JSON.parse(text) as [string, string][];
  return pairs.map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata, 'base64') }));
}

/** Nothing of beck's own. */
function storedSocket(socket: SocketPart | null): Omit<StoredMember, keyof Member | 'grp'> {
  const { rebalanceTimeout = null, due = null, told = null, previousEpoch = null, classic = null } = socket ?? {};
  const protocols = classic?.protocols.map(({ name, metadata }) => [name, metadata.toString('base64')]) ?? null;
  return {
    ...{ rebalanceTimeout, due, previousEpoch },
    told: told && JSON.stringify(told),
    protocols: protocols && JSON.stringify(protocols),
    assignment: classic?.assignment ?? null,
    joining: classic && (classic.joining ? 1 : 0),
    synced: classic && (classic.synced ? 1 : 0),
  };
}
