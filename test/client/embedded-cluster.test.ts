import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, check, openTestBroker } from '../support/test-broker.ts';

function filled(): Broker {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2, configs: { 'retention.ms': '-1' } }]);
  for (let i = 0; i < 10; i++) append(broker, 't', i % 2, [{ key: `k${i}`, value: 'x'.repeat(1000) }]);
  return broker;
}

function stopped(broker: Broker): EmbeddedCluster {
  return new EmbeddedCluster(broker, { signal: AbortSignal.abort() });
}

describe('the embedded cluster', () => {
  it('where there is no data directory, reads as an empty one and creates nothing', async () => {
    const dir = join(tempDir(), 'none');
    const cluster = new EmbeddedCluster(Broker.open(dir, 'existing'));
    expect(await cluster.listTopics()).toEqual([]);
    expect(await cluster.status()).toMatchObject({ exists: false, topics: 0, diskBytes: 0 });
    await expect(cluster.check()).rejects.toMatchObject({ code: 'NO_DATA_DIRECTORY', exitCode: 3 });
    await expect(
      cluster.consume({ topics: { names: ['t'] }, from: { at: 'start' }, follow: false, isolation: 'read_committed' }),
    ).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      hint: expect.stringContaining(dir),
    });
    await cluster.close();
    expect(existsSync(dir)).toBe(false);
  });

  it('a snapshot is whole, of one moment, and opens like any data directory', async () => {
    const broker = filled();
    const into = join(tempDir(), 'copy');
    await new EmbeddedCluster(broker).snapshot(into);
    append(broker, 't', 0, [{ value: 'later' }]);
    const copy = openTestBroker({ dir: into });
    const [before] = await new EmbeddedCluster(copy).describeTopics({ names: ['t'] });
    expect(before).toMatchObject({ records: 10, partitions: 2, partitionList: [{ end: 5 }, { end: 5 }] });
    expect(append(copy, 't', 0, [{ value: 'its own' }]).baseOffset).toBe(5);
    await expect(new EmbeddedCluster(broker).snapshot(into)).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
      exitCode: 4,
    });
  });

  it('Ctrl-C between two steps of long work ends it with INTERRUPTED and leaves nothing half done', async () => {
    const broker = filled();
    const into = join(tempDir(), 'copy');
    await expect(stopped(broker).snapshot(into)).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(readdirSync(into)).toEqual([]);
    await expect(stopped(broker).salvage(into)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(readdirSync(into)).toEqual([]);
    await expect(stopped(broker).check()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(check(broker)).toEqual([]);
  });

  it('salvages a sound directory to an equal one', async () => {
    const broker = filled();
    const into = join(tempDir(), 'rescued');
    expect(await new EmbeddedCluster(broker).salvage(into)).toMatchObject({ topics: 1, records: 10, gaps: [] });
    const copy = openTestBroker({ dir: into });
    expect(await new EmbeddedCluster(copy).describeTopics({ names: ['t'] })).toEqual(
      await new EmbeddedCluster(broker).describeTopics({ names: ['t'] }),
    );
  });

  it('deletes all of several topics or none, and their space goes back', async () => {
    const broker = filled();
    const cluster = new EmbeddedCluster(broker);
    await expect(cluster.deleteTopics({ names: ['t', 'u'] })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect(await cluster.listTopics()).toHaveLength(1);
    await cluster.deleteTopics({ names: ['t'] });
    expect(await cluster.status()).toMatchObject({ topics: 0, records: 0, freeBytes: 0 });
  });

  it('a topic made again has another id, and begins at 0', async () => {
    const cluster = new EmbeddedCluster(filled());
    const [first] = await cluster.listTopics();
    await cluster.deleteTopics({ names: ['t'] });
    const [second] = await cluster.createTopics([{ name: 't' }]);
    expect(second?.id).not.toBe(first?.id);
    expect(second).toMatchObject({ records: 0, oldest: null });
  });
});
