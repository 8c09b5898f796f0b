import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { deleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { deleteRecords } from '../../src/protocol/messages/21-delete-records.ts';
import { readHeader, splitBatches } from '../../src/record/batch.ts';
import { batchOf } from '../support/test-broker.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const NOW = Date.now();
const VERSIONS = Array.from({ length: fetch.versions[1] - 3 }, (_, i) => i + 4);
const golden = join(import.meta.dirname, '../golden');

interface Asked {
  readonly topic?: string;
  readonly topicId?: Buffer;
  readonly partition?: number;
  readonly offset?: number;
  readonly maxBytes?: number;
  readonly epoch?: number;
}

function request(asked: readonly Asked[], more: Record<string, number> = {}) {
  const topics = asked.map(({ topic = 't', topicId, partition = 0, offset = 0, maxBytes = 1 << 20, epoch = -1 }) => ({
    topic,
    ...(topicId && { topicId }),
    partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: maxBytes, currentLeaderEpoch: epoch }],
  }));
  return { maxWaitMs: 0, minBytes: 1, ...more, topics };
}

async function ask(client: TestClient, asked: readonly Asked[], more: Record<string, number> = {}, version = 11) {
  const { responses } = await client.ask(fetch, version, request(asked, more));
  return responses.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, ...partition, offsets: offsetsOf(partition.records) })),
  );
}

/** First and last offset of each batch. */
function offsetsOf(records: Buffer | null): [number, number][] {
  return splitBatches(records as Buffer).map((blob) => {
    const { baseOffset, lastOffset } = readHeader(blob);
    return [baseOffset, lastOffset];
  });
}

/** Batches of `records` records each, all of the same size. */
async function fill(client: TestClient, topic: string, batches: number, records = 2, partition = 0): Promise<number> {
  await client.ask(metadata, 4, { topics: [{ name: topic }] });
  let bytes = 0;
  for (let i = 0; i < batches; i++) {
    const blob = batchOf(
      Array.from({ length: records }, () => ({ value: 'x'.repeat(100) })),
      'none',
      NOW,
    );
    bytes = blob.length;
    const topicData = [{ name: topic, partitionData: [{ index: partition, records: blob }] }];
    await client.ask(produce, 7, { acks: 1, timeoutMs: 1000, topicData });
  }
  return bytes;
}

async function start(): Promise<{ server: TestServer; client: TestClient }> {
  const server = await TestServer.start();
  return { server, client: await server.connect() };
}

it.each(VERSIONS)('Fetch %i: everything that was asked for is answered, by name or by id', async (version) => {
  const { client } = await start();
  await fill(client, 't', 2);
  await fill(client, 'empty', 0);
  const { topics } = await client.ask(metadata, 12, { topics: [{ name: 't' }, { name: 'empty' }] });
  const byId = topics.map(({ topicId, name }) => ({ topic: name as string, topicId }));
  const { responses, sessionId } = await client.ask(fetch, version, request(byId));
  expect(sessionId).toBe(0);
  expect(responses).toHaveLength(2);
  for (const [i, { topic, topicId, partitions }] of responses.entries()) {
    if (version >= 13) expect(topicId).toEqual(byId[i]?.topicId);
    else expect(topic).toBe(byId[i]?.topic);
    const end = i === 0 ? 4 : 0;
    expect(partitions).toMatchObject([
      { errorCode: 0, highWatermark: end, lastStableOffset: end, logStartOffset: version < 5 ? -1 : 0 },
    ]);
    expect(partitions[0]?.abortedTransactions).toBe(null);
    expect(offsetsOf(partitions[0]?.records as Buffer)).toEqual(
      i === 0
        ? [
            [0, 1],
            [2, 3],
          ]
        : [],
    );
    if (version >= 11) expect(partitions[0]?.preferredReadReplica).toBe(-1);
  }
});

it('an offset inside a batch gets the whole batch', async () => {
  const { client } = await start();
  await fill(client, 't', 3, 4);
  expect((await ask(client, [{ offset: 6 }]))[0]?.offsets).toEqual([
    [4, 7],
    [8, 11],
  ]);
  expect((await ask(client, [{ offset: 11 }]))[0]?.offsets).toEqual([[8, 11]]);
});

