import { expect, it } from 'vitest';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { describeLogDirs } from '../../src/protocol/messages/35-describe-log-dirs.ts';
import { describeCluster } from '../../src/protocol/messages/60-describe-cluster.ts';
import { ZERO_UUID } from '../../src/protocol/schema.ts';
import { tempDir } from '../support/temp-dir.ts';
import { batchOf } from '../support/test-broker.ts';
import { TestServer } from '../support/test-server.ts';

const versions = ([first, last]: readonly [number, number]) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

it.each(versions(metadata.versions))('Metadata %i: what is asked for is made and told at once', async (version) => {
  const server = await TestServer.start({ settings: { numPartitions: 3 } });
  const { topics, brokers, controllerId, clusterId } = await server.ask(metadata, version, { topics: [{ name: 't' }] });
  expect(topics).toMatchObject([{ errorCode: 0, name: 't', isInternal: false }]);
  expect(topics[0]?.partitions.map((partition) => partition.partitionIndex)).toEqual([0, 1, 2]);
  for (const partition of topics[0]?.partitions ?? [])
    expect(partition).toMatchObject({
      errorCode: 0,
      leaderId: 1,
      replicaNodes: [1],
      isrNodes: [1],
      offlineReplicas: [],
    });
  expect(brokers.map(({ nodeId }) => nodeId)).toEqual([1]);
  if (version >= 1) expect(controllerId).toBe(1);
  if (version >= 2) expect(clusterId).toMatch(/^[\w-]{22}$/);
  if (version >= 10) expect(topics[0]?.topicId.equals(ZERO_UUID)).toBe(false);
});

it('all topics: null, in version 0 an empty list; later an empty list is none', async () => {
  const server = await TestServer.start();
  await server.ask(metadata, 1, { topics: [{ name: 'a' }, { name: 'b' }] });
  const names = async (version: number, topics: [] | null) =>
    (await server.ask(metadata, version, { topics })).topics.map(({ name }) => name);
  expect(await names(0, [])).toEqual(['a', 'b']);
  expect(await names(1, [])).toEqual([]);
  expect(await names(1, null)).toEqual(['a', 'b']);
  expect(await names(12, null)).toEqual(['a', 'b']);
});

it('nothing is made where the client or the server does not want it; one bad name spoils no other', async () => {
  const server = await TestServer.start();
  const ask = (names: string[], allowAutoTopicCreation = true, to = server) =>
    to.ask(metadata, 9, { topics: names.map((name) => ({ name })), allowAutoTopicCreation });
  const codes = async (...args: Parameters<typeof ask>) => (await ask(...args)).topics.map((topic) => topic.errorCode);
  expect(await codes(['t'], false)).toEqual([3]);
  expect(await codes(['t', 'a/b', 'u', 't'])).toEqual([0, 17, 0]);
  expect(await codes(['a/b'], false)).toEqual([17]);
  const strict = await TestServer.start({ settings: { autoCreateTopics: false } });
  expect(await codes(['t'], true, strict)).toEqual([3]);
});

it('by id: from version 12 on, and 100 for one that nothing has', async () => {
  const server = await TestServer.start();
  const { topics } = await server.ask(metadata, 12, { topics: [{ name: 't' }] });
  const topicId = topics[0]?.topicId as Buffer;
  const ask = async (version: number, id: Buffer) =>
    (await server.ask(metadata, version, { topics: [{ topicId: id, name: null }] })).topics[0];
  expect(await ask(12, topicId)).toMatchObject({ errorCode: 0, name: 't' });
  expect(await ask(12, Buffer.alloc(16, 1))).toMatchObject({ errorCode: 100, name: null });
  expect(await ask(11, topicId)).toMatchObject({ errorCode: 42, name: '' });
});

it('what a client may do is told when it asks: everything', async () => {
  const server = await TestServer.start();
  const more = { includeTopicAuthorizedOperations: true, includeClusterAuthorizedOperations: true };
  const told = await server.ask(metadata, 8, { topics: [{ name: 't' }], ...more });
  expect([told.topics[0]?.topicAuthorizedOperations, told.clusterAuthorizedOperations]).toEqual([3576, 8096]);
  const silent = await server.ask(metadata, 8, { topics: [{ name: 't' }] });
  expect(silent.topics[0]?.topicAuthorizedOperations).toBe(-2147483648);
});

it('the cluster id is the data directory’s, for as long as it lives', async () => {
  const dataDir = tempDir();
  const idOf = async (server: TestServer) => (await server.ask(metadata, 2, { topics: [] })).clusterId;
  const first = await idOf(await TestServer.start({ dataDir }));
  expect(await idOf(await TestServer.start({ dataDir }))).toBe(first);
  expect(await idOf(await TestServer.start())).not.toBe(first);
});

