import { expect, it } from 'vitest';
import { Housekeeping } from '../../src/broker/housekeeping.ts';
import { Lease } from '../../src/broker/lease.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { HOUSEKEEPING_MS } from '../../src/settings.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';

function setUp() {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  return { clock, broker, ours: new Lease(broker), theirs: new Lease(broker) };
}

it('is claimed by one when a round is due, and by another once it has run out', () => {
  const { clock, ours, theirs } = setUp();
  expect([ours.claim(), theirs.claim(), ours.keep(), theirs.keep()]).toEqual([true, false, true, false]);
  clock.time += HOUSEKEEPING_MS;
  expect([theirs.claim(), ours.keep(), theirs.keep()]).toEqual([true, false, true]);
});

it('stays ours for as long as we ask, however long that is', () => {
  const { clock, ours, theirs } = setUp();
  ours.claim();
  for (let i = 0; i < 20; i++) {
    clock.time += HOUSEKEEPING_MS / 4;
    expect([ours.keep(), theirs.claim()]).toEqual([true, false]);
  }
});

it('goes to whoever needs it, who gives it up as it was', () => {
  const { clock, ours, theirs } = setUp();
  ours.claim();
  ours.release(clock.time, clock.time + 5000);
  const due = theirs.take();
  expect(due).toBe(clock.time + 5000);
  clock.time += 5000;
  expect([ours.claim(), ours.keep(), theirs.keep()]).toEqual([false, false, true]);
  theirs.release(null, due);
  expect(ours.times).toEqual({ last: clock.time - 5000, next: clock.time });
  expect(ours.claim()).toBe(true);
});

it('is not given up by those who have lost it', () => {
  const { clock, ours, theirs } = setUp();
  ours.claim();
  theirs.take();
  ours.release(clock.time, clock.time);
  expect([theirs.keep(), theirs.times.last]).toEqual([true, null]);
});

it('whoever was asked to free space has it meanwhile: housekeeping waits, and is due when it was', async () => {
  const { clock, broker } = setUp();
  broker.createTopics([{ name: 't', configs: { 'retention.ms': '1000' } }]);
  const housekeeping = new Housekeeping(broker);
  housekeeping.runBriefly(Number.POSITIVE_INFINITY);
  const { next } = housekeeping.times;
  const value = Buffer.alloc(500_000, 'x');
  for (let i = 0; i < 40; i++) append(broker, 't', 0, [{ value, timestamp: clock.time }]);
  clock.time += HOUSEKEEPING_MS + 1000;
  const told: boolean[] = [];
  const other = new Lease(broker);
  await new EmbeddedCluster(broker).runRetention({ dryRun: false, onProgress: () => void told.push(other.claim()) });
  expect(new Set(told)).toEqual(new Set([false]));
  expect(broker.rows.partition(1)).toMatchObject({ logStart: 40, records: 0 });
  expect([housekeeping.times.next, other.claim()]).toEqual([next, true]);
});
