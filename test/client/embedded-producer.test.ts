import { describe, expect, it } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import type { Commit, ProduceOptions } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import type { BrokerError } from '../../src/errors.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

const plain: Omit<ProduceOptions, 'topic'> = { acks: 'all', codec: 'none' };

function setUp(partitions: number, configs: Record<string, string> = {}) {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', partitions, configs }]);
  return { broker, clock, cluster: new EmbeddedCluster(broker) };
}

/** The values of each partition, batch by batch. */
function stored(broker: Broker): string[][][] {
  return broker
    .topic('t')
    .partitions.map(({ id }) =>
      broker.rows
        .batches(id, 0, Number.MAX_SAFE_INTEGER, 1000)
        .map(({ seq }) => decodeBatch(broker.rows.data(seq) as Buffer).map((record) => String(record.value))),
    );
}

/** A key and a value as parts of one buffer. */
function parts(key: Buffer | null, value: Buffer | null) {
  const src = Buffer.concat([key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)]);
  const at = key?.length ?? 0;
  return [src, 0, key === null ? -1 : at, at, value === null ? -1 : src.length] as const;
}

const line = (text: string) => [Buffer.from(text), -1, -1, 0, Buffer.byteLength(text)] as const;

describe('producing into the data directory', () => {
  it('keyless records go round the partitions batch by batch, the next one at each commit', async () => {
    const { broker, cluster } = setUp(3);
    const producer = await cluster.produce({ topic: 't', ...plain });
    for (let i = 1; i <= 4; i++) {
      producer.bytes(...line(`${i}a`), 2 * i - 1);
      producer.bytes(...line(`${i}b`), 2 * i);
      await producer.flush();
    }
    expect(await producer.close()).toMatchObject({ records: 8, bytes: 16, refused: 0, line: 8 });
    expect(stored(broker)).toEqual([
      [
        ['1a', '1b'],
        ['4a', '4b'],
      ],
      [['2a', '2b']],
      [['3a', '3b']],
    ]);
  });

  it('a loop of single records spreads, beginning at the sum of the next offsets', async () => {
    const { broker, cluster } = setUp(3);
    for (const text of ['a', 'b', 'c', 'd']) {
      const producer = await cluster.produce({ topic: 't', ...plain });
      producer.bytes(...line(text), 1);
      await producer.close();
    }
    expect(stored(broker)).toEqual([[['a'], ['d']], [['b']], [['c']]]);
  });

  it('lines become the same batches as records of the same bytes, with and without keys, as time goes on', async () => {
    const blobs = async (how: 'bytes' | 'record') => {
      const { broker, clock, cluster } = setUp(3);
      const producer = await cluster.produce({ topic: 't', ...plain });
      for (let i = 1; i <= 9000; i++) {
        const key = i % 3 === 0 ? null : Buffer.from(`key-${i % 100}`);
        const value = i % 7 === 0 ? null : Buffer.from(`value ${i} ${'-'.repeat((i * i) % 300)}`);
        if (how === 'bytes') producer.bytes(...parts(key, value), i);
        else producer.record({ key, value, headers: [] }, i);
        clock.time += i % 10 === 0 ? 3 : 0;
        if (i % 100 === 0) await producer.ready();
      }
      const totals = await producer.close();
      const { partitions } = broker.topic('t');
      const seqs = partitions.flatMap(({ id }) => broker.rows.batches(id, 0, Number.MAX_SAFE_INTEGER, 1000));
      return { totals, blobs: seqs.map(({ seq }) => broker.rows.data(seq)) };
    };
    const [bytes, record] = [await blobs('bytes'), await blobs('record')];
    expect(bytes.totals).toEqual(record.totals);
    expect(bytes.blobs.length).toBeGreaterThan(3);
    expect(bytes.blobs).toEqual(record.blobs);
  });

  it('keyed records go where Java sends them', async () => {
    const { broker, cluster } = setUp(3);
    const producer = await cluster.produce({ topic: 't', ...plain });
    for (const key of ['', 'a', 'ab'])
      producer.record({ key: Buffer.from(key), value: Buffer.from(key), headers: [] }, 1);
    await producer.close();
    expect(stored(broker)).toEqual([[['']], [['a']], [['ab']]]);
  });

  it('C1: a commit says up to which line everything is stored, in the order of the input', async () => {
    const { cluster } = setUp(2);
    const commits: Commit[] = [];
    const producer = await cluster.produce({
      topic: 't',
      ...plain,
      places: true,
      onCommit: (commit) => void commits.push(commit),
    });
    producer.record({ key: null, value: Buffer.from('x'), headers: [], partition: 1 }, 1);
    producer.record({ key: null, value: Buffer.from('y'), headers: [], partition: 0, timestamp: 7 }, 2);
    producer.record({ key: null, value: Buffer.from('z'), headers: [], partition: 1 }, 3);
    await producer.close();
    expect(commits).toHaveLength(1);
    expect(commits[0]?.line).toBe(3);
    expect(commits[0]?.places.map(({ partition, offset, value }) => [partition, offset, String(value)])).toEqual([
      [1, 0, 'x'],
      [0, 0, 'y'],
      [1, 1, 'z'],
    ]);
  });

  it('refuses a record over max.message.bytes by its line and keeps its neighbours, to the byte', async () => {
    const { broker, cluster } = setUp(1, { 'max.message.bytes': '1000' });
    const refused: [number, string][] = [];
    const producer = await cluster.produce({
      topic: 't',
      ...plain,
      onRefused: (at, error) => void refused.push([at, error.code]),
    });
    // A batch has 61 bytes; this record adds 2 for its length, 1 attributes, 1 + 1 deltas, 1 null key, 2 value length, 1 headers.
    const largest = 1000 - 61 - 9;
    producer.bytes(...line('before'), 1);
    producer.bytes(...line('x'.repeat(largest)), 2);
    producer.bytes(...line('y'.repeat(largest + 1)), 3);
    producer.bytes(...line('after'), 4);
    expect(await producer.close()).toMatchObject({ records: 3, refused: 1, line: 4 });
    expect(refused).toEqual([[3, 'MESSAGE_TOO_LARGE']]);
    expect(stored(broker)).toEqual([[['before'], ['x'.repeat(largest)], ['after']]]);
  });

  it('refuses keyless records for a compacted topic and timestamps out of bounds, as Kafka does', async () => {
    const { clock, cluster } = setUp(1, { 'cleanup.policy': 'compact', 'message.timestamp.before.max.ms': '1000' });
    const refused: BrokerError[] = [];
    const producer = await cluster.produce({ topic: 't', ...plain, onRefused: (_, error) => void refused.push(error) });
    const key = Buffer.from('k');
    producer.bytes(...line('no key'), 1);
    producer.record({ key, value: null, headers: [], timestamp: clock.time - 1001 }, 2);
    producer.record({ key, value: null, headers: [], timestamp: clock.time + 3_600_001 }, 3);
    producer.record({ key, value: null, headers: [], timestamp: clock.time - 1000 }, 4);
    producer.record({ key, value: null, headers: [], timestamp: clock.time + 3_600_000 }, 5);
    expect(await producer.close()).toMatchObject({ records: 2, refused: 3 });
    expect(refused.map(({ code }) => code)).toEqual(['INVALID_RECORD', 'INVALID_TIMESTAMP', 'INVALID_TIMESTAMP']);
  });

  it('fills batches to 256 KiB and seals them in order, whatever the partition', async () => {
    const { broker, cluster } = setUp(2);
    const producer = await cluster.produce({ topic: 't', ...plain });
    const value = Buffer.alloc(100_000, 'v');
    for (let i = 1; i <= 30; i++) {
      producer.bytes(value, -1, -1, 0, value.length, i);
      await producer.ready();
    }
    expect(await producer.close()).toMatchObject({ records: 30, bytes: 3_000_000, line: 30 });
    const sizes = stored(broker).map((batches) => batches.map((values) => values.length));
    expect(sizes).toEqual([Array(8).fill(2).with(7, 2), Array(7).fill(2)]);
  });

  it('counts records that retention would take at once', async () => {
    const { clock, cluster } = setUp(1, { 'retention.ms': '1000' });
    const producer = await cluster.produce({ topic: 't', ...plain });
    for (const age of [999, 1000, 1001])
      producer.record({ key: null, value: null, headers: [], timestamp: clock.time - age }, 1);
    expect((await producer.close()).expired).toBe(1);
  });

  it('which under LogAppendTime are none: the broker gives them its own time', async () => {
    const { clock, cluster } = setUp(1, { 'retention.ms': '1000', 'message.timestamp.type': 'LogAppendTime' });
    const producer = await cluster.produce({ topic: 't', ...plain });
    producer.record({ key: null, value: null, headers: [], timestamp: clock.time - 5000 }, 1);
    expect((await producer.close()).expired).toBe(0);
  });

  it('stores what lies open in many partitions before it holds more than 32 MiB of it', async () => {
    const { broker, cluster } = setUp(200);
    const commits: number[] = [];
    const onCommit = ({ line }: Commit) => void commits.push(line);
    const producer = await cluster.produce({ topic: 't', ...plain, onCommit });
    const value = Buffer.alloc(200_000, 'v');
    for (let i = 0; i < 200; i++) {
      producer.record({ key: null, value, headers: [], partition: i }, i + 1);
      await producer.ready();
    }
    const [first = 0] = commits;
    expect(first).toBeGreaterThan(50);
    expect(first).toBeLessThan(200);
    expect(await producer.close()).toMatchObject({ records: 200, line: 200 });
    expect(stored(broker).map((batches) => batches.length)).toEqual(Array(200).fill(1));
  });

  it('an unknown partition: all of it when asked for by a flag, one record when asked for by the record', async () => {
    const { cluster } = setUp(1);
    await expect(cluster.produce({ topic: 't', ...plain, partition: 1 })).rejects.toMatchObject({
      code: 'UNKNOWN_PARTITION',
    });
    const refused: string[] = [];
    const producer = await cluster.produce({
      topic: 't',
      ...plain,
      onRefused: (_, error) => void refused.push(error.message),
    });
    producer.record({ key: null, value: null, headers: [], partition: 7 }, 1);
    expect(await producer.close()).toMatchObject({ records: 0, refused: 1 });
    expect(refused).toEqual(['t has no partition 7; it has 1']);
  });
});
