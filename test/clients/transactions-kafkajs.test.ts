/** kafkajs writes idempotently and in transactions, as its documentation shows it. */
import { Kafka, logLevel, type Producer, type ProducerConfig } from 'kafkajs';
import { describe, expect, onTestFinished } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import { kcatReads, type Served, serve } from './served.ts';

function values(...all: string[]) {
  return all.map((value) => ({ value }));
}

async function producerOf({ brokers }: Served, config: ProducerConfig): Promise<Producer> {
  const kafka = new Kafka({ clientId: 'app', brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  const producer = kafka.producer({ maxInFlightRequests: 1, idempotent: true, ...config });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

/** What a group has committed, by partition. */
async function committedOf(beck: Beck, group: string): Promise<unknown> {
  const { stdout } = await beck.ok(['group', 'export', group]);
  return stdout;
}

describe.runIf(unix)('kafkajs', () => {
  it('idempotent: each record is there once, in its order', async ({ beck }) => {
    const served = await serve(beck);
    const producer = await producerOf(served, {});
    for (let i = 0; i < 20; i++) await producer.send({ topic: 't', messages: values(`${i}`) });
    expect(await beck.lines('t')).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it('what is committed is there all at once, what is aborted never; the producer goes on', async ({ beck }) => {
    await beck.create('t');
    await beck.create('u');
    const served = await serve(beck);
    const producer = await producerOf(served, { transactionalId: 'app' });
    const first = await producer.transaction();
    await first.send({ topic: 't', messages: values('a', 'b') });
    await first.send({ topic: 'u', messages: values('c') });
    expect(await kcatReads(beck, served, 't')).toEqual([]);
    expect(await kcatReads(beck, served, 't', 'read_uncommitted')).toEqual(['a', 'b']);
    expect(await beck.lines('t')).toEqual([]);
    await first.commit();
    const second = await producer.transaction();
    await second.send({ topic: 't', messages: values('never') });
    await second.abort();
    const third = await producer.transaction();
    await third.send({ topic: 't', messages: values('d') });
    await third.commit();
    expect(await kcatReads(beck, served, 't')).toEqual(['a', 'b', 'd']);
    expect(await beck.lines('t')).toEqual(['a', 'b', 'd']);
    expect(await beck.lines('u')).toEqual(['c']);
    expect(await kcatReads(beck, served, 't', 'read_uncommitted')).toEqual(['a', 'b', 'never', 'd']);
  });

  it('the offsets of a group come with the transaction, or not at all', async ({ beck }) => {
    await beck.create('in');
    await beck.produce('in', 'x\ny\n');
    const producer = await producerOf(await serve(beck), { transactionalId: 'app' });
    const send = async (offset: string, isCommitted: boolean) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'out', messages: values(`up to ${offset}`) });
      const topics = [{ topic: 'in', partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: 'g', topics });
      await (isCommitted ? transaction.commit() : transaction.abort());
    };
    await send('1', true);
    await send('2', false);
    expect(await beck.lines('out')).toEqual(['up to 1']);
    expect(await committedOf(beck, 'g')).toMatch(/"offset":1\b/);
    expect(await beck.lines('in', '-g', 'g')).toEqual(['y']);
  });

  it('the second of a transactional id fences the first, and what that had open is nothing', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const [before, after] = [
      await producerOf(served, { transactionalId: 'app' }),
      await producerOf(served, { transactionalId: 'app' }),
    ];
    const zombie = await before.transaction();
    await zombie.send({ topic: 't', messages: values('zombie') });
    const heir = await after.transaction();
    await heir.send({ topic: 't', messages: values('heir') });
    await expect(zombie.send({ topic: 't', messages: values('late') })).rejects.toMatchObject({
      type: 'INVALID_PRODUCER_EPOCH',
    });
    await heir.commit();
    expect(await beck.lines('t')).toEqual(['heir']);
    expect(await kcatReads(beck, served, 't')).toEqual(['heir']);
  });

  it('a transaction that takes longer than it may is aborted by the server', async ({ beck }) => {
    await beck.create('t');
    const served = await serve(beck);
    const producer = await producerOf(served, { transactionalId: 'app', transactionTimeout: 100 });
    const transaction = await producer.transaction();
    await transaction.send({ topic: 't', messages: values('slow') });
    const follower = beck.spawn(['consume', 't', '-f']);
    await beck.produce('t', 'behind\n');
    await follower.prints('behind\n');
    await expect(transaction.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    expect(await beck.lines('t')).toEqual(['behind']);
  });

  it('with three nodes coordinators and leaders are found where they are', async ({ beck }) => {
    await beck.create('t', '-p', '6');
    const producer = await producerOf(await serve(beck, '--nodes', '3'), { transactionalId: 'app' });
    const transaction = await producer.transaction();
    const messages = Array.from({ length: 6 }, (_, partition) => ({ partition, value: `${partition}` }));
    await transaction.send({ topic: 't', messages });
    const topics = [{ topic: 't', partitions: [{ partition: 3, offset: '1' }] }];
    for (const consumerGroupId of ['g', 'h', 'i']) await transaction.sendOffsets({ consumerGroupId, topics });
    await transaction.commit();
    expect((await beck.lines('t')).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    for (const group of ['g', 'h', 'i']) expect(await committedOf(beck, group)).toMatch(/"offset":1\b/);
  });
});