it('limits: only the first batch of all may exceed them (KIP-74)', async () => {
  const { client } = await start();
  const bytes = await fill(client, 'a', 3);
  await fill(client, 'b', 3);
  const of = async (maxBytes: number, more = {}) =>
    (
      await ask(
        client,
        [
          { topic: 'a', maxBytes },
          { topic: 'b', maxBytes },
        ],
        more,
      )
    ).map(({ offsets }) => offsets.length);
  expect(await of(1)).toEqual([1, 0]);
  expect(await of(2 * bytes)).toEqual([2, 2]);
  expect(await of(2 * bytes - 1)).toEqual([1, 1]);
  expect(await of(9 * bytes, { maxBytes: 4 * bytes })).toEqual([3, 1]);
  expect(await of(9 * bytes, { maxBytes: 1 })).toEqual([1, 0]);
});

it('what cannot be read is an error in its place, and nothing waits for it', async () => {
  const { client } = await start();
  await fill(client, 't', 1);
  const wait = { maxWaitMs: 60_000, minBytes: 1 };
  const rows: [Asked, number][] = [
    [{ topic: 'never' }, 3],
    [{ partition: 1 }, 3],
    [{ offset: 3 }, 1],
    [{ offset: -1 }, 1],
    [{ epoch: 1 }, 75],
    [{ epoch: -2 }, 74],
  ];
  for (const [asked, code] of rows) {
    const [found, fine] = await ask(client, [asked, { offset: 2 }], wait);
    expect(found).toMatchObject({ errorCode: code, highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 });
    expect(fine?.errorCode).toBe(0);
  }
  const unknown = [{ topicId: Buffer.alloc(16, 9) }];
  expect(await ask(client, unknown, wait, 13)).toMatchObject([{ errorCode: 100 }]);
});

it('what was asked for before the log start is out of range, and so it is said where that is by ListOffsets', async () => {
  const { client } = await start();
  await fill(client, 't', 3);
  const trim = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 3 }] }], timeoutMs: 1000 };
  const { topics } = await client.ask(deleteRecords, 2, trim);
  expect(topics[0]?.partitions).toEqual([{ partitionIndex: 0, lowWatermark: 3, errorCode: 0 }]);
  expect(await ask(client, [{ offset: 2 }])).toMatchObject([{ errorCode: 1 }]);
  expect(await ask(client, [{ offset: 3 }])).toMatchObject([
    {
      logStartOffset: 3,
      offsets: [
        [2, 3],
        [4, 5],
      ],
    },
  ]);
  const earliest = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -2 }] }] };
  expect((await client.ask(listOffsets, 7, earliest)).topics[0]?.partitions[0]).toMatchObject({ offset: 3 });
});

it.each([0, 1, 2])('DeleteRecords %i: to an offset, to the end, and what is refused', async (version) => {
  const { client } = await start();
  await fill(client, 't', 2);
  const trim = async (offset: number, name = 't', partitionIndex = 0) => {
    const partitions = [{ partitionIndex, offset }];
    const { topics } = await client.ask(deleteRecords, version, { topics: [{ name, partitions }], timeoutMs: 1000 });
    return [topics[0]?.partitions[0]?.errorCode, topics[0]?.partitions[0]?.lowWatermark];
  };
  expect(await trim(1)).toEqual([0, 1]);
  expect(await trim(0)).toEqual([0, 1]);
  expect(await trim(5)).toEqual([1, -1]);
  expect(await trim(-2)).toEqual([1, -1]);
  expect(await trim(1, 'never')).toEqual([3, -1]);
  expect(await trim(1, 't', 3)).toEqual([3, -1]);
  expect(await trim(-1)).toEqual([0, 4]);
});

it('min_bytes: waits until there is enough, or the time is up', async () => {
  const { server, client } = await start();
  const bytes = await fill(client, 't', 1);
  client.send(fetch, 11, request([{}], { maxWaitMs: 60_000, minBytes: 3 * bytes }));
  const writer = await server.connect();
  await fill(writer, 't', 1);
  await fill(writer, 't', 1);
  const { body } = await client.receive(fetch, 11);
  expect(offsetsOf(body.responses[0]?.partitions[0]?.records as Buffer)).toHaveLength(3);
  expect(await ask(client, [{ offset: 6 }], { maxWaitMs: 20 })).toMatchObject([{ errorCode: 0, offsets: [] }]);
  const some = await ask(client, [{}], { maxWaitMs: 20, minBytes: 1 << 20 });
  expect(some[0]?.offsets).toHaveLength(3);
});

