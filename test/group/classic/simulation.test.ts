import { expect, it } from 'vitest';
import type { JoinAnswer } from '../../../src/group/classic/join.ts';
import { readEmbedded, subscription } from '../../../src/protocol/consumer-protocol.ts';
import { seeded } from '../../support/seed.ts';
import { gives, hand, REBALANCE, SESSION, SocketScene, wishes } from '../socket-scene.ts';

/**
 * Clients of all kinds in one group: classic ones that give up everything when they join, or only what they must; KIP-848's; beck's
 * own. Whatever comes, goes, dies, hangs, wakes up late, forgets its answer, and wherever the clock jumps: of a generation there is
 * one leader, and all are given what it brought (C1, C2); nobody reads what another one reads; and when all are left alone,
 * everybody has its share after a few rounds (C4).
 */
const TOPIC = 't';
const PARTITIONS = 5;

abstract class Client {
  readonly scene: SocketScene;
  readonly instance: string | null;
  id = '';
  /** What it takes for its own. */
  reads = new Set<number>();
  hangs = false;
  /** It was heard of, or so it believes. */
  isMember = false;

  constructor(scene: SocketScene, instance: string | null) {
    this.scene = scene;
    this.instance = instance;
  }

  /** One thing that it does when its time comes. */
  abstract act(chance: number): void;
  abstract leave(): void;
  /** Whether it has what it shall have, as far as it knows. */
  abstract get isSettled(): boolean;
  /** What it says of its epoch, where that has to be the group's for what it reads to count. */
  get generation(): number | null {
    return null;
  }

  lose(): void {
    this.reads = new Set();
    this.isMember = false;
  }
}

class Classic extends Client {
  readonly #isEager: boolean;
  readonly #ledger: Ledger;
  #phase: 'out' | 'joining' | 'joined' | 'syncing' | 'stable' = 'out';
  #generation = -1;
  #given: Record<string, Buffer> = {};
  #wish = 0;

  constructor(
    scene: SocketScene,
    ledger: Ledger,
    { isEager, instance }: { isEager: boolean; instance: string | null },
  ) {
    super(scene, instance);
    this.#isEager = isEager;
    this.#ledger = ledger;
  }

  override get generation() {
    return this.#generation;
  }

  get isSettled() {
    return this.#phase === 'stable';
  }

  get #how() {
    const owned = this.#isEager ? [] : [...this.reads].map((partition) => ({ topic: TOPIC, partition }));
    const name = this.#isEager ? 'range' : 'cooperative-sticky';
    const metadata = wishes(this.#wish % 2 === 0 ? [TOPIC] : [TOPIC, 'later'], owned);
    return { protocols: [{ name, metadata }], instanceId: this.instance, comesTwice: true };
  }

  act(chance: number): void {
    if (this.#phase === 'joining') return this.#answered(this.scene.joined(this.id, this.#how));
    if (this.#phase === 'syncing') return this.#assigned(this.scene.synced(this.id, this.#generation));
    if (this.#phase === 'joined') return this.#assigned(this.scene.sync(this.id, this.#generation, this.#given));
    if (this.#phase === 'out' || chance < 0.1) return this.#join(chance);
    if (chance < 0.3)
      return this.#told(
        this.scene.commit(this.id, this.#generation, {
          instanceId: this.instance,
          partition: [...this.reads][0] ?? 0,
        }) ?? null,
      );
    this.#told(this.scene.beat(this.id, this.#generation, this.instance));
  }

  leave(): void {
    if (this.id !== '') this.scene.leave(this.id, this.instance);
    this.lose();
  }

  #join(chance: number): void {
    if (this.#isEager) this.reads = new Set();
    if (chance < 0.05) this.#wish++;
    this.#answered(this.scene.join(this.id, this.#how));
  }

  #answered(answer: JoinAnswer | null): void {
    this.#phase = 'joining';
    if (answer === null) {
      const mine = this.scene.record().members.filter(({ name, joined }) => name === 'client' && joined >= 0);
      if (this.id === '') this.id = mine.map(({ id }) => id).find((id) => !this.#ledger.ids.has(id)) ?? '';
      this.#ledger.ids.add(this.id);
      return;
    }
    this.id = answer.memberId;
    this.#ledger.ids.add(this.id);
    if (answer.error === 'MEMBER_ID_REQUIRED') this.#phase = 'out';
    else if (answer.error !== null) this.#refused(answer.error);
    else this.#lead(answer);
  }

  #lead(answer: JoinAnswer): void {
    this.#phase = 'joined';
    this.isMember = true;
    this.#generation = answer.generation;
    const leads = answer.leader === this.id && !answer.skipAssignment;
    this.#given = leads ? share(answer, this.#isEager) : {};
    if (leads) this.#ledger.leads(answer.generation, this.id, this.#given);
  }

  #assigned(said: string): void {
    this.#phase = 'syncing';
    if (said === 'waits') return;
    if (/^[A-Z_]+$/.test(said)) return this.#refused(said);
    if (this.scene.record().type === 'classic') this.#ledger.given(this.#generation, this.id, said);
    const now = new Set([...said.matchAll(/t(\d)/g)].map(([, number]) => Number(number)));
    const gaveUp = [...this.reads].some((partition) => !now.has(partition));
    this.reads = now;
    this.#phase = gaveUp ? 'out' : 'stable';
  }

