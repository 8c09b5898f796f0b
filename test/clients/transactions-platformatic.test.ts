/** @platformatic/kafka writes idempotently and in transactions, and reads what was committed. */
import {
  Consumer,
  FetchIsolationLevels,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { describe, expect, onTestFinished } from 'vitest';
import { ATTRIBUTE } from '../../src/record/batch.ts';
import { it, unix } from '../support/e2e.ts';
import { type Served, serve } from './served.ts';

type Transactional = Producer<string, string, string, string>;

function producerOf({ brokers }: Served, transactionalId?: string): Transactional {
  const producer = new Producer({
    clientId: 'app',
    bootstrapBrokers: brokers,
    serializers: stringSerializers,
    idempotent: true,
    acks: ProduceAcks.ALL,
    retries: 0,
    ...(transactionalId === undefined ? {} : { transactionalId }),
  });
  onTestFinished(() => producer.close());
  return producer;
}

function to(topic: string, ...values: string[]) {
  return { messages: values.map((value) => ({ topic, value, partition: 0 })) };
}

/** What it reads of a partition without a group, in one fetch. */
async function reads({ brokers }: Served, topic: string, isolationLevel: number = FetchIsolationLevels.READ_COMMITTED) {
  const consumer = new Consumer({
    clientId: 'reader',
    groupId: 'nobody',
    bootstrapBrokers: brokers,
    deserializers: stringDeserializers,
  });
  onTestFinished(() => consumer.close());
  const metadata = await consumer.metadata({ topics: [topic] });
  const partition = {
    partition: 0,
    fetchOffset: 0n,
    partitionMaxBytes: 1 << 20,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
  const { responses } = await consumer.fetch({
    node: 1,
    maxWaitTime: 0,
    isolationLevel,
    topics: [{ topicId: metadata.topics.get(topic)?.id as string, partitions: [partition] }],
  });
  const batches = responses[0]?.partitions[0]?.records ?? [];
  return batches
    .filter(({ attributes }) => (attributes & ATTRIBUTE.control) === 0)
    .flatMap(({ records }) => records.map(({ value }) => `${value}`));
}

describe.runIf(unix)('@platformatic/kafka', () => {
  it('idempotent: each record is there once, in its order', async ({ beck }) => {
    await beck.create('t');
    const producer = producerOf(await serve(beck));
    for (let i = 0; i < 20; i++) await producer.send(to('t', `${i}`));
    expect(await beck.lines('t')).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it('what is committed is there all at once, what is aborted never; the producer goes on', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const producer = producerOf(served, 'app');
    const first = await producer.beginTransaction();
    await first.send(to('t', 'a', 'b'));
    expect(await reads(served, 't')).toEqual([]);
    expect(await reads(served, 't', FetchIsolationLevels.READ_UNCOMMITTED)).toEqual(['a', 'b']);
    expect(await beck.lines('t')).toEqual([]);
    await first.commit();
    const second = await producer.beginTransaction();
    await second.send(to('t', 'never'));
    await second.abort();
    const third = await producer.beginTransaction();
    await third.send(to('t', 'c'));
    await third.commit();
    expect(await beck.lines('t')).toEqual(['a', 'b', 'c']);
    expect(await reads(served, 't')).toEqual(['a', 'b', 'c']);
  });

  it('one that comes again to its transactional id is let in, and fences the one before', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const zombie = await producerOf(served, 'app').beginTransaction();
    await zombie.send(to('t', 'zombie'));
    const heir = await producerOf(served, 'app').beginTransaction();
    await heir.send(to('t', 'heir'));
    await expect(zombie.send(to('t', 'late'))).rejects.toThrow();
    await expect(zombie.commit()).rejects.toThrow();
    await heir.commit();
    expect(await beck.lines('t')).toEqual(['heir']);
    expect(await reads(served, 't')).toEqual(['heir']);
  });
});
