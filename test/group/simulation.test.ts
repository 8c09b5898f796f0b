import { expect, it } from 'vitest';
import { GroupAdministration } from '../../src/group/administration/administration.ts';
import { checkGroups } from '../../src/group/check/check.ts';
import type { Membership } from '../../src/group/groups.ts';
import type { Subscription } from '../../src/group/membership.ts';
import { Topics } from '../../src/topic/topics.ts';
import { seeded } from '../support/seed.ts';
import { GroupScene } from './group-scene.ts';

/**
 * Processes that read in a group, beside a model that knows who may do what. Whatever comes, goes, dies, hangs, wakes up late,
 * commits what it has no right to, whatever is reset and wherever the clock jumps: a partition has one reader and changes
 * hands only when it was given up (G1, G2), offsets are where their owners put them and never go back but by a reset (G5), and
 * in the end everybody who is left has a fair share.
 */
const SESSION = 1000;

interface Reader {
  readonly id: string;
  readonly pid: number;
  readonly instance: string | undefined;
  readonly subscription: Subscription;
  /** What it was last told that it has, with the next offset that it would commit. */
  readonly positions: Map<number, number>;
  /** When it was heard of, as the group must have it. */
  heard: number;
  hung: boolean;
  /** A static one that has left gives up whatever another shall have. */
  left: boolean;
}

interface Seen {
  readonly epoch: number;
  readonly version: number;
  readonly members: string;
  readonly owners: ReadonlyMap<number, string>;
  readonly shape: string;
}

class Simulation {
  readonly scene = new GroupScene({ 'a-1': 3, 'a-2': 2, b: 4 });
  readonly administration = new GroupAdministration(this.scene.broker.store, new Topics(this.scene.broker.store));
  readonly readers: Reader[] = [];
  readonly offsets = new Map<number, number>();
  /** Who gave up which partitions in this step. */
  readonly released = new Set<string>();
  readonly #random: () => number;
  #seen: Seen | undefined;
  #count = 0;
  accepted = 0;
  refused = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  get awake(): Reader[] {
    return this.readers.filter(({ pid, hung }) => !hung && !this.scene.ended.has(pid));
  }

  get subscription(): Subscription {
    const all: Subscription[] = [
      { names: ['a-1', 'b'] },
      { names: ['b', 'later'] },
      { pattern: 'a-.*' },
      { pattern: '.*' },
    ];
    return this.pick(all) as Subscription;
  }

  start(): void {
    const n = this.#count++;
    const instance = this.below(4) === 0 ? `i${this.below(2)}` : undefined;
    const wish = { subscription: this.subscription, instance, heard: this.scene.now };
    const reader = { id: `m${n}`, pid: 1000 + n, ...wish, positions: new Map(), hung: false, left: false };
    const view = this.#ask(() =>
      this.scene.join(reader.id, {
        subscription: reader.subscription,
        instanceId: instance,
        assignor: this.pick([undefined, 'range', 'roundrobin', 'sticky'] as const),
        sessionTimeoutMs: SESSION,
        process: { pid: reader.pid, started: '1', namespace: 'here' },
      }),
    );
    if (view === undefined) return expect(this.#rivalOf(instance)).toBeDefined();
    this.readers.push(reader);
    this.#told(reader, view);
  }

