/** kafkajs in transactions, as its documentation shows them: https://kafka.js.org/docs/transactions */
import type { Transaction } from 'kafkajs';
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { KafkaJs, values } from './kafkajs-client.ts';
import { onBeck, type Served, serve, until } from './stage.ts';

async function stage(beck: Beck, ...flags: readonly string[]): Promise<{ served: Served; js: KafkaJs; id: string }> {
  const served = await serve(beck, ...flags);
  return { served, js: new KafkaJs(served), id: served.name('x') };
}

/** What a group has committed of the first partition of a topic. */
async function committed(js: KafkaJs, groupId: string, topic: string): Promise<string | undefined> {
  const offsets = await (await js.admin()).fetchOffsets({ groupId, topics: [topic] });
  return offsets[0]?.partitions[0]?.offset;
}

describe('kafkajs in transactions', () => {
  it('what is committed is there all at once, what is aborted never; the producer goes on', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const [t, u] = [await served.topic('t'), await served.topic('u')];
    const producer = await js.transactional(id);
    const write = async (texts: readonly string[], end: (transaction: Transaction) => Promise<void>) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: t, messages: values(...texts) });
      await transaction.send({ topic: u, messages: values(...texts) });
      expect(await served.values(t)).not.toContain(texts[0]);
      await end(transaction);
    };
    await write(['a', 'b'], (transaction) => transaction.commit());
    await write(['never'], (transaction) => transaction.abort());
    await write(['c'], (transaction) => transaction.commit());
    for (const topic of [t, u]) expect(await served.values(topic)).toEqual(['a', 'b', 'c']);
  });

  it('its own consumer sees what is committed, or everything', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const topic = await served.topic();
    const producer = await js.transactional(id);
    for (const [text, commits] of [
      ['a', true],
      ['never', false],
      ['b', true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: values(text) });
      await (commits ? transaction.commit() : transaction.abort());
    }
    for (const [readUncommitted, expected] of [
      [false, 'a b'],
      [true, 'a never b'],
    ] as const) {
      const consumer = await js.consumer({ groupId: served.name(`g-${readUncommitted}`), readUncommitted });
      await consumer.subscribe({ topic, fromBeginning: true });
      const seen: string[] = [];
      await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
      await until(() => seen.at(-1) === 'b');
      expect(seen.join(' ')).toBe(expected);
    }
  });

  it('the offsets of a group come with the transaction, or not at all', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const [from, to, group] = [await served.topic('in'), await served.topic('out'), served.name('g')];
    const producer = await js.transactional(id);
    const send = async (offset: string, commits: boolean) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: to, messages: values(`up to ${offset}`) });
      const topics = [{ topic: from, partitions: [{ partition: 0, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: group, topics });
      await (commits ? transaction.commit() : transaction.abort());
    };
    await send('1', true);
    await send('2', false);
    expect(await served.values(to)).toEqual(['up to 1']);
    expect(await committed(js, group, from)).toBe('1');
  });

  it('consume, transform, produce: exactly once, whatever is aborted on the way', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const [from, to, groupId] = [await served.topic('in'), await served.topic('out'), served.name('g')];
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
    await (await js.producer()).send({ topic: from, messages: values(...texts) });
    const producer = await js.transactional(id);
    const run = async (failsAt: number) => {
      const consumer = await js.consumer({ groupId, sessionTimeout: 6000 });
      await consumer.subscribe({ topic: from, fromBeginning: true });
      const done = new Promise<void>((resolve) => {
        const eachMessage = async ({ message }: { message: { value: Buffer | null; offset: string } }) => {
          const transaction = await producer.transaction();
          await transaction.send({ topic: to, messages: values(`${message.value}!`) });
          const topics = [{ topic: from, partitions: [{ partition: 0, offset: `${Number(message.offset) + 1}` }] }];
          await transaction.sendOffsets({ consumerGroupId: groupId, topics });
          const fails = Number(message.offset) === failsAt;
          await (fails ? transaction.abort() : transaction.commit());
          if (fails || message.offset === '29') {
            consumer.pause([{ topic: from }]);
            resolve();
          }
        };
        void consumer.run({ autoCommit: false, eachMessage });
      });
      await done;
      await consumer.disconnect();
    };
    for (const failsAt of [7, 20, -1]) await run(failsAt);
    expect(await served.values(to)).toEqual(texts.map((text) => `${text}!`));
    expect(await committed(js, groupId, from)).toBe('30');
  });

  it('the second of a transactional id fences the first, and what that had open is nothing', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const topic = await served.topic();
    const [before, after] = [await js.transactional(id), await js.transactional(id)];
    const zombie = await before.transaction();
    await zombie.send({ topic, messages: values('zombie') });
    const heir = await after.transaction();
    await heir.send({ topic, messages: values('heir') });
    const late = zombie.send({ topic, messages: values('late') });
    await expect(late).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    await heir.commit();
    expect(await served.values(topic)).toEqual(['heir']);
  });

  it.runIf(onBeck)('one that takes longer than it may is aborted by the server', async ({ beck }) => {
    const { served, js, id } = await stage(beck);
    const topic = await served.topic();
    const producer = await js.transactional(id, { transactionTimeout: 100 });
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: values('slow') });
    const follower = beck.spawn(['consume', topic, '-f']);
    await beck.produce(topic, 'behind\n');
    await follower.prints('behind\n');
    await expect(transaction.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    expect(await served.values(topic)).toEqual(['behind']);
  });
});
