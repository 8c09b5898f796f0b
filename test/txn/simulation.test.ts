import { expect, it } from 'vitest';
import { MergedRead } from '../../src/broker/merged-read.ts';
import { retentionSteps, trimTopicSteps } from '../../src/broker/retention-run.ts';
import type { ProducerIdentity } from '../../src/broker/transaction-coordinator.ts';
import type { Appended } from '../../src/log/log.ts';
import { abortedAmong, batchesInRange } from '../../src/log/read.ts';
import { ATTRIBUTE } from '../../src/record/batch.ts';
import { readMarker } from '../../src/record/control.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { seeded } from '../support/seed.ts';
import { check } from '../support/test-broker.ts';
import { Model, ModelPartition, type ModelSend } from './model.ts';
import { give, processOf, refOf, refused, sealed, TxnScene } from './txn-scene.ts';

/**
 * Producers beside a model of what they may do: processes and clients with transactional ids that they take from each other, idempotent
 * ones without; batches sent twice, late, in the wrong order, to partitions that were not added; commits and aborts, by them, by
 * administrators, by timeouts, by the end of their processes, by the loss of a group's member; retention, trim, compaction and
 * the deletion of a topic in between. After every step a reader of committed records sees whole transactions in their order and
 * nothing else, the last stable offset and the aborted list are right, and `check` finds nothing.
 */
const TIMEOUT = 1000;
const MEMBER = { group: 'g', memberId: 'm' };

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly id: number;
  readonly model: ModelPartition;
}

/** Who writes: what it believes it is, and what it has sent where. */
interface Agent {
  readonly name: string | null;
  readonly pid: number | null;
  me: ProducerIdentity;
  /** By the id of a partition. */
  readonly sent: Map<number, ModelSend[]>;
}

class Simulation {
  readonly scene = new TxnScene();
  readonly model = new Model();
  places: Place[] = [];
  readonly agents: Agent[] = [];
  readonly counts = { commits: 0, aborts: 0, copies: 0, refusals: 0, swept: 0, shown: 0, lost: 0 };
  readonly #random: () => number;
  readonly #reader: MergedRead;
  readonly #shown = new Map<ModelPartition, string[]>();
  #count = 0;

  constructor(random: () => number) {
    this.#random = random;
    const { broker, clock } = this.scene;
    broker.createTopics([
      { name: 'c', partitions: 1, configs: { 'cleanup.policy': 'compact', 'delete.retention.ms': '500' } },
      { name: 'v', partitions: 1 },
    ]);
    broker.alterTopic('t', { set: { 'retention.bytes': '1500', 'retention.ms': '-1' } });
    for (const topic of ['t', 'c', 'v']) this.#admit(topic);
    this.model.now = clock.time;
    this.scene.join('m', 1);
    this.#reader = this.#newReader();
  }