  #told(error: string | null): void {
    if (error === null) return;
    this.#refused(error);
  }

  #refused(error: string): void {
    this.#phase = 'out';
    if (error === 'REBALANCE_IN_PROGRESS') return;
    expect(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']).toContain(error);
    this.lose();
    if (error !== 'ILLEGAL_GENERATION') this.id = '';
  }
}

/** Partitions in a row among the members; one that a member has not given up yet waits for that. */
function share({ members }: JoinAnswer, isEager: boolean): Record<string, Buffer> {
  const owners = new Map<number, string>();
  for (const { id, metadata } of isEager ? [] : members)
    for (const { partitions } of readEmbedded(subscription, metadata).ownedPartitions)
      for (const partition of partitions) owners.set(partition, id);
  const hands = new Map<string, number[]>(members.map(({ id }) => [id, []]));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { id = '' } = members[partition % members.length] ?? {};
    if ((owners.get(partition) ?? id) === id) hands.get(id)?.push(partition);
  }
  const places = (numbers: number[]) => numbers.map((partition) => ({ topic: TOPIC, partition }));
  return Object.fromEntries([...hands].map(([id, numbers]) => [id, gives(places(numbers))]));
}

/** What leaders of classic generations brought, beside what members were given. */
class Ledger {
  readonly ids = new Set<string>();
  readonly #brought = new Map<number, { leader: string; given: Record<string, Buffer> }[]>();
  answers = 0;

  /** A leader that comes again in its generation brings the same. */
  leads(generation: number, leader: string, given: Record<string, Buffer>): void {
    const known = this.#brought.get(generation) ?? [];
    for (const each of known) expect(each.leader, `generation ${generation}`).toBe(leader);
    this.#brought.set(generation, [...known, { leader, given }]);
  }

  given(generation: number, id: string, said: string): void {
    const brought = this.#brought.get(generation) ?? [];
    const of = brought.map(({ given }) => hand(given[id] ?? Buffer.alloc(0)));
    // A static member under a new id has what its last one was given.
    if (brought.some(({ given }) => id in given)) expect(of, `generation ${generation} of ${id}`).toContain(said);
    this.answers++;
  }
}

class Consumer extends Client {
  #epoch = 0;
  #pause = false;

  get isSettled() {
    return this.isMember;
  }

  act(): void {
    const owned = this.#pause ? this.scene.ids(...this.reads) : this.#epoch === 0 ? [] : null;
    try {
      const { memberEpoch, assigned } = this.scene.consumer(this.id, this.#epoch, { owned, instanceId: this.instance });
      this.#epoch = memberEpoch;
      this.isMember = true;
      this.#pause = false;
      if (assigned === null) return;
      const now = new Set(assigned.filter(({ topic }) => topic === TOPIC).map(({ partition }) => partition));
      this.#pause = [...this.reads].some((partition) => !now.has(partition));
      this.reads = now;
    } catch (error) {
      const { code } = error as { code: string };
      expect(
        [
          'UNKNOWN_MEMBER_ID',
          'FENCED_MEMBER_EPOCH',
          'FENCED_INSTANCE_ID',
          'GROUP_ID_NOT_FOUND',
          'UNRELEASED_INSTANCE_ID',
        ],
        `${error}`,
      ).toContain(code);
      this.#epoch = 0;
      this.lose();
    }
  }

  leave(): void {
    if (this.#epoch > 0) quietly(() => this.scene.consumer(this.id, -1, { instanceId: this.instance }));
    this.#epoch = 0;
    this.lose();
  }
}

class Own extends Client {
  get isSettled() {
    return this.isMember;
  }

  act(): void {
    const { groups } = this.scene.broker;
    const ref = { group: 'g', memberId: this.id };
    if (!this.isMember) this.isMember = quietly(() => this.scene.joinEmbedded(this.id)) !== undefined;
    const view = groups.membership(ref);
    if (view === null || quietly(() => groups.heartbeat(ref)) === undefined) return this.lose();
    const given = view.revoked.map(({ id }) => id);
    this.reads = new Set(view.assigned.map(({ partition }) => partition));
    if (given.length > 0) groups.commitAndRelease(ref, [], given);
  }

  leave(): void {
    if (this.isMember) quietly(() => this.scene.broker.groups.commitAndLeave({ group: 'g', memberId: this.id }, []));
    this.lose();
  }
}

function quietly<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch (error) {
    expect((error as { code: string }).code, `${error}`).toMatch(/^(UNKNOWN_MEMBER_ID|FENCED_.*|GROUP_ID_NOT_FOUND)$/);
    return undefined;
  }
}

class Simulation {
  readonly scene = new SocketScene({ [TOPIC]: PARTITIONS, later: 1 });
  readonly ledger = new Ledger();
  readonly clients: Client[] = [];
  readonly #random: () => number;
  readonly #isEager: boolean;
  readonly #isMixed: boolean;
  #count = 0;
  conversions = 0;
  #type = 'classic';

