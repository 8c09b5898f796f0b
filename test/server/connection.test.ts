import { expect, it } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { apiVersions } from '../../src/protocol/messages/18-api-versions.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { batchOf } from '../support/test-broker.ts';
import { TestServer } from '../support/test-server.ts';

const NOW = Date.now();

function produceRequest(topic: string, values: readonly string[], acks = -1) {
  const records = batchOf(
    values.map((value) => ({ value })),
    'none',
    NOW,
  );
  return { acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] };
}

function fetchRequest(topic: string, fetchOffset: number, maxWaitMs = 0, minBytes = 1) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
  return { maxWaitMs, minBytes, topics: [{ topic, partitions }] };
}

it('a topic that is asked for is there at once; what is produced is fetched byte for byte', async () => {
  const client = await (await TestServer.start()).connect();
  const { topics, brokers } = await client.ask(metadata, 9, { topics: [{ name: 'orders' }] });
  expect(topics).toMatchObject([{ errorCode: 0, name: 'orders', partitions: [{ partitionIndex: 0, leaderId: 1 }] }]);
  expect(brokers).toMatchObject([{ nodeId: 1, host: '127.0.0.1' }]);
  const { responses } = await client.ask(produce, 9, produceRequest('orders', ['a', 'b']));
  expect(responses[0]?.partitionResponses).toMatchObject([{ errorCode: 0, baseOffset: 0 }]);
  const fetched = await client.ask(fetch, 12, fetchRequest('orders', 0));
  const records = fetched.responses[0]?.partitions[0]?.records as Buffer;
  expect(decodeBatch(records).map(({ value }) => String(value))).toEqual(['a', 'b']);
  const end = { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] };
  expect((await client.ask(listOffsets, 7, end)).topics[0]?.partitions).toMatchObject([{ errorCode: 0, offset: 2 }]);
});

it('V1: requests of one connection are answered in their order, also behind a parked one', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  await client.ask(metadata, 4, { topics: [{ name: 't' }] });
  const sent = [
    client.send(fetch, 11, fetchRequest('t', 0, 60_000)),
    client.send(apiVersions, 0, {}),
    client.send(produce, 7, produceRequest('t', ['late'])),
  ];
  await server.ask(produce, 7, produceRequest('t', ['now']));
  const got = [await client.receive(fetch, 11), await client.receive(apiVersions, 0), await client.receive(produce, 7)];
  expect(got.map(({ correlationId }) => correlationId)).toEqual(sent);
});

it('V5: a parked fetch is woken by an append, and let go when the server stops', async () => {
  const server = await TestServer.start();
  const [reader, writer] = [await server.connect(), await server.connect()];
  await writer.ask(metadata, 4, { topics: [{ name: 't' }] });
  reader.send(fetch, 11, fetchRequest('t', 0, 60_000));
  await writer.ask(produce, 7, produceRequest('t', ['x']));
  const { body } = await reader.receive(fetch, 11);
  expect(body.responses[0]?.partitions[0]?.highWatermark).toBe(1);
  reader.send(fetch, 11, fetchRequest('t', 1, 60_000));
  await writer.ask(apiVersions, 0, {});
  await server.server.stop();
  expect((await reader.receive(fetch, 11)).body.responses[0]?.partitions[0]?.errorCode).toBe(0);
  expect(await reader.frame()).toBe(null);
});

it('V2: bytes that make no sense close their connection alone, with one line', async () => {
  const server = await TestServer.start();
  const [good, bad] = [await server.connect(), await server.connect()];
  bad.socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  expect(await bad.frame()).toBe(null);
  expect(server.said).toEqual([expect.stringMatching(/^client \d from 127\.0\.0\.1 was cut off: /)]);
  expect((await good.ask(apiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' })).errorCode).toBe(0);
});
