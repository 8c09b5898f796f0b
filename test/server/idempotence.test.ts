import { describe, expect, it } from 'vitest';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { describeProducers } from '../../src/protocol/messages/61-describe-producers.ts';
import { TestServer } from '../support/test-server.ts';
import { NOBODY, RawProducer, sealed } from './raw-producer.ts';

async function withTopic(): Promise<TestServer> {
  const server = await TestServer.start();
  await server.ask(metadata, 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  return server;
}

describe('InitProducerId without a transactional id', () => {
  it.each([0, 1, 2, 3, 4, 5])('%i: an id that nobody else has, and never 0', async (version) => {
    const server = await TestServer.start();
    const producer = await RawProducer.to(server, null);
    const { producerId: first, ...rest } = await producer.init({}, version);
    expect(rest).toEqual({ errorCode: 0, producerEpoch: 0 });
    const { producerId: second } = await producer.init({ transactionTimeoutMs: 2 ** 31 - 1 }, version);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
  });

  it('one that says what it was until now is given a new id', async () => {
    const producer = await RawProducer.to(await TestServer.start(), null);
    const before = (await producer.init()).producerId;
    expect(await producer.init(producer.identity)).toEqual({
      errorCode: 0,
      producerId: before + 1,
      producerEpoch: 0,
    });
  });

  it.each([
    { producerId: 5, producerEpoch: -1 },
    { producerId: -1, producerEpoch: 5 },
    { producerId: 0, producerEpoch: -1 },
    { producerId: -1, producerEpoch: 0 },
  ])('INVALID_REQUEST for half of an identity: %o', async (half) => {
    const server = await TestServer.start();
    const refused = { errorCode: 42, ...NOBODY };
    for (const transactionalId of [null, 'x'])
      expect(await (await RawProducer.to(server, transactionalId)).init(half)).toEqual(refused);
  });
});

describe('batches of an idempotent producer', () => {
  it('each is stored once: a copy of one of the last five is answered with its first offset', async () => {
    const producer = await RawProducer.to(await withTopic(), null);
    await producer.init();
    const batches = Array.from({ length: 6 }, (_, i) =>
      sealed([`${i}`, 'x'], { ...producer.identity, sequence: 2 * i }),
    );
    for (const [i, batch] of batches.entries())
      expect(await producer.produce(batch)).toEqual({ errorCode: 0, baseOffset: 2 * i });
    for (const i of [5, 1, 3]) {
      const again = await producer.produce(batches[i] as Buffer);
      expect(again).toEqual({ errorCode: 0, baseOffset: 2 * i });
    }
    expect(await producer.produce(batches[0] as Buffer)).toEqual({ errorCode: 45, baseOffset: -1 });
    const next = sealed(['next'], { ...producer.identity, sequence: 12 });
    expect(await producer.produce(next)).toEqual({ errorCode: 0, baseOffset: 12 });
  });

  it('a gap, a part of one, an epoch that is over, and one that begins in the middle are refused', async () => {
    const producer = await RawProducer.to(await withTopic(), null);
    await producer.init();
    const me = { ...producer.identity, producerEpoch: 3 };
    await producer.produce(sealed(['a', 'b', 'c'], me));
    const rows: [Parameters<typeof sealed>[1], number][] = [
      [{ ...me, sequence: 4 }, 45],
      [{ ...me, sequence: 0 }, 45],
      [{ ...me, producerEpoch: 2, sequence: 3 }, 47],
      [{ ...me, producerEpoch: 4, sequence: 3 }, 45],
      [{ ...me, producerEpoch: 4, sequence: 0 }, 0],
      [{ ...me, sequence: 3 }, 47],
    ];
    for (const [row, errorCode] of rows)
      expect([row, await producer.produce(sealed(['x'], row))]).toMatchObject([row, { errorCode }]);
  });

  it('of one that nothing is known of, any sequence is the first', async () => {
    const producer = await RawProducer.to(await withTopic(), null);
    const batch = sealed(['x'], { producerId: 77, producerEpoch: 4, sequence: 1234 });
    expect(await producer.produce(batch)).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await producer.produce(batch)).toEqual({ errorCode: 0, baseOffset: 0 });
  });

  it('-1 for the id alone says that there is none: with it epoch 0 and sequence 0 mean nothing', async () => {
    const producer = await RawProducer.to(await withTopic(), null);
    const batch = () => sealed(['x'], { producerId: -1, producerEpoch: 0, sequence: 0 });
    expect(await producer.produce(batch())).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await producer.produce(batch())).toEqual({ errorCode: 0, baseOffset: 1 });
  });

  it('are known after a restart', async () => {
    const before = await withTopic();
    const producer = await RawProducer.to(before, null);
    await producer.init();
    const batch = sealed(['once'], producer.identity);
    await producer.produce(batch);
    await before.server.stop();
    const after = await TestServer.start({ dataDir: before.dir });
    const again = await RawProducer.to(after, null);
    expect(await again.produce(batch)).toEqual({ errorCode: 0, baseOffset: 0 });
    const { producerId } = await after.ask(initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1 });
    expect(producerId).toBeGreaterThan(producer.identity.producerId);
  });
});

it('DescribeProducers: who has written into a partition, and how far', async () => {
  const server = await withTopic();
  const producer = await RawProducer.to(server, null);
  await producer.init();
  const before = Date.now();
  await producer.produce(sealed(['a', 'b'], producer.identity));
  const asked = {
    topics: [
      { name: 't', partitionIndexes: [0, 1] },
      { name: 'u', partitionIndexes: [0] },
    ],
  };
  const { topics } = await server.ask(describeProducers, 0, asked);
  const [[known, missing], [nowhere]] = topics.map(({ partitions }) => partitions) as [never, never] as [
    Told[],
    Told[],
  ];
  expect(known).toMatchObject({
    errorCode: 0,
    activeProducers: [{ ...producer.identity, lastSequence: 1, coordinatorEpoch: 0, currentTxnStartOffset: -1 }],
  });
  const at = known?.activeProducers[0]?.lastTimestamp ?? 0;
  expect(at >= before && at <= Date.now()).toBe(true);
  for (const each of [missing, nowhere]) expect(each).toMatchObject({ errorCode: 3, activeProducers: [] });
});

interface Told {
  readonly errorCode: number;
  readonly activeProducers: readonly { readonly lastTimestamp: number }[];
}