  constructor(random: () => number, { isEager, isMixed }: { isEager: boolean; isMixed: boolean }) {
    this.#random = random;
    this.#isEager = isEager;
    this.#isMixed = isMixed;
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  #start(): void {
    const instance = this.#random() < 0.25 ? `i${this.#count % 2}` : null;
    const kind = this.#isMixed ? this.#random() : 0;
    const client =
      kind < 0.6
        ? new Classic(this.scene, this.ledger, { isEager: this.#isEager, instance })
        : new (kind < 0.8 ? Consumer : Own)(this.scene, kind < 0.8 ? instance : null);
    if (!(client instanceof Classic)) client.id = `c${++this.#count}`;
    this.clients.push(client);
  }

  step(): void {
    const chance = this.#random();
    const client = this.#pick(this.clients.filter(({ hangs }) => !hangs));
    if (this.clients.length < 2 || (chance < 0.04 && this.clients.length < 6)) this.#start();
    else if (chance < 0.06) this.#remove(client, (gone) => gone.leave());
    else if (chance < 0.08) this.#remove(client, () => undefined);
    else if (chance < 0.1) this.#remove(client, ({ id }) => this.scene.groups.drop('g', id, this.scene.clock.time));
    else if (chance < 0.12 && client !== undefined) client.hangs = true;
    else if (chance < 0.14) for (const each of this.clients) each.hangs = false;
    else if (chance < 0.24)
      this.scene.clock.time += this.#pick([10, 200, 1000, SESSION / 2, SESSION + 1, REBALANCE]) as number;
    else if (chance < 0.25) this.scene.clock.time -= 3 * REBALANCE;
    else if (chance < 0.27) this.scene.groups.sweep();
    else if (chance < 0.28) this.scene.groups.excuse();
    else client?.act(this.#random());
    this.judge();
  }

  #remove(client: Client | undefined, how: (client: Client) => void): void {
    if (client === undefined) return;
    how(client);
    this.clients.splice(this.clients.indexOf(client), 1);
  }

  /** Nobody reads what another member reads; of a classic group, of this generation. */
  judge(): void {
    if (!this.scene.broker.groups.names().includes('g')) return;
    const { members, type, epoch } = this.scene.record();
    if (type !== this.#type) this.conversions++;
    this.#type = type;
    const ids = new Set(members.map(({ id }) => id));
    const readers = new Map<number, string>();
    for (const { id, reads, generation, isMember } of this.clients) {
      if (!isMember || !ids.has(id) || (type === 'classic' && generation !== epoch)) continue;
      for (const partition of reads) {
        expect(readers.get(partition), `${partition} is read by ${id} too`).toBeUndefined();
        readers.set(partition, id);
      }
    }
  }

  /** All that are left do what they do, in turn: in the end each partition has its reader. */
  settle(): void {
    for (const client of this.clients) client.hangs = false;
    const names = new Set<string | null>();
    for (const client of [...this.clients]) {
      const isTwin = client.instance !== null && names.has(client.instance);
      if (isTwin) this.#remove(client, () => undefined);
      names.add(client.instance);
    }
    for (let round = 0; round < 60; round++) {
      this.scene.clock.time += SESSION / 3;
      for (const client of this.clients) client.act(0.9);
      this.scene.groups.sweep();
      this.judge();
    }
    for (const client of this.clients) expect(client.isSettled, client.id).toBe(true);
    const read = this.clients.flatMap(({ reads }) => [...reads]).sort();
    expect(read).toEqual(this.clients.length > 0 ? [0, 1, 2, 3, 4] : []);
    const { state, members } = this.scene.record();
    expect([state, members.length]).toEqual(this.clients.length > 0 ? ['Stable', this.clients.length] : ['Empty', 0]);
  }
}

it.each([
  ['who give up everything when they join', { isEager: true, isMixed: false }],
  ['who give up only what they must', { isEager: false, isMixed: false }],
  ['who give up everything, and of other kinds', { isEager: true, isMixed: true }],
  ['who give up only what they must, and of other kinds', { isEager: false, isMixed: true }],
])(
  'whatever clients do, %s: one leader a generation, one reader a partition, nobody waits for ever (C1, C2, C4)',
  (_, how) => {
    const random = seeded('classic groups');
    let [answers, conversions] = [0, 0];
    for (let run = 0; run < 6; run++) {
      const simulation = new Simulation(random, how);
      for (let i = 0; i < 400; i++) simulation.step();
      simulation.settle();
      answers += simulation.ledger.answers;
      conversions += simulation.conversions;
    }
    expect(answers).toBeGreaterThan(5);
    if (how.isMixed) expect(conversions).toBeGreaterThan(5);
  },
);