  #admit(topic: string): void {
    for (const { id, number } of this.scene.broker.topic(topic).partitions) {
      const model = new ModelPartition(topic === 'c');
      this.places.push({ topic, partition: number, id, model });
      this.model.partitions.add(model);
    }
  }

  /** Follows `t` and `c` from their start. */
  #newReader(): MergedRead {
    const { store, rows } = this.scene.broker;
    const followed = this.places.filter(({ topic }) => topic !== 'v');
    const ranges = followed.map(({ id }) => ({ partition: id, from: 0, until: Number.MAX_SAFE_INTEGER }));
    return store.read(() => new MergedRead(store, rows, ranges, 'read_committed'));
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** What the broker answers is what the model says; a refusal is its code. */
  #agree(what: string, expected: string | undefined, act: () => unknown): boolean {
    const answer = refused(act);
    expect(answer, what).toBe(expected ?? 'taken');
    if (expected !== undefined) this.counts.refusals++;
    return expected === undefined;
  }

  comeAs(name: string, pid: number | null, current?: ProducerIdentity): void {
    const timeout = pid === null ? TIMEOUT : null;
    const expected = this.model.init(name, timeout, pid, current);
    const request = {
      transactionalId: name,
      timeoutMs: timeout,
      process: pid === null ? null : processOf(pid),
      current,
    };
    const refusal = typeof expected === 'string' ? expected : undefined;
    let me: ProducerIdentity | undefined;
    this.#agree(`init ${name}`, refusal, () => {
      me = this.scene.init(request);
    });
    if (me === undefined || typeof expected === 'string') return;
    expect(me, `init ${name}`).toMatchObject({ producerId: expected.producerId, epoch: expected.epoch });
    const { producerId, epoch } = me;
    this.agents.push({ name, pid, me: { producerId, epoch }, sent: new Map() });
  }

  arrive(): void {
    const what = this.below(4);
    if (what === 0) this.comeAs(`p${this.#count}`, 1000 + this.#count++);
    if (what === 1 || what === 2) this.comeAs(this.pick(['a', 'b', 'd', 'e', 'x']), null);
    if (what !== 3) return;
    const me = { producerId: this.model.giveId(), epoch: 0 };
    const given = this.scene.write((t, now) => t.init({ transactionalId: null, timeoutMs: 0 }, now));
    expect(given).toEqual(me);
    this.agents.push({ name: null, pid: null, me, sent: new Map() });
  }

  /** A new epoch by its own wish, or the answer that it did not hear. */
  bump({ name, pid, me }: Agent): void {
    if (name === null) return;
    const current = this.pick([me, me, { ...me, epoch: Math.max(0, me.epoch - 1) }]);
    this.comeAs(name, pid, current);
  }

  addPartitions({ name, me }: Agent): void {
    if (name === null) return;
    const places = this.places.filter(() => this.below(2) === 0);
    const ids = places.map(({ id }) => id);
    const refusal = this.model.add(
      name,
      me,
      places.map(({ model }) => model),
    );
    this.#agree(`add ${name}`, refusal, () =>
      this.scene.write((transactions, now) => transactions.addPartitions(refOf(name, me), ids, now)),
    );
  }

  send(agent: Agent): void {
    const place = this.pick(this.places);
    const sent = agent.sent.get(place.id) ?? [];
    agent.sent.set(place.id, sent);
    const last = sent.findLast(({ epoch }) => epoch === agent.me.epoch);
    const next = last === undefined ? 0 : last.sequence + last.values.length;
    const values = Array.from({ length: 1 + this.below(3) }, () => `${this.#count++}`);
    const key = place.model.compacted ? `k${this.below(4)}` : null;
    const odd = this.below(12);
    const batch: ModelSend = {
      ...agent.me,
      sequence: odd === 0 ? next + 1 + this.below(3) : next,
      values,
      key,
      transactional: agent.name !== null && odd !== 1,
      client: agent.pid === null,
    };
    if (typeof this.#give(place, batch) === 'number') sent.push(batch);
  }

  /** The same again, some time later: only the last five are known still. */
  resend(agent: Agent): void {
    const place = this.pick(this.places);
    const sent = agent.sent.get(place.id) ?? [];
    if (sent.length === 0) return;
    const batch = this.pick(sent.slice(-7));
    const before = place.model.end;
    if (typeof this.#give(place, batch) === 'number' && place.model.end === before) this.counts.copies++;
  }

  #give({ topic, partition, model }: Place, batch: ModelSend): number | string {
    const { sequence, transactional, key, client } = batch;
    const expected = this.model.append(model, batch);
    const blob = sealed(batch, batch.values, { sequence, transactional, key });
    const answer = give(this.scene.broker, blob, { topic, partition, origin: client ? 'client' : 'producer' });
    expect(typeof answer === 'string' ? answer : (answer as Appended).baseOffset, JSON.stringify(batch)).toBe(expected);
    if (typeof expected === 'string') this.counts.refusals++;
    return expected;
  }

  end({ name, me }: Agent, commit: boolean): void {
    if (name === null) return;
    const refusal = this.model.tryEnd(name, me, commit);
    if (this.#agree(`end ${name}`, refusal, () => this.scene.end(refOf(name, me), commit)))
      this.counts[commit ? 'commits' : 'aborts']++;
  }

  /** What a client sends ahead, and what one of beck's own brings along with its commit. */
  offsets(agent: Agent): void {
    const { name, me, pid } = agent;
    if (name === null) return;
    const [id, offset] = [this.scene.source(this.below(3)), this.below(1000)];
    const refusal = this.model.stranger(name, me);
    const row = this.model.ids.get(name);
    if (pid === null) {
      const wrong = refusal ?? (row?.state === 'Ongoing' ? undefined : 'INVALID_TXN_STATE');
      const sent = { group: 'idle', member: null, offsets: [{ id, offset }] };
      const taken = this.#agree(`pend ${name}`, wrong, () =>
        this.scene.write((transactions) => transactions.pend(refOf(name, me), sent, this.scene.around)),
      );
      if (taken) row?.offsets.set(id, offset);
      return;
    }
    const wrong = refusal ?? (this.model.memberIsHere ? undefined : 'UNKNOWN_MEMBER_ID');
    const sent = { group: 'g', member: MEMBER, offsets: [{ id, offset }] };
    const taken = this.#agree(`commit ${name} with offsets`, wrong, () =>
      this.scene.write((transactions) => transactions.commitWith(refOf(name, me), sent, this.scene.around)),
    );
    if (!taken || row === undefined) return;
    this.model.committed.g.set(id, offset);
    row.worksForMember = true;
    if (row.state === 'Ongoing') this.model.end(name, me, true);
    this.counts.commits++;
  }

  abortAny(): void {
    const name = this.pick([...this.model.ids.keys(), 'nobody']);
    const row = this.model.ids.get(name);
    const refusal = row === undefined ? 'TRANSACTIONAL_ID_NOT_FOUND' : 'INVALID_TXN_STATE';
    const open = row?.state === 'Ongoing';
    this.#agree(`abort ${name}`, open ? undefined : refusal, () =>
      this.scene.write((transactions, now) => transactions.abort(name, now)),
    );
    if (open) this.model.fence(name);
  }

  sweep(): void {
    const aborted = this.model.sweep((pid) => this.scene.ended.has(pid));
    expect(this.scene.sweep(), 'sweep').toBe(aborted);
    this.counts.swept += aborted;
  }

  tick(): void {
    this.scene.clock.time += this.pick([1, 10, 100, 100, 100, TIMEOUT / 2, TIMEOUT + 1, this.pick([1, 1, 86_400_001])]);
    this.model.now = this.scene.clock.time;
    if (this.below(3) > 0) this.sweep();
    if (this.below(4) > 0) return;
    this.model.expireProducers();
    this.scene.broker.transactions.expireProducers();
  }

  member(): void {
    const { memberIsHere } = this.model;
    if (memberIsHere) this.scene.leave('m');
    else this.scene.join('m', 1);
    this.model.memberIsHere = !memberIsHere;
  }

  /** Records that go, never beyond the last stable offset unless somebody says so. */
  lose(): void {
    const { broker, clock } = this.scene;
    const before = this.places.map(({ model }) => model.logStart);
    const place = this.pick(this.places);
    if (this.below(3) === 0 && !place.model.compacted) {
      const offset = place.model.logStart + this.below(place.model.end - place.model.logStart + 1);
      const partitions = [{ id: place.id, number: place.partition }];
      const trim = { before: { at: 'offset', offset } as const, partitions, dryRun: false };
      drain(trimTopicSteps(broker, broker.topic(place.topic), trim));
      place.model.logStart = Math.max(place.model.logStart, offset);
    } else {
      const topics = broker.store.read(() => broker.catalogue.select({ names: ['t', 'c'] }));
      drain(retentionSteps(broker, { topics, now: clock.time, dryRun: false, onlyDue: false }));
      for (const { id, model } of this.places) {
        const { logStart } = broker.rows.partition(id) ?? { logStart: -1 };
        expect(logStart).toBeLessThanOrEqual(Math.max(model.lastStable, model.logStart));
        model.logStart = logStart;
      }
    }
    if (this.places.some(({ model }, i) => model.logStart !== before[i])) this.counts.lost++;
  }

  remakeTopic(): void {
    const { broker } = this.scene;
    broker.store.write(() => broker.catalogue.remove(broker.topic('v')));
    for (const { model } of this.places.filter(({ topic }) => topic === 'v')) this.model.partitions.delete(model);
    this.places = this.places.filter(({ topic }) => topic !== 'v');
    for (const row of this.model.ids.values())
      for (const each of row.partitions) if (!this.model.partitions.has(each)) row.partitions.delete(each);
    broker.createTopics([{ name: 'v' }]);
    this.#admit('v');
  }

  die(agent: Agent): void {
    if (agent.pid === null) return;
    this.scene.ended.add(agent.pid);
    this.agents.splice(this.agents.indexOf(agent), 1);
  }

  act(agent: Agent): void {
    const what = this.below(40);
    if (what < 16) this.send(agent);
    else if (what < 19) this.resend(agent);
    else if (what < 27) this.addPartitions(agent);
    else if (what < 31) this.end(agent, true);
    else if (what < 35) this.end(agent, false);
    else if (what < 38) this.offsets(agent);
    else if (what < 39) this.bump(agent);
    else this.die(agent);
  }

  step(): void {
    const what = this.below(80);
    const agent = this.pick(this.agents);
    if (what < 3 || agent === undefined) this.arrive();
    else if (what === 3) this.abortAny();
    else if (what < 8) this.tick();
    else if (what === 8) this.sweep();
    else if (what < 11) this.lose();
    else if (what === 11 && this.below(3) === 0) this.member();
    else if (what === 12 && this.below(6) === 0) this.remakeTopic();
    else this.act(agent);
    if (this.agents.length > 6) this.agents.splice(this.below(4), 1);
    this.judge();
  }

  judge(): void {
    const { broker } = this.scene;
    const rows = broker.transactions.list();
    expect(
      rows.map(({ transactionalId, producerId, epoch, state }) => ({ transactionalId, producerId, epoch, state })),
    ).toEqual(
      [...this.model.ids]
        .map(([transactionalId, { producerId, epoch, state }]) => ({ transactionalId, producerId, epoch, state }))
        .sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1)),
    );
    for (const place of this.places) this.#judgePlace(place);
    for (const group of ['idle', 'g'] as const)
      expect(new Map(broker.store.read(() => this.scene.groups.committed(group)))).toEqual(this.model.committed[group]);
    this.#follow();
    if (this.below(8) === 0) expect(check(broker)).toEqual([]);
  }

  #judgePlace({ topic, partition, id, model }: Place): void {
    const { broker } = this.scene;
    const row = broker.rows.partition(id);
    const where = `${topic} ${partition}`;
    expect([row?.logStart, row?.lastStable, row?.nextOffset], where).toEqual([
      model.logStart,
      model.lastStable,
      model.end,
    ]);
    const seen = this.#seen(id, model.logStart, model.lastStable);
    const wanted = model.visible.map(told);
    if (!model.compacted) expect(seen, where).toEqual(wanted);
    else {
      expect(
        wanted.filter((value) => seen.includes(value)),
        where,
      ).toEqual(seen);
      const newest = new Map(model.visible.map((record) => [record.key, told(record)]));
      for (const value of newest.values()) expect(seen, where).toContain(value);
    }
    const from = model.logStart + this.below(model.end - model.logStart + 1);
    const fetched = seen.filter((record) => Number.parseInt(record, 10) >= from);
    expect(this.#fetched(id, from, model.lastStable), where).toEqual(fetched);
    const aborted = broker.store.prepare(
      'SELECT first, last, producer_id AS producerId FROM aborted_txn WHERE partition = ? ORDER BY last',
    );
    const said = broker.store.read(() => aborted.all(id));
    const there = model.aborted.filter(({ last }) => last >= model.logStart);
    if (model.compacted) for (const each of said) expect(there, where).toContainEqual(each);
    else expect(said, where).toEqual(there);
  }

  #seen(id: number, from: number, until: number): string[] {
    const { broker } = this.scene;
    const visible = broker.store.read(() =>
      broker.rows
        .batches(id, 0, until, 1e6)
        .filter((row) => (row.attributes & ATTRIBUTE.control) === 0 && !this.#isAborted(id, row)),
    );
    const records = visible.flatMap(({ seq }) => decodeBatch(broker.rows.data(seq) as Buffer));
    return records.filter(({ offset }) => offset >= from && offset < until).map(told);
  }

  #isAborted(
    id: number,
    { base, producerId, attributes }: { base: number; producerId: number; attributes: number },
  ): boolean {
    return (
      (attributes & ATTRIBUTE.transactional) !== 0 && this.scene.broker.rows.producers.isAborted(id, base, producerId)
    );
  }

  /** What Kafka's consumer makes of unopened batches and the list of aborted transactions (CompletedFetch.nextFetchedRecord). */
  #fetched(id: number, from: number, until: number): string[] {
    const { rows, store } = this.scene.broker;
    return store.read(() => {
      const batches = batchesInRange(rows, id, from, until, 1e6);
      const aborted = abortedAmong(rows, batches);
      const hidden = new Set<number>();
      return batches.flatMap(({ seq, last, producerId, attributes }) => {
        for (let next = aborted[0]; next !== undefined && next.first <= last; next = aborted[0]) {
          hidden.add(next.producerId);
          aborted.shift();
        }
        const blob = rows.data(seq) as Buffer;
        if ((attributes & ATTRIBUTE.control) !== 0) {
          if (!readMarker(blob).commit) hidden.delete(producerId);
          return [];
        }
        if ((attributes & ATTRIBUTE.transactional) !== 0 && hidden.has(producerId)) return [];
        const records = decodeBatch(blob).filter(({ offset }) => offset >= from && offset < until);
        return records.map(told);
      });
    });
  }

  /** One that reads all the time is shown what becomes visible, each record once and in order, and nothing that does not. */
  #follow(): void {
    if (this.below(4) === 0) return;
    this.scene.broker.store.read(() => this.#reader.refresh());
    for (let batches = this.#reader.next(500); batches.length > 0; batches = this.#reader.next(500)) {
      for (const { row, blob, from, until } of batches) {
        const { model } = this.places.find(({ id }) => id === row.partition) as Place;
        const records = decodeBatch(blob).filter(({ offset }) => offset >= from && offset < until);
        this.#shown.set(model, [...(this.#shown.get(model) ?? []), ...records.map(told)]);
        this.counts.shown += records.length;
      }
    }
    for (const [model, shown] of this.#shown) {
      const all = model.records.filter(({ offset, transaction }) => {
        return offset < model.lastStable && (transaction === null || transaction.fate === 'committed');
      });
      const values = new Set(shown);
      expect(values.size).toBe(shown.length);
      expect(all.map(told).filter((record) => values.has(record))).toEqual(shown);
    }
  }
}

/** A batch that is sent again when nobody knows of it any more is stored again, elsewhere. */
function told({ offset, value }: { readonly offset: number; readonly value: unknown }): string {
  return `${offset} ${value}`;
}

function drain(steps: Iterator<unknown>): void {
  while (steps.next().done !== true);
}

it('whatever producers do: whole transactions in their order, and nothing else (X1-X6, L8, L9)', () => {
  const random = seeded('transactions');
  const all = { commits: 0, aborts: 0, copies: 0, refusals: 0, swept: 0, shown: 0, lost: 0 };
  for (let run = 0; run < 8; run++) {
    const simulation = new Simulation(random);
    for (let i = 0; i < 400; i++) simulation.step();
    for (const [name, count] of Object.entries(simulation.counts)) all[name as keyof typeof all] += count;
  }
  for (const [name, count] of Object.entries(all)) expect(count, name).toBeGreaterThan(10);
});
