import type { Broker } from '../broker/broker.ts';
import { BrokerError } from '../errors.ts';
import { MEMBER_GRACE_MS } from '../settings.ts';
import type { Client } from './handler.ts';

/** After a busy database. */
const AGAIN_MS = 20;

/**
 * Which client each member of a group came by last. A member whose client has left goes after a grace, unless it has come back by
 * then; a static one stays (the broker knows which they are). Kafka waits for its session to end.
 */
export class Members {
  readonly #broker: Broker;
  /** ms; null: it is as in Kafka. */
  readonly #grace: number | null;
  /** The client's number, by group and member id. */
  readonly #clients = new Map<string, number>();
  /** The members that each client is listened to for. */
  readonly #carried = new Map<number, Set<string>>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(broker: Broker, grace: number | null = MEMBER_GRACE_MS) {
    this.#broker = broker;
    this.#grace = grace;
  }

  /** A member was heard of by this client. */
  heard(group: string, memberId: string, client: Client): void {
    if (this.#grace === null || memberId === '') return;
    const member = JSON.stringify([group, memberId]);
    this.#clients.set(member, client.id);
    const known = this.#carried.get(client.id);
    if (known === undefined) client.whenLeft(() => this.#left(client.id));
    this.#carried.set(client.id, (known ?? new Set()).add(member));
  }

  /** It has left by itself. */
  forget(group: string, memberId: string): void {
    this.#clients.delete(JSON.stringify([group, memberId]));
  }

  /** The server stops: who is a member stays one. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #left(client: number): void {
    const since = this.#broker.clock.now();
    const members = [...(this.#carried.get(client) ?? [])].filter((member) => this.#clients.get(member) === client);
    this.#carried.delete(client);
    if (members.length > 0) this.#later(this.#grace ?? 0, () => this.#drop(members, client, since));
  }

  #drop(members: readonly string[], client: number, since: number): void {
    const gone = members.filter((member) => this.#clients.get(member) === client);
    for (const [i, member] of gone.entries()) {
      const [group = '', memberId = ''] = JSON.parse(member) as string[];
      try {
        this.#broker.socketGroups.drop(group, memberId, since);
        this.#clients.delete(member);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        return this.#later(AGAIN_MS, () => this.#drop(gone.slice(i), client, since));
      }
    }
  }

  #later(ms: number, fn: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, ms);
    this.#timers.add(timer);
  }
}
