import { statSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Housekeeping } from '../../src/broker/housekeeping.ts';
import { offsetsRetentionMs } from '../../src/broker/offsets-retention.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { HOUSEKEEPING_MS } from '../../src/settings.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';

function setUp(configs: Record<string, string>) {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', configs }]);
  return { clock, broker, housekeeping: new Housekeeping(broker) };
}

describe('housekeeping', () => {
  it('runs when it is due and not before; one process at a time holds the lease', () => {
    const { clock, broker, housekeeping } = setUp({ 'retention.ms': '1000' });
    expect(housekeeping.times).toEqual({ last: null, next: null });
    housekeeping.runBriefly(Number.POSITIVE_INFINITY);
    expect(housekeeping.times).toEqual({ last: clock.time, next: clock.time + HOUSEKEEPING_MS });
    append(broker, 't', 0, [{ value: 'old', timestamp: clock.time }]);
    clock.time += HOUSEKEEPING_MS - 1;
    new Housekeeping(broker).runBriefly(Number.POSITIVE_INFINITY);
    expect(broker.rows.partition(1)?.logStart).toBe(0);
    clock.time += 1;
    new Housekeeping(broker).runBriefly(Number.POSITIVE_INFINITY);
    expect(broker.rows.partition(1)).toMatchObject({ logStart: 1, records: 0, bytes: 0 });
  });

  it('with little time does a part, and leaves the rest due at once', () => {
    const { clock, broker, housekeeping } = setUp({ 'retention.ms': '1000' });
    for (let i = 0; i < 200; i++) append(broker, 't', 0, [{ value: `${i}`, timestamp: clock.time }]);
    clock.time += 5000;
    housekeeping.runBriefly(0);
    expect(broker.rows.partition(1)?.logStart).toBeGreaterThan(0);
    expect(broker.rows.partition(1)?.logStart).toBeLessThan(200);
    expect(housekeeping.times.next).toBe(clock.time);
    for (let i = 0; i < 20; i++) housekeeping.runBriefly(0);
    expect(broker.rows.partition(1)).toMatchObject({ logStart: 200, records: 0 });
  });

  it('with little time gets round all partitions of a large topic in the end', () => {
    const clock = new TestClock();
    const broker = openTestBroker({ clock });
    broker.createTopics([{ name: 't', partitions: 40, configs: { 'retention.ms': '1000' } }]);
    for (let i = 0; i < 40; i++) append(broker, 't', i, [{ value: 'old', timestamp: clock.time }]);
    clock.time += 5000;
    const housekeeping = new Housekeeping(broker);
    const left = () =>
      broker.topic('t').partitions.filter(({ id }) => broker.rows.partition(id)?.logStart === 0).length;
    for (let i = 0; i < 5000 && left() > 0; i++) housekeeping.runBriefly(0);
    expect(left()).toBe(0);
  });

  it('honours the dirty ratio, which `retention run` does not', async () => {
    const { broker, housekeeping } = setUp({ 'cleanup.policy': 'compact' });
    for (let i = 0; i < 10; i++) append(broker, 't', 0, [{ key: 'k', value: `${i}` }]);
    await new EmbeddedCluster(broker).runRetention({ dryRun: false });
    expect(broker.rows.partition(1)).toMatchObject({ records: 1, nextOffset: 10 });
    append(
      broker,
      't',
      0,
      Array.from({ length: 20 }, (_, i) => ({ key: `n${i}`, value: 'x'.repeat(100) })),
    );
    await new EmbeddedCluster(broker).runRetention({ dryRun: false });
    append(broker, 't', 0, [{ key: 'k', value: 'newest' }]);
    housekeeping.runBriefly(Number.POSITIVE_INFINITY);
    expect(broker.rows.partition(1)?.records).toBe(22);
    await new EmbeddedCluster(broker).runRetention({ dryRun: false });
    expect(broker.rows.partition(1)?.records).toBe(21);
  });

  it('a short writer does a little of it after its own commit, and the file shrinks', async () => {
    const clock = new TestClock();
    const broker = openTestBroker({ clock });
    broker.createTopics([{ name: 't', configs: { 'retention.ms': '1000' } }]);
    const value = Buffer.alloc(200_000, 'x');
    for (let i = 0; i < 40; i++) append(broker, 't', 0, [{ value, timestamp: clock.time }]);
    clock.time += 100_000;
    broker.store.checkpoint('truncate');
    const before = statSync(broker.store.path).size;
    const housekeeping = new Housekeeping(broker);
    for (let i = 0; i < 20 && housekeeping.times.last === null; i++) housekeeping.runBriefly(0);
    broker.store.checkpoint('truncate');
    expect(broker.rows.partition(1)).toMatchObject({ logStart: 40, records: 0, bytes: 0 });
    expect(statSync(broker.store.path).size).toBeLessThan(before / 4);
  });

  it('offsets of a group that nobody reads in go after offsets.retention.minutes, and the group with them', () => {
    vi.stubEnv('BECK_OFFSETS_RETENTION_MINUTES', '2');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { clock, broker, housekeeping } = setUp({});
    broker.groups.setOffsets('g', [{ id: 1, offset: 3 }]);
    clock.time += 2 * 60_000;
    housekeeping.runBriefly(Number.POSITIVE_INFINITY);
    expect(broker.groups.names()).toEqual(['g']);
    clock.time += HOUSEKEEPING_MS;
    housekeeping.runBriefly(Number.POSITIVE_INFINITY);
    expect(broker.groups.names()).toEqual([]);
  });

  it('knows Kafka’s default for that, and refuses what is no number of minutes', () => {
    expect(offsetsRetentionMs({})).toBe(7 * 24 * 3_600_000);
    expect(offsetsRetentionMs({ BECK_OFFSETS_RETENTION_MINUTES: '5' })).toBe(300_000);
    for (const odd of ['0', '-1', '1.5', 'a week', '99999999999'])
      expect(() => offsetsRetentionMs({ BECK_OFFSETS_RETENTION_MINUTES: odd })).toThrow(
        /BECK_OFFSETS_RETENTION_MINUTES/,
      );
  });
});