it.each(versions(findCoordinator.versions))('FindCoordinator %i: there always is one', async (version) => {
  const server = await TestServer.start();
  const { port } = server.server.addresses[0] as { port: number };
  const here = { nodeId: 1, host: '127.0.0.1', port, errorCode: 0 };
  const asked = { key: 'g', keyType: 0, coordinatorKeys: ['g', 'h'] };
  const found = await server.ask(findCoordinator, version, asked);
  expect(version < 4 ? [found] : found.coordinators).toMatchObject(version < 4 ? [here] : [here, here]);
  if (version === 0) return;
  const unknown = await server.ask(findCoordinator, version, { ...asked, keyType: 2 });
  expect(version < 4 ? unknown.errorCode : unknown.coordinators[0]?.errorCode).toBe(42);
});

it.each([0, 1])('DescribeCluster %i', async (version) => {
  const server = await TestServer.start();
  const ask = (endpointType: number) =>
    server.ask(describeCluster, version, { includeClusterAuthorizedOperations: true, endpointType });
  const told = await ask(1);
  expect(told).toMatchObject({ errorCode: 0, controllerId: 1, clusterAuthorizedOperations: 8096 });
  expect(told.brokers).toMatchObject([{ brokerId: 1, host: '127.0.0.1' }]);
  if (version === 0) return;
  expect((await ask(2)).errorCode).toBe(115);
  expect((await ask(3)).errorCode).toBe(114);
});

it.each(versions(describeLogDirs.versions))('DescribeLogDirs %i: the data directory', async (version) => {
  const server = await TestServer.start();
  await server.ask(metadata, 1, { topics: [{ name: 'a' }, { name: 'b' }] });
  const records = batchOf([{ value: 'x' }], 'none', Date.now());
  const topicData = [{ name: 'a', partitionData: [{ index: 0, records }] }];
  await server.ask(produce, 7, { acks: 1, timeoutMs: 1000, topicData });
  const { results } = await server.ask(describeLogDirs, version, { topics: null });
  expect(results).toMatchObject([{ errorCode: 0, logDir: server.dir }]);
  const [{ topics, totalBytes, usableBytes }] = results as [(typeof results)[number]];
  const partitionOf = (partitionSize: number) => ({
    partitionIndex: 0,
    partitionSize,
    offsetLag: 0,
    isFutureKey: false,
  });
  expect(topics).toEqual([
    { name: 'a', partitions: [partitionOf(records.length)] },
    { name: 'b', partitions: [partitionOf(0)] },
  ]);
  if (version >= 4) expect(totalBytes).toBeGreaterThan(usableBytes);
  const some = [
    { topic: 'a', partitions: [0, 5] },
    { topic: 'never', partitions: [0] },
  ];
  const { results: asked } = await server.ask(describeLogDirs, version, { topics: some });
  expect(asked[0]?.topics).toMatchObject([{ name: 'a', partitions: [{ partitionIndex: 0 }] }]);
});

it('--nodes: leaders and coordinators are spread, and asked for by the right one', async () => {
  const server = await TestServer.start({ nodes: 3 });
  const spec = { name: 't', numPartitions: 6, replicationFactor: 3, assignments: [], configs: [] };
  const { topics: made } = await server.ask(createTopics, 7, { topics: [spec] });
  expect(made).toMatchObject([{ errorCode: 0, replicationFactor: 3, numPartitions: 6 }]);
  const { topics: more } = await server.ask(createTopics, 7, {
    topics: [{ ...spec, name: 'u', replicationFactor: 4 }],
  });
  expect(more).toMatchObject([{ errorCode: 38 }]);
  const { topics } = await server.ask(metadata, 9, { topics: [{ name: 't' }] });
  const leaders = topics[0]?.partitions.map(({ leaderId }) => leaderId) as number[];
  expect([...leaders].sort()).toEqual([1, 1, 2, 2, 3, 3]);
  expect(topics[0]?.partitions[0]?.replicaNodes).toEqual([1, 2, 3]);
  for (const node of [1, 2, 3]) {
    const client = await server.connect(node);
    const expected = leaders.map((leader) => (leader === node ? 0 : 6));
    const all = leaders.map((_, index) => index);
    const partitionData = all.map((index) => ({ index, records: batchOf([{ value: 'x' }], 'none', Date.now()) }));
    const sent = await client.ask(produce, 7, { acks: 1, timeoutMs: 1, topicData: [{ name: 't', partitionData }] });
    expect(sent.responses[0]?.partitionResponses.map(({ errorCode }) => errorCode)).toEqual(expected);
    const wanted = all.map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }));
    const topicsToFetch = [{ topic: 't', partitions: wanted }];
    const got = await client.ask(fetch, 11, { maxWaitMs: 9999, minBytes: 1 << 30, topics: topicsToFetch });
    expect(got.responses[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual(expected);
    const ends = all.map((partitionIndex) => ({ partitionIndex, timestamp: -1 }));
    const listed = await client.ask(listOffsets, 7, { topics: [{ name: 't', partitions: ends }] });
    expect(listed.topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual(expected);
  }
  const keys = Array.from({ length: 30 }, (_, i) => `group-${i}`);
  const { coordinators } = await server.ask(findCoordinator, 4, { coordinatorKeys: keys });
  expect(new Set(coordinators.map(({ nodeId }) => nodeId)).size).toBe(3);
  const again = await (await server.connect(2)).ask(findCoordinator, 4, { coordinatorKeys: keys });
  expect(again.coordinators).toEqual(coordinators);
});
