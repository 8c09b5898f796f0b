import { describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { describeProducers } from '../../src/protocol/messages/61-describe-producers.ts';
import { describeTransactions } from '../../src/protocol/messages/65-describe-transactions.ts';
import { listTransactions } from '../../src/protocol/messages/66-list-transactions.ts';
import { consumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { TestServer } from '../support/test-server.ts';
import { GroupClient } from './group-client.ts';
import { fetched, fetchOf, NOBODY, RawProducer, sealed, seenIn } from './raw-producer.ts';

/** With a topic `t` of two partitions. */
async function withTopic(options: Parameters<typeof TestServer.start>[0] = {}): Promise<TestServer> {
  const server = await TestServer.start({ settings: { numPartitions: 2 }, ...options });
  await server.ask(metadata, 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  return server;
}

/** A server, and a producer that has its id. */
async function begin(transactionalId = 'x'): Promise<{ server: TestServer; producer: RawProducer }> {
  const server = await withTopic();
  const producer = await RawProducer.to(server, transactionalId);
  await producer.init();
  return { server, producer };
}

/** Somebody else's look at the same file. */
function brokerOf({ dir }: TestServer): Broker {
  const broker = Broker.open(dir, 'read');
  onTestFinished(() => broker.close());
  return broker;
}

describe('InitProducerId', () => {
  it.each([0, 1, 2, 3, 4, 5])('%i: who comes again has the same id and the next epoch', async (version) => {
    const server = await withTopic();
    const [first, second] = [await RawProducer.to(server, 'x'), await RawProducer.to(server, 'x')];
    const { producerId } = await first.init({}, version);
    expect(first.identity.producerEpoch).toBe(0);
    expect(await second.init({}, version)).toEqual({ errorCode: 0, producerId, producerEpoch: 1 });
  });

  it('refuses an empty id, and a time that is none or too long', async () => {
    const server = await withTopic();
    const producer = await RawProducer.to(server, 'x');
    expect(await producer.init({ transactionalId: '' })).toEqual({ errorCode: 42, ...NOBODY });
    for (const transactionTimeoutMs of [0, -1, 15 * 60_000 + 1])
      expect(await producer.init({ transactionTimeoutMs })).toEqual({ errorCode: 50, ...NOBODY });
    expect(await producer.init({ transactionTimeoutMs: 15 * 60_000 })).toMatchObject({ errorCode: 0 });
  });

  it('aborts at once what is open, and whoever had it is fenced', async () => {
    const { server, producer } = await begin();
    await producer.add();
    await producer.send(['a']);
    const next = await RawProducer.to(server, 'x');
    expect(await next.init()).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    const { producerId } = next.identity;
    expect(await fetched(next.client, 1)).toMatchObject({
      lastStableOffset: 2,
      highWatermark: 2,
      abortedTransactions: [{ producerId, firstOffset: 0 }],
    });
    expect(await producer.send(['b'], 1)).toMatchObject({ errorCode: 47 });
    expect(await producer.end(true)).toBe(90);
  });

  it('with what it was until now: that goes on, said twice is answered twice, anything else is fenced', async () => {
    const { producer } = await begin();
    const first = producer.identity;
    const { producerId } = first;
    const second = { errorCode: 0, producerId, producerEpoch: 1 };
    expect(await producer.init(first)).toEqual(second);
    expect(await producer.init(first)).toEqual(second);
    expect(await producer.init({ producerId, producerEpoch: 1 })).toMatchObject({ producerEpoch: 2 });
    for (const [version, errorCode] of [
      [3, 47],
      [4, 90],
    ] as const) {
      expect(await producer.init(first, version)).toEqual({ errorCode, ...NOBODY });
      expect(await producer.init({ producerId: producerId + 1, producerEpoch: 2 }, version)).toMatchObject({
        errorCode,
      });
    }
  });

  it('0 and 0 say nothing: a client that always says so comes back to its transactional id', async () => {
    const server = await withTopic();
    const producer = await RawProducer.to(server, 'x');
    const zero = { producerId: 0, producerEpoch: 0 };
    expect(await producer.init(zero, 3)).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    expect(await producer.init(zero, 3)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
  });
});

describe('AddPartitionsToTxn, AddOffsetsToTxn and EndTxn', () => {
  it.each([0, 1, 2, 3])('%i: refuse who is not the producer of the transactional id', async (version) => {
    const { server, producer } = await begin();
    const stranger = await RawProducer.to(server, 'x');
    const { producerId, producerEpoch } = producer.identity;
    const ask = async (identity: RawProducer['identity'], id = 'x') => {
      const other = Object.assign(await RawProducer.to(server, id), { identity });
      return [...(await other.add([0], version)), await other.addOffsets('g', version), await other.end(true, version)];
    };
    const fenced = version < 2 ? 47 : 90;
    expect(await ask({ producerId, producerEpoch: producerEpoch + 1 })).toEqual([fenced, fenced, fenced]);
    expect(await ask({ producerId: producerId + 1, producerEpoch })).toEqual([49, 49, 49]);
    expect(await ask(stranger.identity)).toEqual([49, 49, 49]);
    expect(await ask(producer.identity, 'never')).toEqual([49, 49, 49]);
    expect(await ask(producer.identity, '')).toEqual([42, 42, 42]);
  });

  it.each([0, 1, 2, 3])('%i: beside a partition that does not exist nothing is added', async (version) => {
    const { server, producer } = await begin();
    expect(await producer.add([0, 7, 1], version)).toEqual([55, 3, 55]);
    expect(await producer.add([0], version, 'no-such-topic')).toEqual([3]);
    expect(brokerOf(server).transactions.describe(['x'])).toMatchObject([{ state: 'Empty', partitions: [] }]);
    expect(await producer.add([0, 1], version)).toEqual([0, 0]);
    expect(await producer.add([1], version)).toEqual([0]);
    expect(await producer.send(['a'])).toEqual({ errorCode: 0, baseOffset: 0 });
  });

  it.each([0, 1, 2, 3, 4])('EndTxn %i: as it has ended it may end again, and not otherwise', async (version) => {
    const { producer } = await begin();
    expect(await producer.end(true, version)).toBe(48);
    expect(await producer.end(false, version)).toBe(48);
    for (const committed of [true, false]) {
      await producer.add();
      expect(await producer.end(committed, version)).toBe(0);
      expect(await producer.end(committed, version)).toBe(0);
      expect(await producer.end(!committed, version)).toBe(48);
    }
  });

  it('a group that has no name is refused', async () => {
    const { producer } = await begin();
    expect(await producer.addOffsets('')).toBe(24);
  });
});

describe('transactional batches', () => {
  it('53 without a transactional id in the request, and then none of it is stored', async () => {
    const { producer } = await begin();
    await producer.add();
    const batch = sealed(['a'], { ...producer.identity, transactional: true });
    expect(await producer.produce(batch, { transactionalId: null })).toEqual({ errorCode: 53, baseOffset: -1 });
    expect(await producer.produce(batch)).toEqual({ errorCode: 0, baseOffset: 0 });
  });

  it.each([
    [3, 48],
    [9, 48],
    [10, 48],
    [11, 120],
  ])('Produce %i: %i where the partition is not in the transaction', async (version, errorCode) => {
    const { producer } = await begin();
    await producer.add([0]);
    expect(await producer.send(['a'], 0, { partition: 1, version })).toMatchObject({ errorCode });
    await producer.send(['a']);
    await producer.end(true);
    expect(await producer.send(['late'], 1, { version })).toMatchObject({ errorCode });
  });

  it.each([9, 11])(
    'Produce %i: 48 for a batch outside while that producer has a transaction open there',
    async (version) => {
      const { producer } = await begin();
      await producer.add();
      await producer.send(['a']);
      const outside = sealed(['b'], { ...producer.identity, sequence: 1 });
      expect(await producer.produce(outside, { version })).toMatchObject({ errorCode: 48 });
      await producer.end(true);
      expect(await producer.produce(outside, { version })).toMatchObject({ errorCode: 0 });
    },
  );

  it('a copy is answered as the first was, in its transaction and after it; sequences go on in the next one', async () => {
    const { producer } = await begin();
    await producer.add();
    expect(await producer.send(['a', 'b'])).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await producer.send(['a', 'b'])).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await producer.send(['d'], 3)).toMatchObject({ errorCode: 45 });
    await producer.end(true);
    expect(await producer.send(['a', 'b'])).toEqual({ errorCode: 0, baseOffset: 0 });
    await producer.add();
    expect(await producer.send(['c'], 2)).toEqual({ errorCode: 0, baseOffset: 3 });
    await producer.end(false);
  });

  it('49 from a producer that no transactional id has', async () => {
    const { producer } = await begin();
    await producer.add();
    const batch = sealed(['a'], { producerId: 999, producerEpoch: 0, transactional: true });
    expect(await producer.produce(batch)).toMatchObject({ errorCode: 49 });
  });
});

describe('readers', () => {
  it('of committed records end where the oldest open transaction begins; others do not', async () => {
    const { server, producer } = await begin();
    const plain = await RawProducer.to(server, null);
    await plain.produce(sealed(['before'], NOBODY));
    await producer.add();
    await producer.send(['open']);
    await plain.produce(sealed(['after'], NOBODY));
    const reader = await server.connect();
    const marks = { errorCode: 0, highWatermark: 3, lastStableOffset: 1 };
    for (const version of [4, 5, 11, 12])
      expect(await fetched(reader, 1, { version })).toEqual({ ...marks, abortedTransactions: [], bases: [0] });
    expect(await fetched(reader, 0)).toEqual({ ...marks, abortedTransactions: null, bases: [0, 1, 2] });
    expect(await fetched(reader, 1, { from: 2 })).toEqual({ ...marks, abortedTransactions: [], bases: [] });
    const latest = async (isolationLevel: 0 | 1) => {
      const partitions = [{ partitionIndex: 0, timestamp: -1 }];
      const { topics } = await reader.ask(listOffsets, 5, { isolationLevel, topics: [{ name: 't', partitions }] });
      return topics[0]?.partitions[0]?.offset;
    };
    expect([await latest(1), await latest(0)]).toEqual([1, 3]);
    await producer.end(true);
    expect(await fetched(reader, 1)).toMatchObject({
      lastStableOffset: 4,
      abortedTransactions: [],
      bases: [0, 1, 2, 3],
    });
    expect([await latest(1), await latest(0)]).toEqual([4, 4]);
  });

  it('are told what was aborted among what they get, by its beginning and not by its end', async () => {
    const { server, producer: a } = await begin('a');
    const b = await RawProducer.to(server, 'b');
    await b.init();
    for (const each of [a, b]) await each.add();
    await a.send(['a0']);
    await b.send(['b1']);
    await b.end(false);
    await a.end(false);
    await a.add();
    await a.send(['a4'], 1);
    await a.end(true);
    const reader = await server.connect();
    const [first, second] = [
      { producerId: a.identity.producerId, firstOffset: 0 },
      { producerId: b.identity.producerId, firstOffset: 1 },
    ];
    const only = (abortedTransactions: unknown[], from: number) => ({
      abortedTransactions,
      bases: [0, 1, 2, 3, 4, 5].slice(from),
    });
    const all = only([first, second], 0);
    expect(await fetched(reader, 1)).toMatchObject(all);
    expect(await fetched(reader, 1, { from: 2 })).toMatchObject(only([first, second], 2));
    expect(await fetched(reader, 1, { from: 3 })).toMatchObject(only([first], 3));
    expect(await fetched(reader, 1, { from: 4 })).toMatchObject(only([], 4));
    expect(await fetched(reader, 0)).toMatchObject({ ...all, abortedTransactions: null });
  });

  it('that wait are woken when the transaction ends, not by what is written into it', async () => {
    const { server, producer } = await begin();
    await producer.add();
    const reader = await server.connect();
    reader.send(fetch, 11, fetchOf(0, 0, 1, 30_000));
    await producer.send(['a']);
    await producer.send(['b'], 1);
    await producer.end(true);
    expect(seenIn((await reader.receive(fetch, 11)).body)).toMatchObject({ lastStableOffset: 3, bases: [0, 1, 2] });
  });

  it('wait for nobody who has taken too long: the server aborts it, and its producer is fenced', async () => {
    const server = await withTopic();
    const producer = await RawProducer.to(server, 'x');
    await producer.init({ transactionTimeoutMs: 50 });
    await producer.add();
    await producer.send(['a']);
    const reader = await server.connect();
    reader.send(fetch, 11, fetchOf(0, 0, 1, 30_000));
    const { producerId } = producer.identity;
    expect(seenIn((await reader.receive(fetch, 11)).body)).toMatchObject({
      lastStableOffset: 2,
      abortedTransactions: [{ producerId, firstOffset: 0 }],
    });
    expect(await producer.end(true)).toBe(90);
    expect(await producer.init(producer.identity)).toEqual({ errorCode: 90, ...NOBODY });
  });
});

describe('TxnOffsetCommit', () => {
  it.each([0, 1, 2, 3, 4])('%i: offsets are the group’s when the transaction commits', async (version) => {
    const { server, producer } = await begin();
    expect(await producer.commitOffsets([{ committedOffset: 3 }], {}, version)).toEqual([48]);
    expect(await producer.addOffsets()).toBe(0);
    const metadata = 'x'.repeat(4097);
    const offsets = [
      { committedOffset: 3, committedMetadata: 'm' },
      { partitionIndex: 9, committedOffset: 3 },
      { partitionIndex: 1, committedOffset: 4, committedMetadata: metadata },
    ];
    expect(await producer.commitOffsets(offsets, {}, version)).toEqual([0, 3, 12]);
    const broker = brokerOf(server);
    const committed = () => broker.groups.records(['g'])[0]?.offsets.map(({ offset, metadata }) => [offset, metadata]);
    expect(committed()).toEqual([]);
    const [partition] = broker.topic('t').partitions;
    expect(broker.transactions.hasPending('g', partition?.id ?? -1)).toBe(true);
    await producer.end(true);
    expect(committed()).toEqual([[3, 'm']]);
    await producer.addOffsets();
    await producer.commitOffsets([{ committedOffset: 5 }], {}, version);
    await producer.end(false);
    expect(committed()).toEqual([[3, 'm']]);
  });

  it.each([1, 2, 3])('%i: refuses who is not the producer', async (version) => {
    const { producer } = await begin();
    await producer.addOffsets();
    const { producerId, producerEpoch } = producer.identity;
    const as = (more: Parameters<RawProducer['commitOffsets']>[1]) => producer.commitOffsets([{}], more, version);
    expect(await as({ producerEpoch: producerEpoch + 1 })).toEqual([47]);
    expect(await as({ producerId: producerId + 1 })).toEqual([49]);
    expect(await as({ transactionalId: 'never' })).toEqual([49]);
    expect(await as({ groupId: '' })).toEqual([24]);
    expect(await as({})).toEqual([0]);
  });

  it('for a group that nobody is in: only from one who names no generation', async () => {
    const { producer } = await begin();
    await producer.addOffsets();
    const member = { generationId: 1, memberId: 'gone' };
    expect(await producer.commitOffsets([{}], member)).toEqual([22]);
    expect(await producer.commitOffsets([{}], { generationId: -1, memberId: 'm' })).toEqual([0]);
    expect(await producer.commitOffsets([{}], member)).toEqual([25]);
  });

  it('from a member: the group judges it as a commit, whatever its phase is; without one nobody asks', async () => {
    const { server, producer } = await begin();
    await producer.addOffsets();
    const member = await GroupClient.connect(server);
    const instance = { groupInstanceId: 'i' };
    await member.joinTwice(instance);
    const as = (more: Parameters<RawProducer['commitOffsets']>[1]) =>
      producer.commitOffsets([{}], {
        generationId: member.generation,
        memberId: member.memberId,
        ...instance,
        ...more,
      });
    expect(await as({}), 'CompletingRebalance').toEqual([0]);
    await member.sync();
    expect(await as({ generationId: member.generation - 1 })).toEqual([22]);
    expect(await as({ generationId: -1 })).toEqual([22]);
    expect(await as({ memberId: 'gone' })).toEqual([82]);
    expect(await as({ memberId: 'gone', groupInstanceId: null })).toEqual([25]);
    expect(await as({ groupInstanceId: 'never' })).toEqual([25]);
    expect(await as({})).toEqual([0]);
    expect(await producer.commitOffsets([{}])).toEqual([0]);
  });

  it('from a member of KIP-848: of its epoch, and of none before it had anything', async () => {
    const { server, producer } = await begin();
    await producer.addOffsets();
    const join = { rebalanceTimeoutMs: 1000, subscribedTopicNames: ['t'], topicPartitions: [] };
    const asked = { groupId: 'g', memberId: 'm', memberEpoch: 0, ...join };
    const { memberEpoch } = await (await server.connect()).ask(consumerGroupHeartbeat, 1, asked);
    const as = (generationId: number) => producer.commitOffsets([{}], { memberId: 'm', generationId });
    expect([await as(memberEpoch), await as(memberEpoch + 1), await as(0), await as(-1)]).toEqual([
      [0],
      [22],
      [22],
      [22],
    ]);
  });
});

describe('those who look', () => {
  it('DescribeTransactions: an open one with its partitions; an id that there is not is an error in its place', async () => {
    const { server, producer } = await begin();
    const before = Date.now();
    await producer.add([1, 0]);
    const asked = { transactionalIds: ['x', 'never', ''] };
    const { transactionStates } = await server.ask(describeTransactions, 0, asked);
    expect(transactionStates).toMatchObject([
      {
        errorCode: 0,
        transactionalId: 'x',
        transactionState: 'Ongoing',
        transactionTimeoutMs: 60_000,
        ...producer.identity,
        topics: [{ topic: 't', partitions: [0, 1] }],
      },
      { errorCode: 105, transactionalId: 'never', transactionState: '', topics: [] },
      { errorCode: 42, transactionalId: '' },
    ]);
    const { transactionStartTimeMs: started } = transactionStates[0] as { transactionStartTimeMs: number };
    expect(started >= before && started <= Date.now()).toBe(true);
    await producer.end(false);
    const { transactionStates: ended } = await server.ask(describeTransactions, 0, { transactionalIds: ['x'] });
    expect(ended).toMatchObject([{ transactionState: 'CompleteAbort', transactionStartTimeMs: -1, topics: [] }]);
  });

  it('DescribeTransactions: one of a process may take as long as it likes', async () => {
    const server = await withTopic();
    const broker = Broker.open(server.dir, 'existing');
    const process = { pid: 1, started: '', namespace: 'elsewhere' };
    broker.transactions.init({ transactionalId: 'p', timeoutMs: null, process });
    broker.close();
    const { transactionStates } = await server.ask(describeTransactions, 0, { transactionalIds: ['p'] });
    expect(transactionStates).toMatchObject([{ transactionState: 'Empty', transactionTimeoutMs: 2 ** 31 - 1 }]);
  });

  it('DescribeProducers: where its open transaction begins in a partition', async () => {
    const { server, producer } = await begin();
    const plain = await RawProducer.to(server, null);
    await plain.produce(sealed(['before'], NOBODY));
    await producer.add();
    await producer.send(['a']);
    const ask = async () => {
      const { topics } = await server.ask(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [0] }] });
      return topics[0]?.partitions[0]?.activeProducers;
    };
    expect(await ask()).toMatchObject([{ ...producer.identity, lastSequence: 0, currentTxnStartOffset: 1 }]);
    await producer.end(true);
    expect(await ask()).toMatchObject([{ ...producer.identity, lastSequence: 0, currentTxnStartOffset: -1 }]);
  });

  it('ListTransactions: all, or those of a state, of a producer, that take longer than they should', async () => {
    const { server, producer: open } = await begin('open');
    await open.add();
    const idle = await RawProducer.to(server, 'idle');
    await idle.init();
    const list = async (more: object, version = 1) => {
      const asked = { stateFilters: [], producerIdFilters: [], ...more };
      const { errorCode, unknownStateFilters, transactionStates } = await server.ask(listTransactions, version, asked);
      expect(errorCode).toBe(0);
      return { unknown: unknownStateFilters, ids: transactionStates.map(({ transactionalId }) => transactionalId) };
    };
    for (const version of [0, 1]) expect(await list({}, version)).toEqual({ unknown: [], ids: ['idle', 'open'] });
    expect(await list({ stateFilters: ['Ongoing'] })).toEqual({ unknown: [], ids: ['open'] });
    const odd = { stateFilters: ['PrepareCommit', 'Nonsense'] };
    expect(await list(odd)).toEqual({ unknown: ['Nonsense'], ids: [] });
    expect(await list({ producerIdFilters: [idle.identity.producerId] })).toMatchObject({ ids: ['idle'] });
    expect(await list({ durationFilter: 3_600_000 })).toMatchObject({ ids: [] });
    expect(await list({ durationFilter: -1 })).toMatchObject({ ids: ['idle', 'open'] });
  });
});

