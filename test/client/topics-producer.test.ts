import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { Commit, ProduceOptions } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

const plain: ProduceOptions = { topic: null, acks: 'all', codec: 'none' };

function setUp(topics: Record<string, number>) {
  const broker = openTestBroker({ clock: new TestClock() });
  broker.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions })));
  return { broker, cluster: new EmbeddedCluster(broker) };
}

const record = (topic: string, value: string, partition?: number) => ({
  topic,
  key: null,
  value: Buffer.from(value),
  headers: [],
  partition,
});

/** The values of a topic, partition by partition. */
function values(broker: Broker, topic: string): string[] {
  return broker
    .topic(topic)
    .partitions.flatMap(({ id }) =>
      broker.rows
        .batches(id, 0, Number.MAX_SAFE_INTEGER, 1000)
        .flatMap(({ seq }) => decodeBatch(broker.rows.data(seq) as Buffer).map(({ value }) => String(value))),
    );
}

describe('records that name their topics', () => {
  it('go there, in the order of the input within each, and the totals add up', async () => {
    const { broker, cluster } = setUp({ a: 1, b: 2, unused: 1 });
    const producer = await cluster.produce(plain);
    for (const [i, text] of ['a1', 'b1', 'a2', 'b2', 'a3'].entries())
      producer.record(record(text.charAt(0), text, 0), i + 1);
    expect(await producer.close()).toEqual({ records: 5, bytes: 10, refused: 0, line: 5, expired: 0, topics: 2 });
    expect([values(broker, 'a'), values(broker, 'b')]).toEqual([
      ['a1', 'a2', 'a3'],
      ['b1', 'b2'],
    ]);
  });

  it('are refused by line where their topic is not there; the neighbours are kept', async () => {
    const { broker, cluster } = setUp({ a: 1 });
    const refused: unknown[] = [];
    const onRefused: ProduceOptions['onRefused'] = (line, { code }) => void refused.push([line, code]);
    const producer = await cluster.produce({ ...plain, onRefused });
    for (const [i, topic] of ['a', 'nope', 'a', '', 'nope'].entries()) producer.record(record(topic, `${i}`), i + 1);
    producer.record(record('a', 'x', 7), 6);
    expect(await producer.close()).toMatchObject({ records: 2, refused: 4, line: 6, topics: 1 });
    expect(refused).toEqual([
      [2, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [4, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [5, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [6, 'UNKNOWN_PARTITION'],
    ]);
    expect(values(broker, 'a')).toEqual(['0', '2']);
  });

  it('make their topic where that is wanted, and are refused where its name is none', async () => {
    const { broker, cluster } = setUp({});
    const refused: unknown[] = [];
    const onRefused: ProduceOptions['onRefused'] = (line, { code }) => void refused.push([line, code]);
    const producer = await cluster.produce({ ...plain, create: true, onRefused });
    producer.record(record('new', 'x'), 1);
    producer.record(record('b@d', 'x'), 2);
    expect(await producer.close()).toMatchObject({ records: 1, refused: 1, topics: 1 });
    expect(refused).toEqual([[2, 'INVALID_TOPIC_EXCEPTION']]);
    expect(values(broker, 'new')).toEqual(['x']);
  });

  it('all into one partition by a flag, and into no topic that has not got it', async () => {
    const { broker, cluster } = setUp({ a: 1, b: 2 });
    const producer = await cluster.produce({ ...plain, partition: 1 });
    producer.record(record('a', 'x'), 1);
    producer.record(record('b', 'y'), 2);
    expect(await producer.close()).toMatchObject({ records: 1, refused: 1 });
    expect(broker.rows.partition(broker.topic('b').partitions[1]?.id ?? -1)?.nextOffset).toBe(1);
  });

  it('are answered in the order of the input, whatever their topics, without those that were refused', async () => {
    const { cluster } = setUp({ a: 2, b: 1 });
    const commits: Commit[] = [];
    const producer = await cluster.produce({ ...plain, places: true, onCommit: (commit) => void commits.push(commit) });
    for (const [i, topic] of ['b', 'a', 'nope', 'a', 'b'].entries()) producer.record(record(topic, `${i}`), i + 1);
    producer.record(record('a', 'refused', 7), 6);
    producer.record(record('a', '6', 0), 7);
    await producer.ready();
    producer.record(record('b', '7'), 8);
    await producer.close();
    expect(commits.map(({ records, line }) => [records, line])).toEqual([
      [5, 7],
      [1, 8],
    ]);
    expect(commits.flatMap(({ places }) => places.map(({ topic, value }) => `${topic}${value}`))).toEqual([
      'b0',
      'a1',
      'a3',
      'b4',
      'a6',
      'b7',
    ]);
  });

  it('C1: a failure says up to which line all topics are safe', async () => {
    const { broker, cluster } = setUp({ a: 1, b: 1 });
    const producer = await cluster.produce(plain);
    producer.record(record('a', '1'), 1);
    producer.record(record('b', '2'), 2);
    await producer.flush();
    producer.record(record('a', '3'), 3);
    producer.record(record('b', '4'), 4);
    producer.record(record('a', '5'), 5);
    await broker.deleteTopics({ names: ['b'] });
    await expect(producer.flush()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    await expect(producer.close()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(producer.totals).toMatchObject({ records: 4, line: 3 });
    expect(values(broker, 'a')).toEqual(['1', '3', '5']);
  });

  it('are stored before more than 32 MiB of them are held, over however many topics', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `t${i}`);
    const { broker, cluster } = setUp(Object.fromEntries(names.map((name) => [name, 1])));
    const commits: number[] = [];
    const producer = await cluster.produce({ ...plain, onCommit: ({ line }) => void commits.push(line) });
    const value = 'v'.repeat(200_000);
    for (let line = 1; line <= 200; line++) {
      producer.record(record(names[line % names.length] as string, value), line);
      await producer.ready();
    }
    const [first = 0] = commits;
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(200);
    expect(await producer.close()).toMatchObject({ records: 200, line: 200, topics: 40 });
    expect(names.map((name) => values(broker, name).length)).toEqual(names.map(() => 5));
  });
});
