/** @platformatic/kafka in transactions: https://github.com/platformatic/kafka/blob/main/docs/transactions.md */
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { Platformatic, RELEASES, type Release } from './packages.ts';
import { onBeck, type Served, serve } from './stage.ts';

async function stage(beck: Beck, release: Release): Promise<{ served: Served; pk: Platformatic; topic: string }> {
  const served = await serve(beck);
  return { served, pk: await Platformatic.load(release, served), topic: await served.topic() };
}

function to(topic: string, ...values: string[]) {
  return { messages: values.map((value) => ({ topic, value, partition: 0 })) };
}

for (const release of RELEASES) {
  const producerOf = (pk: Platformatic, transactionalId: string) =>
    pk.producer({ idempotent: true, transactionalId, retries: 2 });

  describe.runIf(release.runs)(`${release.name} in transactions`, () => {
    it('what is committed is there all at once, what is aborted never; the producer goes on', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const producer = producerOf(pk, served.name('x'));
      const first = await producer.beginTransaction();
      await first.send(to(topic, 'a', 'b'));
      expect(await served.values(topic)).toEqual([]);
      await first.commit();
      const second = await producer.beginTransaction();
      await second.send(to(topic, 'never'));
      await second.abort();
      const third = await producer.beginTransaction();
      await third.send(to(topic, 'c'));
      await third.commit();
      expect(await served.values(topic)).toEqual(['a', 'b', 'c']);
      const { READ_COMMITTED, READ_UNCOMMITTED } = pk.lib.FetchIsolationLevels;
      const seen = async (group: string, count: number, isolationLevel: 0 | 1) =>
        (await pk.reads(served.name(group), topic, count, { isolationLevel })).map(({ value }) => value);
      expect(await seen('g', 3, READ_COMMITTED)).toEqual(['a', 'b', 'c']);
      expect(await seen('h', 4, READ_UNCOMMITTED)).toEqual(['a', 'b', 'never', 'c']);
    });

    it('consume, transform, produce: exactly once', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const [out, group] = [await served.topic('out'), served.name('g')];
      const texts = Array.from({ length: 10 }, (_, i) => `${i}`);
      await pk.producer().send(to(topic, ...texts));
      const producer = producerOf(pk, served.name('x'));
      for (const failsAt of [4n, -1n]) {
        const consumer = pk.consumer(group, { autocommit: false });
        const how = {
          topics: [topic],
          autocommit: false,
          mode: 'committed' as const,
          fallbackMode: 'earliest' as const,
          maxWaitTime: 200,
        };
        for await (const message of await consumer.consume(how)) {
          const transaction = await producer.beginTransaction();
          await transaction.addConsumer(consumer);
          await transaction.send(to(out, `${message.value}!`));
          await transaction.addOffset(message);
          const fails = message.offset === failsAt;
          await (fails ? transaction.abort() : transaction.commit());
          if (fails || message.offset === 9n) break;
        }
        await consumer.close(true);
      }
      expect(await served.values(out)).toEqual(texts.map((text) => `${text}!`));
    });

    it.runIf(onBeck)(
      'one that comes again to its transactional id is let in, and fences the one before',
      async ({ beck }) => {
        const { served, pk, topic } = await stage(beck, release);
        const id = served.name('x');
        const zombie = await producerOf(pk, id).beginTransaction();
        await zombie.send(to(topic, 'zombie'));
        const heir = await producerOf(pk, id).beginTransaction();
        await heir.send(to(topic, 'heir'));
        await expect(zombie.send(to(topic, 'late'))).rejects.toThrow();
        await expect(zombie.commit()).rejects.toThrow();
        await heir.commit();
        expect(await served.values(topic)).toEqual(['heir']);
      },
    );
  });
}
