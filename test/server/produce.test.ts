import { expect, it } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { FIELD, readHeader, sealChecksum, splitBatches } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { encodeMarker } from '../../src/record/control.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { CODECS } from '../../src/types.ts';
import { batchOf } from '../support/test-broker.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const NOW = Date.now();
const VERSIONS = Array.from({ length: produce.versions[1] - 2 }, (_, i) => i + 3);

const batch = (...values: string[]) =>
  batchOf(
    values.map((value) => ({ key: value, value })),
    'none',
    NOW,
  );

function request(partitions: readonly (readonly [topic: string, index: number, records: Buffer | null])[], acks = -1) {
  const topics = [...new Set(partitions.map(([topic]) => topic))];
  const dataOf = (name: string) =>
    partitions.filter(([topic]) => topic === name).map(([, index, records]) => ({ index, records }));
  return { acks, timeoutMs: 1000, topicData: topics.map((name) => ({ name, partitionData: dataOf(name) })) };
}

async function withTopics(...names: string[]): Promise<{ server: TestServer; client: TestClient }> {
  const server = await TestServer.start();
  const topics = names.map((name) => ({
    name,
    numPartitions: 2,
    replicationFactor: 1,
    assignments: [],
    configs: name === 'compacted' ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
  }));
  await server.ask(createTopics, 4, { topics });
  return { server, client: await server.connect() };
}

async function send(client: TestClient, version: number, ...args: Parameters<typeof request>) {
  const { responses } = await client.ask(produce, version, request(...args));
  return responses.flatMap(({ name, partitionResponses }) =>
    partitionResponses.map(({ index, errorCode, baseOffset }) => [name, index, errorCode, baseOffset]),
  );
}

async function stored(client: TestClient, topic: string, partition = 0): Promise<Buffer[]> {
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
  const { responses } = await client.ask(fetch, 11, { maxWaitMs: 0, minBytes: 0, topics: [{ topic, partitions }] });
  return splitBatches(responses[0]?.partitions[0]?.records as Buffer);
}

async function end(client: TestClient, name: string): Promise<number | undefined> {
  const partitions = [{ partitionIndex: 0, timestamp: -1 }];
  return (await client.ask(listOffsets, 7, { topics: [{ name, partitions }] })).topics[0]?.partitions[0]?.offset;
}

it.each(VERSIONS)('Produce %i: each batch has its answer, of as many topics as there are', async (version) => {
  const { client } = await withTopics('a', 'b');
  const first = request([
    ['a', 0, batch('1', '2')],
    ['a', 1, batch('3')],
    ['b', 0, batch('4')],
  ]);
  const { responses } = await client.ask(produce, version, first);
  expect(responses).toMatchObject([
    {
      name: 'a',
      partitionResponses: [
        { index: 0, baseOffset: 0 },
        { index: 1, baseOffset: 0 },
      ],
    },
    { name: 'b', partitionResponses: [{ index: 0, baseOffset: 0 }] },
  ]);
  for (const { partitionResponses } of responses)
    expect(partitionResponses.every(({ errorCode, logAppendTimeMs }) => errorCode === 0 && logAppendTimeMs === -1));
  expect(await send(client, version, [['a', 0, batch('5')]])).toEqual([['a', 0, 0, 2]]);
});

it.each(CODECS)('what was sent in %s is what is served, byte for byte but for its place', async (codec) => {
  const { client } = await withTopics('t');
  const sent = batchOf([{ key: 'k', value: 'v'.repeat(1000) }, { value: null }], codec, NOW);
  await send(client, 9, [['t', 0, batch('before')]]);
  await send(client, 9, [['t', 0, Buffer.from(sent)]]);
  const [, got] = await stored(client, 't');
  expect(got?.subarray(FIELD.magic)).toEqual(sent.subarray(FIELD.magic));
  expect(readHeader(got as Buffer)).toMatchObject({ baseOffset: 1, leaderEpoch: 0 });
});

