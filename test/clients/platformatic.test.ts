/** @platformatic/kafka, as its documentation shows it: https://github.com/platformatic/kafka */
import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { describe, expect, onTestFinished } from 'vitest';
import { it } from '../support/e2e.ts';
import { expectCalm, type Served, serve } from './serve.ts';

function admin({ brokers }: Served): Admin {
  const made = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
  onTestFinished(() => made.close());
  return made;
}

function producer({ brokers }: Served, options = {}) {
  const made = new Producer({
    clientId: 'test',
    bootstrapBrokers: brokers,
    serializers: stringSerializers,
    autocreateTopics: true,
    ...options,
  });
  onTestFinished(() => made.close());
  return made;
}

describe('@platformatic/kafka', () => {
  it.for(['none', 'gzip', 'snappy', 'lz4'] as const)('produces with compression %s', async (compression, { beck }) => {
    const served = await serve(beck);
    const sender = producer(served, { compression });
    const messages = ['a', 'b'].map((value) => ({ topic: 't', key: 'k', value }));
    const { offsets } = await sender.send({ messages });
    expect(offsets).toMatchObject([{ topic: 't', partition: 0, offset: 0n }]);
    expect(await beck.lines('t')).toEqual(['a', 'b']);
    expectCalm(served);
  });

  it('an idempotent producer', async ({ beck }) => {
    const served = await serve(beck);
    const sender = producer(served, { idempotent: true });
    for (const value of ['a', 'b']) await sender.send({ messages: [{ topic: 't', value }] });
    expect(await beck.lines('t')).toEqual(['a', 'b']);
    expectCalm(served);
  });

  it('administers topics, configs, partitions and log directories', async ({ beck }) => {
    const served = await serve(beck);
    const boss = admin(served);
    const [created] = await boss.createTopics({ topics: ['t'], partitions: 3, replicas: 1 });
    expect(created).toMatchObject({ name: 't', partitions: 3, replicas: 1 });
    expect(await boss.listTopics()).toEqual(['t']);
    await boss.createPartitions({ topics: [{ name: 't', count: 4, assignments: [{ brokerIds: [1] }] }] });
    const [described] = await boss.describeConfigs({ resources: [{ resourceType: 2, resourceName: 't' }] });
    expect(described?.configs.find(({ name }) => name === 'retention.ms')?.value).toBe('604800000');
    const [logs] = await boss.describeLogDirs({ topics: [{ name: 't', partitions: [0] }] });
    expect(logs?.results[0]?.logDir).toBe(beck.dir);
    await boss.deleteTopics({ topics: ['t'] });
    expect(await boss.listTopics()).toEqual([]);
    expectCalm(served);
  });
});
