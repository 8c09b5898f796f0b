import { expect, it } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { offsetForLeaderEpoch } from '../../src/protocol/messages/23-offset-for-leader-epoch.ts';
import { batchOf } from '../support/test-broker.ts';
import { type TestClient, TestServer } from '../support/test-server.ts';

const NOW = Date.now();
const VERSIONS = Array.from({ length: listOffsets.versions[1] }, (_, i) => i + 1);

/** Offsets 0 to 3, with these times after NOW. */
const TIMES = [0, 100, 50, 60];

async function filled(): Promise<TestClient> {
  const client = await (await TestServer.start()).connect();
  await client.ask(metadata, 4, { topics: [{ name: 't' }] });
  for (const time of TIMES) {
    const records = batchOf([{ value: 'x', timestamp: NOW + time }], 'none', NOW);
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    await client.ask(produce, 7, { acks: 1, timeoutMs: 1000, topicData });
  }
  return client;
}

async function list(client: TestClient, version: number, timestamp: number, more = {}) {
  const partitions = [{ partitionIndex: 0, timestamp, ...more }];
  const { topics } = await client.ask(listOffsets, version, { topics: [{ name: 't', partitions }] });
  const { errorCode, offset, timestamp: found } = topics[0]?.partitions[0] ?? {};
  return [errorCode, offset, found];
}

it.each(VERSIONS)('ListOffsets %i: the ends, times, and what the version does not have', async (version) => {
  const client = await filled();
  expect(await list(client, version, -1)).toEqual([0, 4, -1]);
  expect(await list(client, version, -2)).toEqual([0, 0, -1]);
  expect(await list(client, version, NOW)).toEqual([0, 0, NOW]);
  expect(await list(client, version, NOW + 1)).toEqual([0, 1, NOW + 100]);
  expect(await list(client, version, NOW + 101)).toEqual([0, -1, -1]);
  expect(await list(client, version, -3)).toEqual(version >= 7 ? [0, 1, NOW + 100] : [35, -1, -1]);
  expect(await list(client, version, -4)).toEqual(version >= 8 ? [0, 0, -1] : [35, -1, -1]);
  expect(await list(client, version, -5)).toEqual(version >= 9 ? [0, -1, -1] : [35, -1, -1]);
  expect(await list(client, version, -6)).toEqual([35, -1, -1]);
});

it('a leader epoch is told with an offset, and one that never was is refused', async () => {
  const client = await filled();
  const partitions = [{ partitionIndex: 0, timestamp: -1 }];
  const { topics } = await client.ask(listOffsets, 4, { topics: [{ name: 't', partitions }] });
  expect(topics[0]?.partitions[0]?.leaderEpoch).toBe(0);
  expect(await list(client, 4, -1, { currentLeaderEpoch: 0 })).toEqual([0, 4, -1]);
  expect(await list(client, 4, -1, { currentLeaderEpoch: 1 })).toEqual([75, -1, -1]);
});

it('a partition that does not exist, or is asked for twice, is an error in its place', async () => {
  const client = await filled();
  const { topics } = await client.ask(listOffsets, 7, {
    topics: [
      { name: 'never', partitions: [{ partitionIndex: 0, timestamp: -1 }] },
      { name: 't', partitions: [5, 0, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1 })) },
    ],
  });
  expect(topics.map(({ partitions }) => partitions.map(({ errorCode }) => errorCode))).toEqual([[3], [3, 42, 42]]);
});

it('of an empty partition there is no record by time, and its ends are one', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask(metadata, 4, { topics: [{ name: 't' }] });
  for (const timestamp of [-1, -2]) expect(await list(client, 7, timestamp)).toEqual([0, 0, -1]);
  for (const timestamp of [-3, 0, NOW]) expect(await list(client, 7, timestamp)).toEqual([0, -1, -1]);
});

it.each([2, 3, 4])(
  'OffsetForLeaderEpoch %i: the one epoch there was ends where the partition does',
  async (version) => {
    const client = await filled();
    const of = async (leaderEpoch: number, currentLeaderEpoch = -1, partition = 0) => {
      const partitions = [{ partition, leaderEpoch, currentLeaderEpoch }];
      const { topics } = await client.ask(offsetForLeaderEpoch, version, { topics: [{ topic: 't', partitions }] });
      const found = topics[0]?.partitions[0];
      return [found?.errorCode, found?.leaderEpoch, found?.endOffset];
    };
    expect(await of(0)).toEqual([0, 0, 4]);
    expect(await of(0, 0)).toEqual([0, 0, 4]);
    expect(await of(7)).toEqual([0, -1, -1]);
    expect(await of(0, 3)).toEqual([75, -1, -1]);
    expect(await of(0, -1, 9)).toEqual([3, -1, -1]);
  },
);
