/** kafkajs writes and reads, as its documentation shows it: https://kafka.js.org */
import kafkajs, { type EachMessagePayload, type KafkaMessage } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import snappy from 'snappy';
import { describe, expect } from 'vitest';
import { it } from '../support/e2e.ts';
import { KafkaJs, values } from './kafkajs-client.ts';
import { serve, until } from './stage.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Its documentation has one like these for each codec that is not built in. */
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => snappy.compress(buffer),
  decompress: async (buffer: Buffer) => snappy.uncompress(buffer),
});
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => compressFrame(buffer),
  decompress: async (buffer: Buffer) => decompressFrame(buffer),
});

/** A message as those see it who have written it. */
function plain({ key, value, headers = {} }: KafkaMessage) {
  const texts = Object.entries(headers).map(([name, each]) => [name, [each].flat().map(String)]);
  return { key: key?.toString() ?? null, value: value?.toString() ?? null, headers: Object.fromEntries(texts) };
}

describe('kafkajs writes', () => {
  it('keys, headers, tombstones and timestamps, and reads them as they were', async ({ beck }) => {
    const served = await serve(beck);
    const [topic, js] = [await served.topic(), new KafkaJs(served)];
    const producer = await js.producer();
    const timestamp = String(Date.now() - 86_400_000);
    const messages = [
      { key: 'k', value: 'v', headers: { one: 'a', two: ['b', 'c'] }, timestamp },
      { key: 'k', value: null, timestamp },
      { value: '', timestamp },
      { key: 'ключ', value: '値 🚀', timestamp },
    ];
    await producer.send({ topic, messages });
    const two = [
      ['one', 'a'],
      ['two', 'b'],
      ['two', 'c'],
    ];
    expect(await served.records(topic)).toMatchObject([
      { key: 'k', value: 'v', headers: two, timestamp: Number(timestamp) },
      { key: 'k', value: null },
      { key: null, value: '' },
      { key: 'ключ', value: '値 🚀' },
    ]);
    const consumer = await js.consumer({ groupId: served.name('g') });
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const seen: KafkaMessage[] = [];
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(message) });
    await until(() => seen.length === 4);
    expect(seen.map(plain)).toEqual([
      { key: 'k', value: 'v', headers: { one: ['a'], two: ['b', 'c'] } },
      { key: 'k', value: null, headers: {} },
      { key: null, value: '', headers: {} },
      { key: 'ключ', value: '値 🚀', headers: {} },
    ]);
    expect(seen.map((each) => each.timestamp)).toEqual(Array(4).fill(timestamp));
  });

  it.for(['None', 'GZIP', 'Snappy', 'LZ4'] as const)('and reads with compression %s', async (codec, { beck }) => {
    const served = await serve(beck);
    const [topic, js] = [await served.topic(), new KafkaJs(served)];
    const texts = Array.from({ length: 500 }, (_, i) => `a value that has a number, ${i}`);
    const [sent] = await (await js.producer()).send({
      topic,
      compression: CompressionTypes[codec],
      messages: values(...texts),
    });
    expect(sent).toMatchObject({ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' });
    expect(await served.values(topic)).toEqual(texts);
    const consumer = await js.consumer({ groupId: served.name('g') });
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: string[] = [];
    await consumer.run({
      eachBatch: async ({ batch }) => void seen.push(...batch.messages.map(({ value }) => `${value}`)),
    });
    await until(() => seen.length === 500);
    expect(seen).toEqual(texts);
  });

  it.for([-1, 1, 0])('with acks %i', async (acks, { beck }) => {
    const served = await serve(beck);
    const topic = await served.topic();
    const producer = await new KafkaJs(served).producer();
    for (const value of ['a', 'b', 'c']) await producer.send({ topic, acks, messages: values(value) });
    await until(async () => (await served.values(topic)).length === 3);
    expect(await served.values(topic)).toEqual(['a', 'b', 'c']);
  });

  it('to several topics at once, which need not be there', async ({ beck }) => {
    const served = await serve(beck);
    const names = ['a', 'b'].map((base) => served.name(base));
    const producer = await new KafkaJs(served).producer({ allowAutoTopicCreation: true });
    await producer.sendBatch({ topicMessages: names.map((topic) => ({ topic, messages: values(`to ${topic}`) })) });
    for (const topic of names) expect(await served.values(topic)).toEqual([`to ${topic}`]);
  });

  it('idempotently: each record is there once', async ({ beck }) => {
    const served = await serve(beck);
    const topic = await served.topic();
    const producer = await new KafkaJs(served).producer({ idempotent: true, maxInFlightRequests: 1 });
    const texts = Array.from({ length: 50 }, (_, i) => `${i}`);
    await Promise.all(texts.map((value) => producer.send({ topic, messages: values(value) })));
    expect((await served.values(topic)).sort()).toEqual(texts.sort());
  });

  it('what is too large is refused by name, and what comes behind it is taken', async ({ beck }) => {
    const served = await serve(beck);
    const topic = await served.topic('t', 1, { 'max.message.bytes': '1000' });
    const producer = await new KafkaJs(served).producer({ retry: { retries: 0 } });
    const large = { topic, messages: values('x'.repeat(2000)) };
    await expect(producer.send(large)).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
    await producer.send({ topic, messages: values('small') });
    expect(await served.values(topic)).toEqual(['small']);
  });
});

