import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { GroupView } from '../../src/broker/group-view/describe.ts';
import { VIEW_SQL } from '../../src/broker/group-view/rows.ts';
import { retentionSteps } from '../../src/broker/retention-run.ts';
import { encodeMarker } from '../../src/record/control.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';

const NOW = new TestClock().time;

function setUp(configs: Record<string, string> = {}): Broker {
  const broker = openTestBroker({ clock: new TestClock() });
  broker.createTopics([{ name: 't', partitions: 2, configs }]);
  return broker;
}

function commit(broker: Broker, group: string, offset: number): void {
  const id = broker.topic('t').partitions[0]?.id as number;
  broker.groups.commit(group, null, [{ id, offset }]);
}

/** Ages of the first record that each group has not committed, ms. */
function behind(broker: Broker, names?: readonly string[]): (number | null)[] {
  const groups = broker.store.read(() => new GroupView(broker).describe(names, NOW));
  return groups.map(({ partitions }) => partitions[0]?.behindMs ?? null);
}

it.each(Object.entries(VIEW_SQL).filter(([name]) => name !== 'partitions'))(
  '%s looks at no more rows than it is asked for',
  (_, sql) => {
    const { store } = openTestBroker();
    const parameters = [...sql.matchAll(/\?/g)].map(() => 0);
    const plan = store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    for (const { detail } of plan) expect(detail).not.toMatch(/^SCAN/);
  },
);

describe('how long the first record waits that is not committed', () => {
  it('is told by the batch where it can be, else by the record', () => {
    const broker = setUp();
    for (const ages of [[900, 700, 800], [600, 600], [500]])
      append(
        broker,
        't',
        0,
        ages.map((age) => ({ value: 'x', timestamp: NOW - age })),
      );
    for (let offset = 0; offset <= 6; offset++) commit(broker, `at ${offset}`, offset);
    expect(behind(broker)).toEqual([900, 700, 800, 600, 600, 500, null]);
  });

  it('is that of the next record where compaction has left none', () => {
    const broker = setUp({ 'cleanup.policy': 'compact' });
    for (const [key, age] of [
      ['a', 900],
      ['b', 800],
      ['a', 700],
      ['c', 600],
    ] as const)
      append(broker, 't', 0, [{ key, value: 'x', timestamp: NOW - age }]);
    const steps = retentionSteps(broker, { topics: [broker.topic('t')], now: NOW, dryRun: false, onlyDue: false });
    while (!steps.next().done);
    expect(broker.store.read(() => broker.rows.batchFrom(1, 0))).toMatchObject({ base: 1 });
    commit(broker, 'g', 0);
    expect(behind(broker)).toEqual([800]);
  });

  it('passes over the markers of transactions, and is none where only such are left', () => {
    const broker = setUp();
    append(broker, 't', 0, [{ value: 'x', timestamp: NOW - 900 }]);
    const ending = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0 };
    const blob = encodeMarker({ ...ending, commit: true, timestamp: NOW - 500 });
    broker.append('t', [{ partition: 0, blob }], 'coordinator', 'normal');
    commit(broker, 'g', 1);
    expect(behind(broker)).toEqual([null]);
    append(broker, 't', 0, [{ value: 'x', timestamp: NOW - 100 }]);
    expect(behind(broker)).toEqual([100]);
  });

  it('is zero of a record from the future', () => {
    const broker = setUp();
    append(broker, 't', 0, [{ value: 'x', timestamp: NOW + 900 }]);
    commit(broker, 'g', 0);
    expect(behind(broker)).toEqual([0]);
  });

  it('opens at most five hundred batches; then a record counts as old as its batch', () => {
    const broker = setUp();
    append(
      broker,
      't',
      0,
      Array.from({ length: 600 }, (_, i) => ({ value: 'x', timestamp: NOW - 1000 + i })),
    );
    const names = Array.from({ length: 599 }, (_, i) => `at ${i + 1}`);
    for (const [i, name] of names.entries()) commit(broker, name, i + 1);
    const ages = behind(broker, names);
    expect(ages.slice(0, 500)).toEqual(names.slice(0, 500).map((_, i) => 999 - i));
    expect(new Set(ages.slice(500))).toEqual(new Set([1000]));
  });
});

it('many partitions are asked for at once, and come out the same', () => {
  const broker = setUp();
  broker.alterTopic('t', { partitions: 300 });
  const view = new GroupView(broker);
  const rows = broker.topic('t').partitions.map(({ id, number }) => ({ id, offset: number }));
  broker.groups.commit('few', null, rows.slice(0, 2));
  const few = broker.store.read(() => view.describe(['few'], NOW));
  broker.groups.commit('many', null, rows);
  const both = broker.store.read(() => view.describe(['few', 'many'], NOW));
  expect(both[0]).toEqual(few[0]);
  expect(both[1]?.partitions.map(({ partition, committed }) => [partition, committed])).toEqual(
    rows.map(({ offset }) => [offset, offset]),
  );
  expect(broker.store.read(() => view.list())).toMatchObject([{ partitions: 2 }, { partitions: 300 }]);
});