it('with several nodes each is asked for its own transactional ids and groups; the others say so', async () => {
  const server = await withTopic({ nodes: 3 });
  const { coordinators } = await server.ask(findCoordinator, 4, { keyType: 1, coordinatorKeys: ['x'] });
  const owner = coordinators[0]?.nodeId as number;
  const other = (owner % 3) + 1;
  const right = await RawProducer.to(server, 'x', owner);
  const wrong = await RawProducer.to(server, 'x', other);
  expect(await right.init()).toMatchObject({ errorCode: 0 });
  expect(await wrong.init()).toEqual({ errorCode: 16, ...NOBODY });
  wrong.identity = right.identity;
  expect([await wrong.add(), await wrong.addOffsets(), await wrong.end(true)]).toEqual([[16], 16, 16]);
  const { transactionStates } = await wrong.client.ask(describeTransactions, 0, { transactionalIds: ['x'] });
  expect(transactionStates).toMatchObject([{ errorCode: 16 }]);
  const all = { stateFilters: [], producerIdFilters: [] };
  const listed = async ({ client }: RawProducer) =>
    (await client.ask(listTransactions, 0, all)).transactionStates.length;
  expect([await listed(right), await listed(wrong)]).toEqual([1, 0]);
  const group = await server.ask(findCoordinator, 2, { keyType: 0, key: 'g' });
  const away = await RawProducer.to(server, 'x', (group.nodeId % 3) + 1);
  away.identity = right.identity;
  expect(await away.commitOffsets([{}])).toEqual([16]);
});
