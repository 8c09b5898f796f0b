import { describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { LeaseRows } from '../../src/broker/rows.ts';
import type { ConsumeOptions, ReadBatch, Reader } from '../../src/client/cluster.ts';
import { EmbeddedReader } from '../../src/client/embedded/reader.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

const bounded: Omit<ConsumeOptions, 'topics'> = { from: { at: 'start' }, follow: false, isolation: 'read_committed' };

function values(batches: readonly ReadBatch[]): string[] {
  return batches.flatMap((batch) => {
    const cursor = new RecordCursor(batch.blob);
    const found: string[] = [];
    while (cursor.next())
      if (cursor.offset >= batch.from && cursor.offset < batch.until) found.push(String(cursor.value()));
    return found;
  });
}

async function readAll(reader: Reader): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const batches = await reader.next();
    if (batches.length === 0) return found;
    found.push(...values(batches));
  }
}

function read(broker: Broker, options: Partial<ConsumeOptions> = {}): Promise<string[]> {
  return readAll(new EmbeddedReader(broker, { topics: { names: ['t'] }, ...bounded, ...options }));
}

/** Six batches, two partitions, in the order a0 b0 a1 b1 a2 b2 of their commits; two records a batch. */
function filled(): Broker {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  for (let i = 0; i < 3; i++) {
    for (const [partition, name] of [
      [0, 'a'],
      [1, 'b'],
    ] as const) {
      append(
        broker,
        't',
        partition,
        [0, 1].map((j) => ({ key: 'k', value: `${name}${i}.${j}`, timestamp: 1_700_000_000_000 + i * 10 + j })),
      );
    }
  }
  return broker;
}

