import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { giveBackSteps } from '../../src/broker/give-back.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

const MEGABYTE = 1 << 20;

/** A file of which the first `free` MB are free, and the last `used` are not. */
function halfEmpty({ free, used }: { free: number; used: number }): Broker {
  const broker = openTestBroker();
  broker.createTopics([{ name: 'old' }, { name: 't' }]);
  const value = Buffer.alloc(MEGABYTE - 1000, 'x');
  for (let i = 0; i < free; i++) append(broker, 'old', 0, [{ value }]);
  for (let i = 0; i < used; i++) append(broker, 't', 0, [{ value }]);
  broker.createTopics([{ name: 'last' }]);
  broker.store.write(() => broker.catalogue.remove(broker.catalogue.require('old')));
  broker.store.checkpoint('truncate');
  return broker;
}

const sizeOf = (broker: Broker, suffix = '') => statSync(`${broker.store.path}${suffix}`).size / MEGABYTE;

it('moves what is used to the front, a step at a time, and the WAL stays small without anybody’s help', () => {
  const broker = halfEmpty({ free: 60, used: 60 });
  const done: number[] = [];
  let largest = 0;
  for (const step of giveBackSteps(broker)) {
    done.push(step.done);
    largest = Math.max(largest, sizeOf(broker, '-wal'));
  }
  expect(done.length).toBeGreaterThan(10);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(largest).toBeLessThan(20);
  broker.store.checkpoint('truncate');
  expect([broker.store.freeBytes(), Math.floor(sizeOf(broker) / 10)]).toEqual([0, 6]);
});

it('stops while somebody reads one view for long, with a WAL that stays below its bound, and goes on later', () => {
  const broker = halfEmpty({ free: 90, used: 90 });
  const reader = Store.create(broker.dir, { patience: NO_PATIENCE });
  reader.read(() => {
    reader.prepare('SELECT count(*) FROM batch').get();
    for (const _ of giveBackSteps(broker));
    expect(broker.store.freeBytes()).toBeGreaterThan(20 * MEGABYTE);
    expect(sizeOf(broker, '-wal')).toBeGreaterThan(32);
    expect(sizeOf(broker, '-wal')).toBeLessThan(64);
  });
  reader.close();
  for (const _ of giveBackSteps(broker));
  expect(broker.store.freeBytes()).toBe(0);
});

it('waits for such a reader as long as it was told to', () => {
  const broker = halfEmpty({ free: 90, used: 90 });
  const reader = Store.create(broker.dir, { patience: NO_PATIENCE });
  reader.prepare('BEGIN').run();
  reader.prepare('SELECT count(*) FROM batch').get();
  let waited = 0;
  let before = Number.NaN;
  for (const { done } of giveBackSteps(broker, 60_000)) {
    if (done === before && ++waited === 3) reader.prepare('COMMIT').run();
    before = done;
  }
  expect([waited, broker.store.freeBytes()]).toEqual([3, 0]);
  reader.close();
});