it('a commit of another process wakes a parked fetch', async () => {
  const { server, client } = await start();
  await fill(client, 't', 0);
  client.send(fetch, 11, request([{}], { maxWaitMs: 60_000 }));
  const other = Broker.open(server.dir, 'existing');
  other.append('t', [{ partition: 0, blob: batchOf([{ value: 'x' }], 'none', NOW) }], 'producer', 'full');
  other.close();
  const { body } = await client.receive(fetch, 11);
  expect(body.responses[0]?.partitions[0]?.highWatermark).toBe(1);
});

it('a topic that is deleted under a parked fetch ends the waiting', async () => {
  const { server, client } = await start();
  await fill(client, 't', 0);
  const { topics } = await client.ask(metadata, 12, { topics: [{ name: 't' }] });
  const [byName, byId] = [client, await server.connect()];
  byName.send(fetch, 11, request([{}], { maxWaitMs: 60_000 }));
  byId.send(fetch, 13, request([{ topicId: topics[0]?.topicId as Buffer }], { maxWaitMs: 60_000 }));
  await server.ask(deleteTopics, 1, { topicNames: ['t'], timeoutMs: 1000 });
  expect((await byName.receive(fetch, 11)).body.responses[0]?.partitions[0]?.errorCode).toBe(3);
  expect((await byId.receive(fetch, 13)).body.responses[0]?.partitions[0]?.errorCode).toBe(100);
});

it('sessions are declined; one that was never given is not found', async () => {
  const { client } = await start();
  await fill(client, 't', 1);
  const whole = await client.ask(fetch, 12, request([{}], { sessionId: 0, sessionEpoch: 0 }));
  expect(whole).toMatchObject({ errorCode: 0, sessionId: 0 });
  const next = await client.ask(fetch, 12, request([], { sessionId: 7, sessionEpoch: 1 }));
  expect(next).toMatchObject({ errorCode: 70, responses: [] });
});

/** As a real Kafka stored it: batches of transactions that were committed and aborted, and their markers. */
async function withTransactions(): Promise<{ client: TestClient; batches: Buffer[]; broker: Broker }> {
  const { server, client } = await start();
  await client.ask(metadata, 4, { topics: [{ name: 't' }] });
  const batches = splitBatches(readFileSync(join(golden, 'transactions.log')));
  return { client, batches, broker: Broker.open(server.dir, 'existing') };
}

it('read_committed: up to the last stable offset, with the aborted transactions of what is returned', async () => {
  const { client, batches, broker } = await withTransactions();
  const give = (from: number, to: number) =>
    broker.append(
      't',
      batches.slice(from, to).map((blob) => ({ partition: 0, blob: Buffer.from(blob) })),
      'coordinator',
      'normal',
    );
  const begins = batches.findIndex((blob) => readHeader(blob).transactional);
  const ends = batches.findIndex((blob) => readHeader(blob).control);
  give(0, ends);
  const held = readHeader(batches[begins] as Buffer).baseOffset;
  const [open] = await ask(client, [{}], { isolationLevel: 1 });
  expect(open).toMatchObject({ lastStableOffset: held, abortedTransactions: [] });
  expect(open?.offsets.at(-1)?.[1] ?? -1).toBe(held - 1);
  expect((await ask(client, [{}]))[0]?.offsets).toHaveLength(ends);
  give(ends, batches.length);
  broker.close();
  const [all] = await ask(client, [{}], { isolationLevel: 1 });
  expect(all?.offsets).toHaveLength(batches.length);
  expect(all?.lastStableOffset).toBe(all?.highWatermark);
  const aborted = all?.abortedTransactions ?? [];
  expect(aborted.length).toBeGreaterThan(0);
  expect(aborted.map(({ firstOffset }) => firstOffset)).toEqual(
    [...aborted.map(({ firstOffset }) => firstOffset)].sort((a, b) => a - b),
  );
  const last = aborted.at(-1)?.firstOffset as number;
  const tail = await ask(client, [{ offset: last }], { isolationLevel: 1 });
  expect(tail[0]?.abortedTransactions?.at(-1)?.firstOffset).toBe(last);
  const [uncommitted] = await ask(client, [{}], { isolationLevel: 0 });
  expect(uncommitted?.abortedTransactions).toBe(null);
  expect(uncommitted?.offsets).toEqual(all?.offsets);
});