describe('reading the data directory', () => {
  it('C3: gives batches of all partitions in the order of their commits', async () => {
    expect(await read(filled())).toEqual([
      'a0.0',
      'a0.1',
      'b0.0',
      'b0.1',
      'a1.0',
      'a1.1',
      'b1.0',
      'b1.1',
      'a2.0',
      'a2.1',
      'b2.0',
      'b2.1',
    ]);
  });

  it('reads ranges as half-open offsets in each partition', async () => {
    const broker = filled();
    expect(await read(broker, { from: { at: 'offset', offset: 1 }, until: { at: 'offset', offset: 4 } })).toEqual([
      'a0.1',
      'b0.1',
      'a1.0',
      'a1.1',
      'b1.0',
      'b1.1',
    ]);
    expect(await read(broker, { from: { at: 'before-end', count: 1 } })).toEqual(['a2.1', 'b2.1']);
    expect(await read(broker, { from: { at: 'after-start', count: 5 } })).toEqual(['a2.1', 'b2.1']);
    expect(await read(broker, { from: { at: 'time', timestamp: 1_700_000_000_011 }, partitions: [1] })).toEqual([
      'b1.1',
      'b2.0',
      'b2.1',
    ]);
    expect(await read(broker, { until: { at: 'time', timestamp: 1_700_000_000_001 } })).toEqual(['a0.0', 'b0.0']);
    expect(await read(broker, { from: { at: 'offset', offset: 99 } })).toEqual([]);
  });

  it('freezes the end: what is appended while reading is not read', async () => {
    const broker = filled();
    const reader = new EmbeddedReader(broker, { topics: { names: ['t'] }, ...bounded });
    append(broker, 't', 0, [{ value: 'late' }]);
    expect(await readAll(reader)).not.toContain('late');
    expect(reader.ended).toBe(true);
  });

  it.each([
    [1, ['b2.1']],
    [3, ['a2.1', 'b2.0', 'b2.1']],
    [5, ['b1.1', 'a2.0', 'a2.1', 'b2.0', 'b2.1']],
    [99, ['a0.0', 'a0.1', 'b0.0', 'b0.1', 'a1.0', 'a1.1', 'b1.0', 'b1.1', 'a2.0', 'a2.1', 'b2.0', 'b2.1']],
  ])('finds the last %i over all partitions', async (wanted, expected) => {
    const reader = new EmbeddedReader(filled(), { topics: { names: ['t'] }, ...bounded });
    const skip = await reader.tail(wanted, (batch) => values([batch]).length);
    expect((await readAll(reader)).slice(skip)).toEqual(expected);
  });

  it('gives what is whole before it names the place of a damaged batch; the tail names it too', async () => {
    const broker = filled();
    const { store, rows } = broker;
    const put = (data: Buffer) => store.write(() => store.prepare('UPDATE batch SET data = ? WHERE seq = 4').run(data));
    const whole = store.read(() => rows.data(4)) as Buffer;
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 2) ^ 1, damaged.length - 2);
    put(damaged);
    const damage = { code: 'CORRUPT_MESSAGE', message: expect.stringContaining('t 1 at 2:') };
    const reader = new EmbeddedReader(broker, { topics: { names: ['t'] }, ...bounded });
    expect(values(await reader.next())).toEqual(['a0.0', 'a0.1', 'b0.0', 'b0.1', 'a1.0', 'a1.1']);
    await expect(reader.next()).rejects.toMatchObject(damage);
    const count = (batch: ReadBatch) => values([batch]).length;
    await expect(reader.tail(5, count)).rejects.toMatchObject(damage);
    put(whole);
  });

  it('follows the commits of another process, and partitions that are added', async () => {
    const broker = filled();
    const other = openTestBroker({ dir: broker.dir });
    const reader = new EmbeddedReader(broker, {
      topics: { names: ['t'] },
      ...bounded,
      from: { at: 'end' },
      follow: true,
    });
    expect(await reader.next()).toEqual([]);
    append(other, 't', 1, [{ value: 'one' }]);
    await reader.wait(null, new AbortController().signal);
    expect(values(await reader.next())).toEqual(['one']);
    other.alterTopic('t', { partitions: 3 });
    append(other, 't', 2, [{ value: 'two' }]);
    await reader.wait(null, new AbortController().signal);
    expect(values(await reader.next())).toEqual(['two']);
    reader.close();
  });

  it('is not woken by commits that nobody waits for', async () => {
    const broker = filled();
    const other = openTestBroker({ dir: broker.dir });
    const watch = vi.spyOn(broker.wake, 'watch');
    const reader = new EmbeddedReader(broker, {
      topics: { names: ['t'] },
      ...bounded,
      from: { at: 'end' },
      follow: true,
    });
    const waiting = reader.wait(null, new AbortController().signal);
    const look = watch.mock.calls[0]?.[0] as (told: boolean) => boolean;
    const commitQuietly = () => other.storeQuietly(() => new LeaseRows(other.store).claim('somebody', 1, 2));
    commitQuietly();
    expect(look(false)).toBe(false);
    append(other, 't', 0, [{ value: 'one' }]);
    expect(look(false)).toBe(true);
    await waiting;
    expect(values(await reader.next())).toEqual(['one']);
    const again = reader.wait(null, new AbortController().signal);
    commitQuietly();
    expect(look(false)).toBe(false);
    other.createTopics([{ name: 'u' }]);
    expect(look(false)).toBe(true);
    await again;
    reader.close();
  });

  it('ends with the topic that it follows by name, even when that is made again', async () => {
    const broker = filled();
    const other = openTestBroker({ dir: broker.dir });
    const reader = new EmbeddedReader(broker, {
      topics: { names: ['t'] },
      ...bounded,
      from: { at: 'end' },
      follow: true,
    });
    await other.deleteTopics({ names: ['t'] });
    other.createTopics([{ name: 't', partitions: 2 }]);
    await expect(reader.next()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('follows a pattern through topics that come and go', async () => {
    const broker = filled();
    const other = openTestBroker({ dir: broker.dir });
    const reader = new EmbeddedReader(broker, {
      topics: { pattern: 't.*' },
      ...bounded,
      from: { at: 'end' },
      follow: true,
    });
    other.createTopics([{ name: 't2' }, { name: 'u' }]);
    append(other, 't2', 0, [{ value: 'new' }]);
    append(other, 'u', 0, [{ value: 'not asked for' }]);
    expect(values(await reader.next())).toEqual(['new']);
    await other.deleteTopics({ names: ['t'] });
    append(other, 't2', 0, [{ value: 'newer' }]);
    expect(values(await reader.next())).toEqual(['newer']);
    expect(reader.ended).toBe(false);
  });
});
