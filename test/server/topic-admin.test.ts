import { expect, it } from 'vitest';
import type { NewRequest } from '../../src/protocol/api.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../../src/protocol/messages/20-delete-topics.ts';
import { createPartitions } from '../../src/protocol/messages/37-create-partitions.ts';
import { electLeaders } from '../../src/protocol/messages/43-elect-leaders.ts';
import { ZERO_UUID } from '../../src/protocol/schema.ts';
import { TestServer } from '../support/test-server.ts';

type Asked = NewRequest<typeof createTopics>['topics'][number];

const BY_DEFAULT = { numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] };
const CREATE_VERSIONS = [2, 3, 4, 5, 6, 7];

function asked(name: string, more: Partial<Asked> = {}): Asked {
  return { name, ...BY_DEFAULT, ...more };
}

async function partitionsOf(server: TestServer, name: string): Promise<number | undefined> {
  const { topics } = await server.ask(metadata, 9, { topics: [{ name }], allowAutoTopicCreation: false });
  return topics[0]?.errorCode === 0 ? topics[0].partitions.length : undefined;
}

it.each(CREATE_VERSIONS)('CreateTopics %i: a topic is there, complete, when it is answered', async (version) => {
  const server = await TestServer.start({ settings: { autoCreateTopics: true, numPartitions: 4 } });
  const { topics } = await server.ask(createTopics, version, {
    topics: [
      asked('given', { numPartitions: 2, configs: [{ name: 'retention.ms', value: '1000' }] }),
      asked('default'),
    ],
  });
  expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['given', 0],
    ['default', 0],
  ]);
  expect(await partitionsOf(server, 'given')).toBe(2);
  expect(await partitionsOf(server, 'default')).toBe(4);
});

it('CreateTopics 7 answers what Java reads: id, real counts, every config with where it comes from', async () => {
  const server = await TestServer.start();
  const configs = [{ name: 'cleanup.policy', value: 'compact' }];
  const { topics } = await server.ask(createTopics, 7, { topics: [asked('t', { configs })] });
  const [topic] = topics;
  expect(topic).toMatchObject({ numPartitions: 1, replicationFactor: 1, errorMessage: null });
  expect(topic?.topicId.equals(ZERO_UUID)).toBe(false);
  const policy = topic?.configs?.find(({ name }) => name === 'cleanup.policy');
  expect(policy).toMatchObject({ value: 'compact', configSource: 1 });
  expect(topic?.configs?.every(({ configSource }) => configSource >= 0)).toBe(true);
});

it('what cannot be created is refused by itself; its neighbours are made', async () => {
  const server = await TestServer.start();
  await server.ask(createTopics, 5, { topics: [asked('there'), asked('dots.in')] });
  const rows: [Asked, number][] = [
    [asked('fine'), 0],
    [asked('there'), 36],
    [asked('no/slash'), 17],
    [asked('..'), 17],
    [asked('dots_in'), 17],
    [asked('p0', { numPartitions: 0 }), 37],
    [asked('p-2', { numPartitions: -2 }), 37],
    [asked('r0', { replicationFactor: 0 }), 38],
    [asked('r2', { replicationFactor: 2 }), 38],
    [asked('bad-config', { configs: [{ name: 'retention.ms', value: 'soon' }] }), 40],
    [asked('no-config', { configs: [{ name: 'no.such', value: '1' }] }), 40],
    [asked('null-config', { configs: [{ name: 'retention.ms', value: null }] }), 40],
    [asked('both', { numPartitions: 1, assignments: [{ partitionIndex: 0, brokerIds: [1] }] }), 42],
    [asked('gap', { assignments: [{ partitionIndex: 1, brokerIds: [1] }] }), 39],
    [asked('nobody', { assignments: [{ partitionIndex: 0, brokerIds: [7] }] }), 39],
    [asked('assigned', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }), 0],
  ];
  const { topics } = await server.ask(createTopics, 5, { topics: rows.map(([topic]) => topic) });
  expect(topics.map(({ name, errorCode }) => [name, errorCode])).toEqual(rows.map(([{ name }, code]) => [name, code]));
  expect(topics.filter(({ errorCode }) => errorCode !== 0).every(({ errorMessage }) => errorMessage)).toBe(true);
  expect(await partitionsOf(server, 'fine')).toBe(1);
  const { topics: twice } = await server.ask(createTopics, 5, { topics: [asked('two'), asked('two')] });
  expect(twice).toMatchObject([{ name: 'two', errorCode: 42 }]);
});

