/** @platformatic/kafka writes and reads, as its documentation shows it: https://github.com/platformatic/kafka */
import zlib from 'node:zlib';
import { describe, expect } from 'vitest';
import { type Beck, it } from '../support/e2e.ts';
import { Platformatic, RELEASES, type Release } from './packages.ts';
import { onBeck, type Served, serve, until } from './stage.ts';

async function stage(beck: Beck, release: Release): Promise<{ served: Served; pk: Platformatic; topic: string }> {
  const served = await serve(beck);
  return { served, pk: await Platformatic.load(release, served), topic: await served.topic() };
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const hasZstd = 'zstdCompressSync' in zlib;

for (const release of RELEASES) {
  describe.runIf(release.runs)(release.name, () => {
    const to = (topic: string, ...values: string[]) => values.map((value) => ({ topic, partition: 0, value }));

    it('writes keys, headers, tombstones and timestamps, and reads them as they were', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const timestamp = BigInt(Date.now() - 86_400_000);
      const headers = new Map([
        ['one', 'a'],
        ['two', ''],
      ]);
      const all = [{ key: 'k', value: 'v', headers }, { key: 'k' }, { value: '' }, { key: 'ключ', value: '値 🚀' }];
      const messages = all.map((each) => ({ topic, partition: 0, timestamp, ...each }));
      const { offsets } = await pk.producer().send({ messages });
      expect(offsets).toMatchObject([{ topic, partition: 0, offset: 0n }]);
      const seen = await served.records(topic);
      expect(seen).toMatchObject([
        {
          key: 'k',
          value: 'v',
          timestamp: Number(timestamp),
          headers: [
            ['one', 'a'],
            ['two', ''],
          ],
        },
        { key: 'k', value: null },
        { key: null, value: '' },
        { key: 'ключ', value: '値 🚀' },
      ]);
      const read = await pk.reads(served.name('g'), topic, 4);
      expect(read.map(({ value }) => value || '')).toEqual(['v', '', '', '値 🚀']);
      expect(read.map(({ key }) => key || '')).toEqual(['k', 'k', '', 'ключ']);
      expect([...(read[0]?.headers ?? [])]).toEqual([...headers]);
      expect(read.map((each) => each.timestamp)).toEqual(Array(4).fill(timestamp));
    });

    it.for(CODECS.filter((codec) => codec !== 'zstd' || hasZstd))(
      'and with compression %s',
      async (compression, { beck }) => {
        const { served, pk, topic } = await stage(beck, release);
        const texts = Array.from({ length: 500 }, (_, i) => `a value that has a number, ${i}`);
        await pk.producer({ compression }).send({ messages: to(topic, ...texts) });
        expect(await served.values(topic)).toEqual(texts);
        const read = await pk.reads(served.name('g'), topic, 500);
        expect(read.map(({ value }) => value)).toEqual(texts);
      },
    );

    it.for(['ALL', 'LEADER', 'NO_RESPONSE'] as const)('writes with acks %s', async (acks, { beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const producer = pk.producer({ acks: pk.lib.ProduceAcks[acks] });
      for (const value of ['a', 'b', 'c']) await producer.send({ messages: to(topic, value) });
      await until(async () => (await served.values(topic)).length === 3);
      expect(await served.values(topic)).toEqual(['a', 'b', 'c']);
    });

    it('writes idempotently: each record is there once, in its order', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const producer = pk.producer({ idempotent: true });
      const texts = Array.from({ length: 20 }, (_, i) => `${i}`);
      for (const text of texts) await producer.send({ messages: to(topic, text) });
      expect(await served.values(topic)).toEqual(texts);
    });

    it.runIf(onBeck)('writes to a topic that is made for it, at once', async ({ beck }) => {
      const { served, pk } = await stage(beck, release);
      const topic = served.name('new');
      await pk.producer({ autocreateTopics: true, retries: 0 }).send({ messages: [{ topic, value: 'x' }] });
      expect(await served.values(topic)).toEqual(['x']);
    });

    it('reads on where its group was, or from offsets that it names', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const producer = pk.producer();
      await producer.send({ messages: to(topic, 'a', 'b', 'c') });
      const group = served.name('g');
      const values = async (...args: Parameters<Platformatic['reads']>) =>
        (await pk.reads(...args)).map(({ value }) => value).join('');
      expect(await values(group, topic, 3)).toBe('abc');
      await producer.send({ messages: to(topic, 'd') });
      expect(await values(group, topic, 1, { mode: 'committed' })).toBe('d');
      const offsets = [{ topic, partition: 0, offset: 1n }];
      expect(await values(served.name('h'), topic, 3, { mode: 'manual', offsets })).toBe('bcd');
    });

    it('what was not committed by hand comes again', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      await pk.producer().send({ messages: to(topic, 'a', 'b', 'c') });
      const group = served.name('g');
      const [first] = await pk.reads(group, topic, 3, { autocommit: false });
      expect(first?.value).toBe('a');
      const consumer = pk.consumer(group);
      const stream = await consumer.consume({ topics: [topic], autocommit: false, mode: 'earliest', maxWaitTime: 200 });
      for await (const message of stream) {
        await message.commit();
        break;
      }
      await consumer.close(true);
      const again = await pk.reads(group, topic, 2, { mode: 'committed' });
      expect(again.map(({ value }) => value)).toEqual(['b', 'c']);
    });

    it('reads nothing while its stream pauses, and all of it afterwards', async ({ beck }) => {
      const { served, pk, topic } = await stage(beck, release);
      const consumer = pk.consumer(served.name('g'));
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 200 });
      const seen: string[] = [];
      stream.on('data', ({ value }) => void seen.push(value));
      await pk.producer().send({ messages: to(topic, 'a') });
      await until(() => seen.length === 1);
      stream.pause();
      await pk.producer().send({ messages: to(topic, 'b', 'c') });
      await until(async () => (await served.values(topic)).length === 3);
      expect(seen).toEqual(['a']);
      stream.resume();
      await until(() => seen.length === 3);
      expect(seen).toEqual(['a', 'b', 'c']);
    });
  });
}