it('what is refused is refused by itself, and takes nothing else with it', async () => {
  const { client } = await withTopics('t', 'compacted');
  const tooLarge = batchOf([{ value: Buffer.alloc(1_100_000) }], 'none', NOW);
  const broken = batch('broken');
  broken[70] = (broken[70] as number) ^ 1;
  const based = batch('x');
  based.writeInt32BE(5, FIELD.baseOffset + 4);
  const keyless = new BatchBuilder();
  keyless.append(null, Buffer.from('x'), [], NOW);
  const changed = (field: keyof typeof FIELD, value: number) => {
    const blob = batch('x');
    if (field === 'attributes') blob.writeInt16BE(value, FIELD.attributes);
    else blob.writeInt32BE(value, FIELD[field]);
    return sealChecksum(blob);
  };
  const early = batchOf([{ key: 'k', value: 'v' }], 'none', NOW + 7_200_000);
  const rows: [what: string, blob: Buffer | null, code: number, beside?: number][] = [
    ['no records', null, 87],
    ['no bytes', Buffer.alloc(0), 87],
    ['two batches', Buffer.concat([batch('1'), batch('2')]), 87],
    ['a MessageSet', Buffer.alloc(30), 87],
    ['a broken checksum', broken, 2],
    ['a cut batch', batch('cut').subarray(0, 65), 2],
    ['a base offset', based, 87],
    ['a wrong last offset', changed('lastOffsetDelta', 3), 87],
    ['a control batch', changed('attributes', 0x20), 87],
    [
      'a control batch of a transaction',
      encodeMarker({ producerId: 1, producerEpoch: 0, commit: true, coordinatorEpoch: 0, timestamp: NOW }),
      53,
      53,
    ],
    ['log-append time', changed('attributes', 0x08), 32],
    ['a time to come', early, 32],
    ['too large', tooLarge, 10],
  ];
  for (const [what, blob, code, beside = 0] of rows) {
    const outcome = await send(client, 9, [
      ['t', 0, blob],
      ['t', 1, batch('beside')],
    ]);
    expect([what, ...outcome.map(([, , errorCode]) => errorCode)]).toEqual([what, code, beside]);
  }
  expect(await send(client, 9, [['compacted', 0, keyless.finish()]])).toEqual([['compacted', 0, 87, -1]]);
  expect(
    await send(client, 9, [
      ['never', 0, batch('x')],
      ['t', 7, batch('x')],
    ]),
  ).toMatchObject([
    ['never', 0, 3, -1],
    ['t', 7, 3, -1],
  ]);
  expect(await end(client, 't')).toBe(0);
});

it('a reason comes with the code from version 8 on', async () => {
  const { client } = await withTopics('t');
  const { responses } = await client.ask(produce, 8, request([['t', 0, null]]));
  expect(responses[0]?.partitionResponses[0]).toMatchObject({
    errorCode: 87,
    errorMessage: 'a partition without a batch',
  });
});

it('zstd is taken from version 7 on', async () => {
  const { client } = await withTopics('t');
  const zstd = () => batchOf([{ value: 'v' }], 'zstd', NOW);
  expect(await send(client, 6, [['t', 0, zstd()]])).toEqual([['t', 0, 76, -1]]);
  expect(await send(client, 7, [['t', 0, zstd()]])).toEqual([['t', 0, 0, 0]]);
});

it.each([2, -2])('acks of %i are none', async (acks) => {
  const { client } = await withTopics('t');
  expect(await send(client, 9, [['t', 0, batch('x')]], acks)).toEqual([['t', 0, 21, -1]]);
});

it('acks 0: no answer; what is sent before the client leaves is stored', async () => {
  const { server, client } = await withTopics('t');
  client.send(produce, 7, request([['t', 0, batch('1')]], 0));
  client.send(produce, 7, request([['t', 0, batch('2')]], 0));
  expect(await end(client, 't')).toBe(2);
  const leaving = await server.connect();
  for (let i = 0; i < 50; i++) leaving.send(produce, 7, request([['t', 0, batch(`${i}`)]], 0));
  leaving.socket.end();
  expect(await leaving.frame()).toBe(null);
  expect(await end(client, 't')).toBe(52);
});

it('acks 0: a failure ends the connection', async () => {
  const { server, client } = await withTopics('t');
  client.send(produce, 7, request([['t', 0, null]], 0));
  expect(await client.frame()).toBe(null);
  expect(server.said).toEqual([expect.stringContaining('a partition without a batch (87)')]);
});

it('a largest timestamp that the producer got wrong is set right, so that looking by time finds the record', async () => {
  const { client } = await withTopics('t');
  const blob = batchOf(
    [
      { value: 'a', timestamp: NOW },
      { value: 'b', timestamp: NOW + 50 },
    ],
    'none',
    NOW,
  );
  blob.writeInt32BE(Number(BigInt(NOW - 5) & 0xffffffffn) | 0, FIELD.maxTimestamp + 4);
  await send(client, 7, [['t', 0, sealChecksum(blob)]]);
  const [got] = await stored(client, 't');
  expect(readHeader(got as Buffer).maxTimestamp).toBe(NOW + 50);
  expect(decodeBatch(got as Buffer)).toHaveLength(2);
  const partitions = [{ partitionIndex: 0, timestamp: NOW + 1 }];
  const { topics } = await client.ask(listOffsets, 7, { topics: [{ name: 't', partitions }] });
  expect(topics[0]?.partitions[0]).toMatchObject({ offset: 1, timestamp: NOW + 50 });
});