it('validateOnly tries everything and leaves nothing behind', async () => {
  const server = await TestServer.start();
  const validate = { topics: [asked('t'), asked('..')], validateOnly: true };
  const { topics } = await server.ask(createTopics, 6, validate);
  expect(topics.map(({ errorCode }) => errorCode)).toEqual([0, 17]);
  expect(await partitionsOf(server, 't')).toBe(undefined);
  await server.ask(createTopics, 6, { topics: [asked('t')] });
  const grow = { topics: [{ name: 't', count: 3, assignments: null }], timeoutMs: 1000 };
  const { results } = await server.ask(createPartitions, 3, { ...grow, validateOnly: true });
  expect(results).toMatchObject([{ errorCode: 0 }]);
  expect(await partitionsOf(server, 't')).toBe(1);
});

it.each([1, 4, 5])('DeleteTopics %i: by name; what is made again is another topic', async (version) => {
  const server = await TestServer.start();
  const idOf = async () => (await server.ask(metadata, 12, { topics: [{ name: 't' }] })).topics[0]?.topicId;
  const before = await idOf();
  const { responses } = await server.ask(deleteTopics, version, { topicNames: ['t', 'never'], timeoutMs: 1000 });
  expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['t', 0],
    ['never', 3],
  ]);
  expect(await idOf()).not.toEqual(before);
});

it('DeleteTopics 6: by name or by id, not by both; UNKNOWN_TOPIC_ID for an id that nothing has', async () => {
  const server = await TestServer.start();
  const { topics } = await server.ask(metadata, 12, { topics: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
  const [a, , c] = topics.map(({ topicId }) => topicId as Buffer) as [Buffer, Buffer, Buffer];
  const { responses } = await server.ask(deleteTopics, 6, {
    topics: [
      { name: null, topicId: a },
      { name: 'b' },
      { name: 'c', topicId: c },
      { name: null, topicId: Buffer.alloc(16, 7) },
      { name: null },
    ],
    timeoutMs: 1000,
  });
  expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['a', 0],
    ['b', 0],
    ['c', 42],
    [null, 100],
    [null, 42],
  ]);
  expect(await partitionsOf(server, 'c')).toBe(1);
});

it.each([0, 1, 2, 3])('CreatePartitions %i: only more, and never by half', async (version) => {
  const server = await TestServer.start();
  await server.ask(createTopics, 4, { topics: ['a', 'b', 'c', 'd'].map((name) => asked(name)) });
  const grow = (name: string, count: number, brokerIds?: number[][]) => ({
    name,
    count,
    assignments: brokerIds?.map((ids) => ({ brokerIds: ids })) ?? null,
  });
  const { results } = await server.ask(createPartitions, version, {
    topics: [
      grow('a', 3),
      grow('b', 1),
      grow('c', 2, [[1], [1]]),
      grow('d', 2, [[1]]),
      grow('never', 2),
      grow('b', 9),
      grow('b', 9),
    ],
    timeoutMs: 1000,
    validateOnly: false,
  });
  expect(results.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['a', 0],
    ['b', 42],
    ['c', 39],
    ['d', 0],
    ['never', 3],
  ]);
  expect(await partitionsOf(server, 'a')).toBe(3);
  expect(await partitionsOf(server, 'd')).toBe(2);
  const shrink = await server.ask(createPartitions, version, {
    topics: [grow('a', 2), grow('d', 2)],
    timeoutMs: 1000,
    validateOnly: false,
  });
  expect(shrink.results.map(({ errorCode }) => errorCode)).toEqual([37, 37]);
});

it.each([0, 1, 2])('ElectLeaders %i: nobody needs another leader', async (version) => {
  const server = await TestServer.start();
  await server.ask(metadata, 4, { topics: [{ name: 't' }] });
  const { errorCode, replicaElectionResults } = await server.ask(electLeaders, version, {
    topicPartitions: [{ topic: 't', partitions: [0, 1] }],
  });
  expect(errorCode).toBe(0);
  expect(replicaElectionResults[0]?.partitionResult.map((each) => each.errorCode)).toEqual([84, 3]);
  expect(await server.ask(electLeaders, version, { topicPartitions: null })).toMatchObject({
    replicaElectionResults: [],
  });
});
