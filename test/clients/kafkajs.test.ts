/** kafkajs, as its documentation shows it: https://kafka.js.org */
import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished } from 'vitest';
import { it } from '../support/e2e.ts';
import { expectCalm, type Served, serve } from './serve.ts';

const { CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners } = kafkajs;

function client({ brokers }: Served) {
  return new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
}

async function admin(served: Served) {
  const connected = client(served).admin();
  await connected.connect();
  onTestFinished(() => connected.disconnect());
  return connected;
}

async function producer(served: Served, options = {}) {
  const connected = client(served).producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options });
  await connected.connect();
  onTestFinished(() => connected.disconnect());
  return connected;
}

describe('kafkajs', () => {
  it('produces plainly, compressed and without acks', async ({ beck }) => {
    const served = await serve(beck);
    const sender = await producer(served);
    await sender.send({ topic: 't', messages: [{ key: 'k', value: 'plain', headers: { a: 'b' } }] });
    await sender.send({ topic: 't', compression: CompressionTypes.GZIP, messages: [{ value: 'gzip' }] });
    await sender.send({ topic: 't', acks: 1, messages: [{ value: 'one' }] });
    await sender.send({ topic: 't', acks: 0, messages: [{ value: 'none' }] });
    await sender.send({ topic: 't', messages: [{ value: null, key: 'k' }] });
    const records = await beck.records('t');
    expect(records.map(({ value }) => value)).toEqual(['plain', 'gzip', 'one', 'none', null]);
    expect(records[0]).toMatchObject({ key: 'k', headers: [['a', 'b']] });
    expectCalm(served);
  });

  it('administers topics, configs, partitions and records', async ({ beck }) => {
    const served = await serve(beck);
    const boss = await admin(served);
    expect(await boss.createTopics({ topics: [{ topic: 't', numPartitions: 2 }], waitForLeaders: true })).toBe(true);
    expect(await boss.createTopics({ topics: [{ topic: 't' }] })).toBe(false);
    await boss.createPartitions({ topicPartitions: [{ topic: 't', count: 3 }] });
    const { topics } = await boss.fetchTopicMetadata({ topics: ['t'] });
    expect(topics[0]?.partitions).toHaveLength(3);
    const sender = await producer(served);
    await sender.send({ topic: 't', messages: [1, 2, 3].map((n) => ({ partition: 0, value: `${n}` })) });
    await boss.deleteTopicRecords({ topic: 't', partitions: [{ partition: 0, offset: '2' }] });
    const offsets = await boss.fetchTopicOffsets('t');
    expect(offsets.find(({ partition }) => partition === 0)).toMatchObject({ low: '2', high: '3' });
    const resource = { type: ConfigResourceTypes.TOPIC, name: 't' };
    await boss.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '1000' }] }],
    });
    const { resources } = await boss.describeConfigs({
      includeSynonyms: false,
      resources: [{ ...resource, configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries).toMatchObject([{ configName: 'retention.ms', configValue: '1000' }]);
    expect((await boss.describeCluster()).brokers).toHaveLength(1);
    await boss.deleteTopics({ topics: ['t'] });
    expect(await boss.listTopics()).toEqual([]);
    expectCalm(served);
  });

  it('create, produce and delete one name again and again, without a retry', async ({ beck }) => {
    const served = await serve(beck);
    const [boss, sender] = [await admin(served), await producer(served, { retry: { retries: 0 } })];
    for (let i = 0; i < 50; i++) {
      await boss.createTopics({ topics: [{ topic: 't' }] });
      const [sent] = await sender.send({ topic: 't', messages: [{ value: `${i}` }] });
      expect(sent).toMatchObject({ errorCode: 0, baseOffset: '0' });
      await boss.deleteTopics({ topics: ['t'] });
    }
    expectCalm(served);
  });

  it('an idempotent producer, and transactions that commit and abort', async ({ beck }) => {
    const served = await serve(beck);
    const idempotent = await producer(served, { idempotent: true, maxInFlightRequests: 1 });
    await idempotent.send({ topic: 't', messages: [{ value: 'once' }] });
    const options = { transactionalId: 'x', idempotent: true, maxInFlightRequests: 1 };
    const transactional = await producer(served, options);
    for (const [value, commits] of [
      ['kept', true],
      ['dropped', false],
      ['kept too', true],
    ] as const) {
      const transaction = await transactional.transaction();
      await transaction.send({ topic: 't', messages: [{ value }] });
      await (commits ? transaction.commit() : transaction.abort());
    }
    expect(await beck.lines('t')).toEqual(['once', 'kept', 'kept too']);
    expectCalm(served);
  });

  it('three nodes: each partition is written where it is led', async ({ beck }) => {
    const served = await serve(beck, '--nodes', '3', '-p', '6');
    const sender = await producer(served);
    const messages = Array.from({ length: 60 }, (_, i) => ({ value: `${i}`, partition: i % 6 }));
    await sender.send({ topic: 't', messages });
    expect((await beck.lines('t')).sort()).toEqual(messages.map(({ value }) => value).sort());
    expectCalm(served);
  });
});
