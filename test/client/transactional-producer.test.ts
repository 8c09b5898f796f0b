import { describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { Commit, TransactionalOptions, TransactionalProducer } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { BrokerError } from '../../src/errors.ts';
import { readHeader } from '../../src/record/batch.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import type { Isolation } from '../../src/types.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

const plain: Omit<TransactionalOptions, 'topic'> = { codec: 'none' };

function setUp(partitions = 3, configs: Record<string, string> = {}) {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', partitions, configs }, { name: 'u' }]);
  return { broker, clock, cluster: new EmbeddedCluster(broker) };
}

/** `t:0 value` of everything that a reader sees, in the order of the commits. */
async function seen(cluster: EmbeddedCluster, isolation: Isolation = 'read_committed'): Promise<string[]> {
  const reader = await cluster.consume({
    topics: { names: ['t', 'u'] },
    from: { at: 'start' },
    follow: false,
    isolation,
  });
  const values: string[] = [];
  while (!reader.ended)
    for (const { topic, partition, blob } of await reader.next())
      values.push(...decodeBatch(blob).map(({ value }) => `${topic}:${partition} ${value}`));
  reader.close();
  return values;
}

function headers(broker: Broker, topic = 't') {
  return broker
    .topic(topic)
    .partitions.flatMap(({ id }) =>
      broker.rows
        .batches(id, 0, Number.MAX_SAFE_INTEGER, 1000)
        .map(({ seq }) => readHeader(broker.rows.data(seq) as Buffer)),
    );
}

/** Gives records of these values, to partitions or topics as they say: `0 a`, `u b`. */
function give(producer: TransactionalProducer, ...records: string[]): void {
  for (const [i, text] of records.entries()) {
    const [where = '', value = ''] = text.split(' ');
    const place = /^\d$/.test(where) ? { partition: Number(where) } : { topic: where };
    producer.record({ key: null, value: Buffer.from(value), headers: [], ...place }, i + 1);
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof BrokerError ? error.code : `${error}`;
}

describe('a transactional producer', () => {
  it('shows all of it at its commit, over all partitions, and nothing before', async () => {
    const { cluster } = setUp();
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a', '1 b', '0 c');
    await producer.flush();
    give(producer, '2 d');
    await producer.flush();
    expect(await seen(cluster)).toEqual([]);
    expect(await seen(cluster, 'read_uncommitted')).toEqual(['t:0 a', 't:0 c', 't:1 b', 't:2 d']);
    expect(await producer.commit()).toMatchObject({ records: 4, bytes: 4, refused: 0 });
    expect(await seen(cluster)).toEqual(['t:0 a', 't:0 c', 't:1 b', 't:2 d']);
    expect(await producer.close()).toMatchObject({ records: 4 });
  });

  it('goes on with the next one, each with its own totals', async () => {
    const { broker, cluster } = setUp(1);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    for (const values of [['0 a', '0 b'], ['0 c']]) {
      give(producer, ...values);
      expect(await producer.commit()).toMatchObject({ records: values.length, bytes: values.length });
    }
    expect(producer.totals).toMatchObject({ records: 3, bytes: 3 });
    await producer.close();
    const batches = headers(broker).filter(({ control }) => !control);
    expect(batches.map(({ producerEpoch, baseSequence }) => [producerEpoch, baseSequence])).toEqual([
      [0, 0],
      [0, 2],
    ]);
  });

  it('that aborts shows nothing of it, and begins anew in the next epoch at sequence 0', async () => {
    const { broker, cluster } = setUp(1);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a');
    await producer.flush();
    give(producer, '0 lost');
    await producer.abort();
    give(producer, '0 b');
    expect(await producer.commit()).toMatchObject({ records: 1 });
    await producer.close();
    expect(await seen(cluster)).toEqual(['t:0 b']);
    const batches = headers(broker).filter(({ control }) => !control);
    expect(batches.map(({ producerEpoch, baseSequence }) => [producerEpoch, baseSequence])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('that closes without a commit has written nothing, and leaves nothing behind', async () => {
    const { broker, cluster } = setUp();
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a', '1 b');
    await producer.flush();
    expect(await cluster.transactions.list()).toMatchObject([{ state: 'Ongoing', partitions: 2, heldBack: 2 }]);
    expect(await producer.close()).toMatchObject({ records: 0 });
    expect(await cluster.transactions.list()).toEqual([]);
    expect(await seen(cluster)).toEqual([]);
    expect(
      broker.store.read(() => broker.topic('t').partitions.map(({ id }) => broker.rows.partition(id))),
    ).toMatchObject([
      { nextOffset: 2, lastStable: 2 },
      { nextOffset: 2, lastStable: 2 },
      { nextOffset: 0, lastStable: 0 },
    ]);
  });

  it('commits nothing when there is nothing, and that is no transaction', async () => {
    const { broker, cluster } = setUp();
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    expect(await producer.commit()).toMatchObject({ records: 0 });
    await producer.close();
    expect(headers(broker)).toEqual([]);
  });

  it('is one over all topics that its records name, though it gives up their memory in between', async () => {
    const { cluster } = setUp();
    const producer = await cluster.produceTransactionally({ topic: null, ...plain, create: true });
    const value = Buffer.alloc(900_000, 'v');
    for (let i = 0; i < 100; i++) {
      producer.record({ topic: i % 2 === 0 ? 't' : `made-${i % 3}`, key: Buffer.from('k'), value, headers: [] }, i + 1);
      await producer.ready();
    }
    expect(await seen(cluster)).toEqual([]);
    expect(await producer.commit()).toMatchObject({ records: 100, topics: 4 });
    await producer.close();
    expect(await seen(cluster)).toHaveLength(50);
  });

  it('answers where each record landed once it is committed, in the order of the input', async () => {
    const { cluster } = setUp(2);
    const commits: Commit[] = [];
    const producer = await cluster.produceTransactionally({
      topic: null,
      ...plain,
      places: true,
      onCommit: (commit) => void commits.push(commit),
    });
    give(producer, 't a', 'u b', 't c');
    await producer.flush();
    give(producer, 'u d');
    expect(commits).toEqual([]);
    await producer.commit();
    const places = commits.map(({ places }) => places.map(({ topic, offset, value }) => `${topic} ${offset} ${value}`));
    expect(places).toEqual([['t 0 a', 'u 0 b', 't 1 c', 'u 1 d']]);
    give(producer, 't e');
    await producer.abort();
    give(producer, 'u f');
    await producer.commit();
    expect(commits.at(-1)?.places.map(({ value }) => `${value}`)).toEqual(['f']);
    await producer.close();
  });

  it('commits nothing where a record was refused, and says which refusal it was', async () => {
    const { cluster } = setUp();
    const refused: number[] = [];
    const producer = await cluster.produceTransactionally({
      topic: 't',
      ...plain,
      onRefused: (line) => void refused.push(line),
    });
    give(producer, '0 a', '7 b', '1 c');
    expect(await codeOf(producer.commit())).toBe('UNKNOWN_PARTITION');
    expect(refused).toEqual([2]);
    expect(producer.totals).toMatchObject({ records: 0, refused: 1 });
    give(producer, '0 d');
    expect(await producer.commit()).toMatchObject({ records: 1 });
    await producer.close();
    expect(await seen(cluster)).toEqual(['t:0 d']);
  });

  it('commits nothing where a batch was refused because the topic was changed under it', async () => {
    const { broker, cluster } = setUp(1);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a');
    await producer.flush();
    broker.alterTopic('t', { set: { 'max.message.bytes': '80' } });
    give(producer, `0 ${'b'.repeat(100)}`);
    expect(await codeOf(producer.commit())).toBe('MESSAGE_TOO_LARGE');
    give(producer, '0 c');
    expect(await producer.commit()).toMatchObject({ records: 1 });
    await producer.close();
    expect(await seen(cluster)).toEqual(['t:0 c']);
  });

  it('is told when somebody else has aborted it, and may begin anew', async () => {
    const { cluster } = setUp(1);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a');
    await producer.flush();
    await cluster.transactions.abort([producer.transactionalId]);
    expect(await codeOf(producer.commit())).toBe('PRODUCER_FENCED');
    give(producer, '0 b');
    await producer.flush();
    await cluster.transactions.abort([producer.transactionalId]);
    give(producer, '0 c');
    expect(await codeOf(producer.flush())).toBe('INVALID_PRODUCER_EPOCH');
    await producer.abort();
    give(producer, '0 d');
    expect(await producer.commit()).toMatchObject({ records: 1 });
    await producer.close();
    expect(await seen(cluster)).toEqual(['t:0 d']);
  });

  it('that could not abort commits nothing with what is left, until it could', async () => {
    const { broker, cluster } = setUp(1);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a', '7 refused');
    await producer.flush();
    const busy = vi.spyOn(broker.transactions, 'init').mockImplementation(() => {
      throw new BrokerError('STORAGE_BUSY', { path: 'x' });
    });
    expect(await codeOf(producer.commit())).toBe('UNKNOWN_PARTITION');
    give(producer, '0 b');
    expect(await codeOf(producer.commit())).toBe('STORAGE_BUSY');
    expect(await codeOf(producer.abort())).toBe('STORAGE_BUSY');
    busy.mockRestore();
    give(producer, '0 c');
    expect(await codeOf(producer.commit())).toBe('STORAGE_BUSY');
    give(producer, '0 d');
    await producer.commit();
    await producer.close();
    expect(await seen(cluster)).toEqual(['t:0 d']);
  });

  it('refuses to begin for a topic or a partition that is not there, and leaves nothing behind', async () => {
    const { cluster } = setUp(1);
    expect(await codeOf(cluster.produceTransactionally({ topic: 'nowhere', ...plain }))).toBe(
      'UNKNOWN_TOPIC_OR_PARTITION',
    );
    expect(await codeOf(cluster.produceTransactionally({ topic: 't', partition: 4, ...plain }))).toBe(
      'UNKNOWN_PARTITION',
    );
    expect(await cluster.transactions.list()).toEqual([]);
  });

  it('a loop of single records spreads, though each marker takes an offset too', async () => {
    const { cluster } = setUp(2);
    for (const value of ['a', 'b', 'c', 'd']) {
      const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
      producer.record({ key: null, value: Buffer.from(value), headers: [] }, 1);
      await producer.commit();
      await producer.close();
    }
    const places = (await seen(cluster)).map((text) => text.slice(2, 3));
    expect(places.sort()).toEqual(['0', '0', '1', '1']);
  });

  it('keyless records go where it was told, until told otherwise, in every topic', async () => {
    const { cluster } = setUp(3);
    const producer = await cluster.produceTransactionally({ topic: null, ...plain });
    for (const [number, value] of [
      [4, 'a'],
      [2, 'b'],
      [3, 'c'],
    ] as const) {
      producer.stickTo(number);
      give(producer, `t ${value}`, `u ${value}`);
      await producer.flush();
      give(producer, `t ${value}`);
    }
    await producer.commit();
    await producer.close();
    expect((await seen(cluster)).filter((text) => text.startsWith('t')).sort()).toEqual([
      't:0 c',
      't:0 c',
      't:1 a',
      't:1 a',
      't:2 b',
      't:2 b',
    ]);
  });
});

describe("a transactional producer with a group's offsets", () => {
  async function member(cluster: EmbeddedCluster, broker: Broker) {
    const producer = await cluster.produce({ topic: 'u', acks: '1', codec: 'none' });
    for (const [i, value] of ['x', 'y'].entries())
      producer.record({ key: null, value: Buffer.from(value), headers: [] }, i + 1);
    await producer.close();
    const reader = await cluster.joinGroup({
      group: 'g',
      topics: { names: ['u'] },
      from: { at: 'start' },
      follow: true,
      isolation: 'read_committed',
    });
    const committed = () =>
      broker.store.read(() => broker.groups.rows.committed('g').get(broker.topic('u').partitions[0]?.id ?? -1));
    return { reader, committed };
  }

  it('stores both in one step, and the member does not commit it again', async () => {
    const { broker, cluster } = setUp(1);
    const { reader, committed } = await member(cluster, broker);
    for (const batch of await reader.next()) reader.take(batch);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain, member: () => reader.metadata });
    give(producer, '0 a');
    const offsets = [{ topic: 'u', partition: 0, offset: 2 }];
    await producer.flush();
    expect(committed()).toBeUndefined();
    await producer.commit({ group: reader.metadata, offsets });
    expect(committed()).toBe(2);
    reader.committed(offsets);
    expect(await reader.commit()).toEqual(offsets);
    expect(await seen(cluster)).toEqual(expect.arrayContaining(['t:0 a']));
    await producer.commit({ group: reader.metadata, offsets: [{ topic: 'u', partition: 0, offset: 1 }] });
    expect(committed()).toBe(1);
    await producer.close();
    await reader.leave();
  });

  it('commits nothing for a member whose partition is another one’s, or that is none', async () => {
    const { broker, cluster } = setUp(1);
    const { reader, committed } = await member(cluster, broker);
    const producer = await cluster.produceTransactionally({ topic: 't', ...plain });
    give(producer, '0 a');
    const group = { ...reader.metadata, memberId: 'nobody' };
    const offsets = [{ topic: 'u', partition: 0, offset: 2 }];
    expect(await codeOf(producer.commit({ group, offsets }))).toBe('UNKNOWN_MEMBER_ID');
    give(producer, '0 b');
    expect(
      await codeOf(producer.commit({ group: reader.metadata, offsets: [{ topic: 't', partition: 0, offset: 0 }] })),
    ).toBe('STALE_MEMBER_EPOCH');
    await producer.close();
    expect([committed(), await seen(cluster)]).toEqual([undefined, ['u:0 x', 'u:0 y']]);
    await reader.leave();
  });
});

it('an idempotent producer writes whose its batches are, and no transaction', async () => {
  const { broker, cluster } = setUp(2);
  for (const values of [['a', 'b'], ['c']]) {
    const producer = await cluster.produce({ topic: 't', acks: 'all', codec: 'none', idempotent: true });
    for (const [i, value] of values.entries()) {
      producer.record({ key: Buffer.from('k'), value: Buffer.from(value), headers: [] }, i + 1);
      await producer.flush();
    }
    await producer.close();
  }
  const found = headers(broker).map(({ producerId, producerEpoch, baseSequence, transactional }) => {
    return { producerId, producerEpoch, baseSequence, transactional };
  });
  const [{ producerId: first = 0 } = {}] = found;
  expect(found).toEqual([
    { producerId: first, producerEpoch: 0, baseSequence: 0, transactional: false },
    { producerId: first, producerEpoch: 0, baseSequence: 1, transactional: false },
    { producerId: first + 1, producerEpoch: 0, baseSequence: 0, transactional: false },
  ]);
  expect(await cluster.transactions.list()).toEqual([]);
});