  #rivalOf(instance: string | undefined): Reader | undefined {
    return this.readers.find((reader) => reader.instance === instance && !this.scene.ended.has(reader.pid));
  }

  /** What a reader does when its time comes; it may have been thrown out meanwhile. */
  act(reader: Reader): void {
    const what = this.below(7);
    if (what === 0) this.#heard(reader, () => this.scene.beat(reader.id));
    if (what === 1) this.#told(reader, this.scene.view(reader.id));
    if (what === 2 || what === 3) this.commit(reader);
    if (what === 4) this.giveUp(reader);
    if (what === 5 && this.below(4) === 0) this.leave(reader);
    if (what === 6) this.trespass(reader);
  }

  /** A commit for a partition that another one has, or nobody. */
  trespass(reader: Reader): void {
    const id = this.pick(this.#partitions());
    if (id === undefined || this.#seen?.owners.get(id) === reader.id) return;
    const error = this.#heard(reader, () => this.scene.commit(reader.id, id, 0));
    expect([undefined, 'STALE_MEMBER_EPOCH']).toContain(error);
    this.refused++;
  }

  commit(reader: Reader): void {
    for (const [id, offset] of reader.positions) {
      const next = offset + this.below(5);
      reader.positions.set(id, next);
      const error = this.#heard(reader, () => this.scene.commit(reader.id, id, next));
      const owner = this.#seen?.owners.get(id);
      expect(error === null, `${reader.id} commits ${id}, which is ${owner}'s`).toBe(owner === reader.id);
      if (error === null) expect(next, `${id} goes back`).toBeGreaterThanOrEqual(this.offsets.get(id) ?? 0);
      if (error === null) this.offsets.set(id, next);
      if (error === null) this.accepted++;
      else this.refused++;
    }
  }

  giveUp(reader: Reader): void {
    const view = this.scene.view(reader.id);
    if (view !== null) this.#told(reader, view);
    for (const { id } of view?.revoked ?? []) {
      this.released.add(`${id} ${reader.id}`);
      reader.positions.delete(id);
    }
    const after = this.#heard(reader, () => this.scene.release(reader.id));
    if (after !== undefined) this.#told(reader, after);
  }

  leave(reader: Reader): void {
    this.#heard(reader, () => this.scene.leave(reader.id));
    reader.left = true;
    this.scene.ended.add(reader.pid);
  }

  reset(): void {
    const ids = this.#partitions();
    const id = this.pick(ids);
    if (id === undefined) return;
    const done = this.#ask(() =>
      this.scene.write(() => {
        this.scene.groups.removeGone('g', this.scene.around);
        this.administration.setOffsets('g', [{ id, offset: 0 }], this.scene.now);
        return true;
      }),
    );
    if (done) this.offsets.set(id, 0);
  }

  change(): void {
    const { broker } = this.scene;
    const names = broker.store.read(() => broker.catalogue.select().map(({ name }) => name));
    const what = this.below(3);
    const name = this.pick(names);
    if (what === 0) broker.createTopics([{ name: this.pick(['later', 'a-3', 'a-1', 'b']) as string }], true);
    if (what === 1 && name !== undefined)
      broker.alterTopic(name, { partitions: broker.topic(name).partitions.length + 1 });
    if (what === 2 && name !== undefined && names.length > 1)
      broker.store.write(() => broker.catalogue.remove(broker.catalogue.require(name)));
    const there = new Set(this.#partitions());
    for (const id of [...this.offsets.keys()]) if (!there.has(id)) this.offsets.delete(id);
  }

  tick(): void {
    const jump = this.pick([10, 50, 200, 200, SESSION / 2, SESSION + 1, 20 * SESSION, -5 * SESSION]) as number;
    this.scene.now += jump;
    for (const reader of this.readers) reader.heard = Math.min(reader.heard, this.scene.now);
  }

  step(): void {
    this.released.clear();
    const what = this.below(20);
    const reader = this.pick(this.awake);
    if (what < 2 && this.awake.length < 7) this.start();
    else if (what === 2 && reader !== undefined) this.scene.ended.add(reader.pid);
    else if (what === 3 && reader !== undefined) reader.hung = true;
    else if (what === 4) for (const sleeper of this.readers.filter(({ hung }) => hung)) this.#wake(sleeper);
    else if (what === 5) this.scene.removeGone();
    else if (what === 6) this.tick();
    else if (what === 7 && this.below(3) === 0) this.change();
    else if (what === 8 && this.below(3) === 0) this.reset();
    else if (what === 9) this.scene.write(() => this.scene.groups.refresh('g', this.scene.around));
    else if (reader !== undefined) this.act(reader);
    this.judge();
  }

  /** It goes on where it was stopped: with a commit of what may be another's by now. */
  #wake(sleeper: Reader): void {
    sleeper.hung = false;
    if (!this.scene.ended.has(sleeper.pid)) this.commit(sleeper);
  }

  judge(): void {
    const { store } = this.scene.broker;
    expect(checkGroups(store)).toEqual([]);
    const [record] = store.read(() => this.administration.records());
    if (record === undefined) return;
    expect(new Map(record.offsets.map(({ partition, offset }) => [partition, offset]))).toEqual(this.offsets);
    const owners = new Map(record.assignments.map(({ partition, owner }) => [partition, owner]));
    const seen: Seen = {
      epoch: record.epoch,
      version: record.version,
      members: record.members.map(({ id }) => id).join(),
      owners,
      shape: JSON.stringify([record.members.map(({ id }) => id), record.assignments]),
    };
    if (this.#seen !== undefined) this.#compare(this.#seen, seen);
    this.#seen = seen;
  }

  #compare(before: Seen, after: Seen): void {
    expect(after.epoch).toBeGreaterThanOrEqual(before.epoch);
    expect(after.version).toBeGreaterThanOrEqual(before.version);
    if (after.shape !== before.shape) expect(after.version, after.shape).toBeGreaterThan(before.version);
    const members = new Set(after.members.split(','));
    const left = new Set(this.readers.filter((reader) => reader.left).map(({ id }) => id));
    for (const id of before.members.split(',')) if (!members.has(id)) this.#expectEnd(id);
    for (const [partition, owner] of before.owners) {
      const now = after.owners.get(partition);
      if (now !== owner && members.has(owner) && !left.has(owner) && this.#partitions().includes(partition))
        expect(this.released, `${partition} of ${owner} went to ${now}`).toContain(`${partition} ${owner}`);
    }
  }

  /** A member is only taken out when it left, its process ended, or it was silent for a whole session. */
  #expectEnd(id: string): void {
    const reader = this.readers.find((other) => other.id === id);
    if (reader === undefined || this.scene.ended.has(reader.pid)) return;
    expect(this.scene.now - reader.heard, `${id} was taken out`).toBeGreaterThan(SESSION);
  }

  /** Whoever is left goes on as it should: after a few rounds everybody has a fair share of what it wants. */
  settle(): void {
    for (const reader of this.readers) if (reader.hung) this.scene.ended.add(reader.pid);
    this.scene.now += SESSION / 2;
    const members = () => this.awake.filter((reader) => this.scene.view(reader.id) !== null);
    for (let round = 0; round < 6; round++) {
      this.scene.now += SESSION / 2;
      const alive = members();
      for (const reader of alive) this.#heard(reader, () => this.scene.beat(reader.id));
      this.scene.removeGone();
      for (const reader of alive) this.giveUp(reader);
      for (const reader of alive) this.#heard(reader, () => this.scene.beat(reader.id));
    }
    const alive = members();
    const records = this.scene.broker.store.read(() => this.administration.records());
    expect(records.map(({ state }) => state)).toEqual(records.map(() => (alive.length > 0 ? 'Stable' : 'Empty')));
    const ids = new Set(alive.map(({ id }) => id));
    for (const row of records.flatMap(({ assignments }) => assignments)) expect(ids).toContain(row.owner);
  }

  #partitions(): number[] {
    const { broker } = this.scene;
    return broker.store.read(() =>
      broker.catalogue.select().flatMap(({ partitions }) => partitions.map(({ id }) => id)),
    );
  }

  /** What it has it goes on reading; what is new it begins at the committed offset. */
  #told(reader: Reader, view: Membership | null): void {
    if (view === null) return;
    const mine = [...view.assigned, ...view.revoked];
    const ids = new Set(mine.map(({ id }) => id));
    for (const id of [...reader.positions.keys()]) if (!ids.has(id)) reader.positions.delete(id);
    for (const { id, committed } of mine) if (!reader.positions.has(id)) reader.positions.set(id, committed ?? 0);
  }

  #heard<T>(reader: Reader, fn: () => T): T | undefined {
    const answer = this.#ask(fn);
    if (answer !== undefined) reader.heard = this.scene.now;
    return answer;
  }

  /** A refusal is an answer; undefined. */
  #ask<T>(fn: () => T): T | undefined {
    try {
      return fn();
    } catch (error) {
      const { code } = error as { code?: string };
      expect(['UNKNOWN_MEMBER_ID', 'UNRELEASED_INSTANCE_ID', 'NON_EMPTY_GROUP'], `${error}`).toContain(code);
      return undefined;
    }
  }
}

it('whatever members do: one reader a partition, no lost offset, no fenced commit (G1-G6)', () => {
  const random = seeded('groups');
  let [accepted, refused] = [0, 0];
  for (let run = 0; run < 12; run++) {
    const simulation = new Simulation(random);
    for (let i = 0; i < 300; i++) simulation.step();
    simulation.settle();
    accepted += simulation.accepted;
    refused += simulation.refused;
  }
  expect(accepted).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(10);
});