describe('kafkajs reads', () => {
  async function reading(beck: Parameters<typeof serve>[0], texts: readonly string[]) {
    const served = await serve(beck);
    const [topic, js] = [await served.topic(), new KafkaJs(served)];
    await (await js.producer()).send({ topic, messages: values(...texts) });
    const consumer = await js.consumer({ groupId: served.name('g') });
    const seen: string[] = [];
    const eachMessage = async ({ message }: EachMessagePayload) => void seen.push(`${message.value}`);
    return { served, topic, js, consumer, seen, eachMessage };
  }

  it('from where it seeks', async ({ beck }) => {
    const { topic, consumer, seen, eachMessage } = await reading(beck, ['a', 'b', 'c', 'd']);
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage });
    consumer.seek({ topic, partition: 0, offset: '2' });
    await until(() => seen.length >= 2);
    consumer.seek({ topic, partition: 0, offset: '3' });
    await until(() => seen.length >= 3);
    expect(seen).toEqual(['c', 'd', 'd']);
  });

  it('nothing while it pauses, and all of it afterwards', async ({ beck }) => {
    const { topic, js, consumer, seen, eachMessage } = await reading(beck, ['a']);
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage });
    await until(() => seen.length === 1);
    consumer.pause([{ topic }]);
    await (await js.producer()).send({ topic, messages: values('b', 'c') });
    await new Promise((resolve) => consumer.on('consumer.heartbeat', resolve));
    expect(seen).toEqual(['a']);
    consumer.resume([{ topic }]);
    await until(() => seen.length === 3);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('what was not committed by hand comes again', async ({ beck }) => {
    const { served, topic, js, consumer, seen, eachMessage } = await reading(beck, ['a', 'b', 'c']);
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage });
    await until(() => seen.length === 3);
    await consumer.commitOffsets([{ topic, partition: 0, offset: '1', metadata: 'by hand' }]);
    await consumer.disconnect();
    const again = await js.consumer({ groupId: served.name('g') });
    await again.subscribe({ topic });
    await again.run({ eachMessage });
    await until(() => seen.length === 5);
    expect(seen).toEqual(['a', 'b', 'c', 'b', 'c']);
    const admin = await js.admin();
    const [offsets] = await admin.fetchOffsets({ groupId: served.name('g'), topics: [topic] });
    expect(offsets?.partitions[0]?.partition).toBe(0);
  });

  it('topics that a pattern names', async ({ beck }) => {
    const { served, topic, consumer, seen, eachMessage, js } = await reading(beck, ['a']);
    const other = await served.topic('tt');
    await (await js.producer()).send({ topic: other, messages: values('b') });
    await consumer.subscribe({ topics: [new RegExp(`^(${topic}|${other})$`)], fromBeginning: true });
    await consumer.run({ eachMessage });
    await until(() => seen.length === 2);
    expect(seen.sort()).toEqual(['a', 'b']);
  });
});
