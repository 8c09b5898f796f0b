import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { MAX_PARTITIONS, type Topic, type TopicSpec, Topics } from '../../src/topic/topics.ts';

const NOW = 1_795_254_012_031;
let dir: string;
let store: Store;
let topics: Topics;
let ids = 0;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'beck-topics-'));
  store = Store.create(dir, { patience: NO_PATIENCE });
  topics = new Topics(store);
});

afterEach(() => {
  expect(store.integrityProblems()).toEqual([]);
  store.close();
  rmSync(dir, { recursive: true });
});

function uuid(): Buffer {
  const id = Buffer.alloc(16, 1);
  id.writeUInt32BE(++ids, 12);
  return id;
}

const create = (name: string, rest: Omit<TopicSpec, 'name'> = {}): Topic =>
  store.write(() => topics.create({ name, ...rest }, { now: NOW, uuid: uuid() }));
const find = (name: string) => store.read(() => topics.find(name));
const names = (found: readonly Topic[]) => found.map(({ name }) => name);

function refusal(act: () => unknown): { code: string; message: string; hint: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof BrokerError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('creating', () => {
  it('is seen by another process, all of it', () => {
    const made = create('orders', { partitions: 3, configs: { 'retention.ms': '1h' } });
    const other = Store.existing(dir, { patience: NO_PATIENCE }) as Store;
    expect(new Topics(other).find('orders')).toEqual(made);
    other.close();
    expect(made).toMatchObject({
      name: 'orders',
      created: NOW,
      config: { retentionMs: 3_600_000, retentionBytes: -1 },
    });
    expect(made.overrides).toEqual(new Map([['retention.ms', '3600000']]));
    expect(made.partitions.map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(find('orders')?.uuid).toEqual(made.uuid);
    expect(store.read(() => topics.findById(made.uuid))).toEqual(made);
  });

  it('gives one partition where none are asked for, and as many as are (T1)', () => {
    expect(create('one').partitions).toHaveLength(1);
    const many = create('many', { partitions: 10_000 });
    expect(many.partitions.map(({ number }) => number)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(new Set(many.partitions.map(({ id }) => id)).size).toBe(10_000);
  });

  it.each([0, -1, 1.5, Number.NaN, MAX_PARTITIONS + 1])('refuses %d partitions', (partitions) => {
    expect(refusal(() => create('t', { partitions }))).toMatchObject({
      code: 'INVALID_PARTITIONS',
      message: `a topic has 1 to 100 000 partitions; not ${partitions}`,
    });
  });

  it('refuses a name that is taken, is none, or collides (T3)', () => {
    create('a.b');
    expect(refusal(() => create('a.b')).code).toBe('TOPIC_ALREADY_EXISTS');
    expect(refusal(() => create('a/b')).code).toBe('INVALID_TOPIC_EXCEPTION');
    expect(refusal(() => create('a_b'))).toEqual({
      code: 'INVALID_TOPIC_EXCEPTION',
      message:
        "'a_b' is no name for a topic: it differs from topic 'a.b' only in `.` and `_`, which Kafka's metrics cannot tell apart",
      hint: 'choose a name that differs in something else',
    });
    expect(create('A_b').name).toBe('A_b');
  });

  it('refuses a config, and then leaves nothing (T2)', () => {
    expect(refusal(() => create('t', { configs: { 'retention.ms': 'soon' } })).code).toBe('INVALID_CONFIG');
    expect(
      refusal(() => store.write(() => topics.create({ name: 't' }, { now: NOW, uuid: Buffer.alloc(16) }))).code,
    ).toBe('BUG');
    expect(store.read(() => topics.list())).toEqual([]);
  });

  it('can be tried without being done', () => {
    expect(store.read(() => topics.checkNew({ name: 't', configs: { 'retention.ms': '1s' } }))).toEqual(
      new Map([['retention.ms', '1000']]),
    );
    expect(find('t')).toBeUndefined();
  });
});

describe('finding', () => {
  beforeEach(() => {
    for (const name of ['users', 'orders', 'orders-eu', 'commits']) create(name);
  });

  it('lists by name', () => {
    expect(names(store.read(() => topics.list()))).toEqual(['commits', 'orders', 'orders-eu', 'users']);
    expect(store.read(() => topics.names())).toEqual(['commits', 'orders', 'orders-eu', 'users']);
  });

  it('names the topic that was meant', () => {
    expect(refusal(() => topics.require('ordres'))).toEqual({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      message: "there is no topic 'ordres'",
      hint: "did you mean 'orders'? `beck topic list` shows them all",
    });
    expect(refusal(() => topics.require('payments')).hint).toBe('`beck topic list` shows them all');
  });

  it.each([
    ['orders', ['orders']],
    ['order', []],
    ['orders.*', ['orders', 'orders-eu']],
    ['users|orders', ['orders', 'users']],
    ['.*s', ['commits', 'orders', 'users']],
  ])('matches /%s/ against whole names', (pattern, found) => {
    expect(names(topics.match(pattern))).toEqual(found);
    expect(names(topics.select({ pattern }))).toEqual(found);
  });

  it('refuses a broken pattern as wrong usage', () => {
    expect(refusal(() => topics.match('orders('))).toMatchObject({
      code: 'USAGE',
      message: "'orders(' is no regular expression: Unterminated group",
    });
  });

  it('selects names in their order, each once, or none of them', () => {
    expect(names(topics.select({ names: ['users', 'orders', 'users'] }))).toEqual(['users', 'orders']);
    expect(refusal(() => topics.select({ names: ['users', 'user'] })).message).toBe("there is no topic 'user'");
  });
});

describe('altering', () => {
  it('adds partitions after those that are there, which keep their ids (T1)', () => {
    const before = create('orders', { partitions: 2 });
    create('other', { partitions: 2 });
    const after = store.write(() => topics.addPartitions(before, 5));
    expect(after.partitions.slice(0, 2)).toEqual(before.partitions);
    expect(after.partitions.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    expect(find('orders')).toEqual(after);
  });

  it.each([
    [2, 'orders has 2 partitions already'],
    [1, 'orders has 2 partitions; it cannot shrink to 1'],
    [0, 'a topic has 1 to 100 000 partitions; not 0'],
  ])('does not go from 2 to %d partitions', (total, message) => {
    const topic = create('orders', { partitions: 2 });
    expect(refusal(() => store.write(() => topics.addPartitions(topic, total)))).toMatchObject({
      code: 'INVALID_PARTITIONS',
      message,
    });
  });

  it('sets and unsets configs, and all of that or nothing (T2)', () => {
    const topic = create('orders', { configs: { 'retention.ms': '1h', 'segment.ms': '1d' } });
    const after = store.write(() => topics.alterConfigs(topic, { 'retention.bytes': '1GB' }, ['segment.ms']));
    expect(find('orders')).toEqual(after);
    expect(after.config).toMatchObject({ retentionMs: 3_600_000, retentionBytes: 1_000_000_000 });
    expect(
      refusal(() =>
        store.write(() => topics.alterConfigs(after, { 'retention.ms': '2h', 'retention.bytes': 'lots' }, [])),
      ).code,
    ).toBe('INVALID_CONFIG');
    expect(find('orders')).toEqual(after);
  });
});

it('removes a topic with its configs and partitions, and gives their ids to nobody', () => {
  const gone = create('orders', { partitions: 3, configs: { 'retention.ms': '1h' } });
  const stays = create('users', { partitions: 2, configs: { 'retention.ms': '2h' } });
  store.write(() => topics.remove(gone));
  const again = create('orders');
  expect(again.overrides.size).toBe(0);
  expect(again.id).toBeGreaterThan(stays.id);
  expect(Math.min(...again.partitions.map(({ id }) => id))).toBeGreaterThan(
    Math.max(...stays.partitions.map(({ id }) => id)),
  );
  expect(find('users')).toEqual(stays);
});

it('raises its version with every change, and with no refused one (T5)', () => {
  const seen = [topics.version()];
  const look = () => seen.push(store.read(() => topics.version()));
  let topic = create('orders');
  look();
  topic = store.write(() => topics.addPartitions(topic, 2));
  look();
  store.write(() => topics.alterConfigs(topic, { 'retention.ms': '1h' }, []));
  look();
  refusal(() => create('orders'));
  expect(store.read(() => topics.version())).toBe(seen.at(-1));
  store.write(() => topics.remove(topic));
  look();
  expect(new Set(seen).size).toBe(5);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

interface Model {
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** Names that exist, collide and are none, so that each answer is met. */
const NAME = fc.constantFrom('a', 'b', 'a.b', 'a_b', 'c-d', 'é');
const CONFIGS = fc.dictionary(
  fc.constantFrom('retention.ms', 'retention.bytes', 'segment.ms'),
  fc.constantFrom('1', '60000', '-5'),
  { noNullPrototype: true },
);
const STEP = fc.oneof(
  fc.record({
    act: fc.constant('create' as const),
    name: NAME,
    partitions: fc.integer({ min: 0, max: 5 }),
    configs: CONFIGS,
  }),
  fc.record({ act: fc.constant('grow' as const), name: NAME, partitions: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ act: fc.constant('set' as const), name: NAME, configs: CONFIGS }),
  fc.record({ act: fc.constant('remove' as const), name: NAME }),
);
type Step = typeof STEP extends fc.Arbitrary<infer S> ? S : never;

const validConfigs = (configs: Readonly<Record<string, string>>): boolean =>
  Object.entries(configs).every(([name, value]) => name === 'retention.bytes' || value !== '-5');

/** What must come of a step; undefined where it must be refused. */
function expected(model: ReadonlyMap<string, Model>, step: Step): Map<string, Model> | undefined {
  const next = new Map(model);
  const there = model.get(step.name);
  if (step.act === 'create') {
    const collides = [...model.keys()].some((name) => name.replace('.', '_') === step.name.replace('.', '_'));
    if (collides || step.name === 'é' || step.partitions === 0 || !validConfigs(step.configs)) return undefined;
    return next.set(step.name, { partitions: step.partitions, configs: step.configs });
  }
  if (there === undefined) return undefined;
  if (step.act === 'grow')
    return step.partitions > there.partitions
      ? next.set(step.name, { ...there, partitions: step.partitions })
      : undefined;
  if (step.act === 'set')
    return validConfigs(step.configs)
      ? next.set(step.name, { ...there, configs: { ...there.configs, ...step.configs } })
      : undefined;
  next.delete(step.name);
  return next;
}

function perform(step: Step): void {
  if (step.act === 'create') create(step.name, step);
  else if (step.act === 'grow') store.write(() => topics.addPartitions(topics.require(step.name), step.partitions));
  else if (step.act === 'set') store.write(() => topics.alterConfigs(topics.require(step.name), step.configs, []));
  else store.write(() => topics.remove(topics.require(step.name)));
}

it('does what a plain map of topics does, whatever is asked of it', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 20 }), (steps) => {
      let model = new Map<string, Model>();
      for (const step of steps) {
        const next = expected(model, step);
        if (next === undefined) refusal(() => perform(step));
        else perform(step);
        model = next ?? model;
        const found = store.read(() => topics.list());
        expect(
          found.map(({ name, partitions, overrides }) => [
            name,
            partitions.map(({ number }) => number),
            Object.fromEntries(overrides),
          ]),
        ).toEqual(
          [...model]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, { partitions, configs }]) => [name, Array.from({ length: partitions }, (_, i) => i), configs]),
        );
      }
      store.write(() => {
        for (const topic of topics.list()) topics.remove(topic);
      });
    }),
    { numRuns: 60 },
  );
});
