import { describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import type { GroupConsumeOptions, ReadBatch } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { EmbeddedGroupReader } from '../../src/client/embedded/group-reader.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

const NEVER = new AbortController().signal;

function join(broker: Broker, options: Partial<GroupConsumeOptions> = {}): EmbeddedGroupReader {
  const reader = new EmbeddedGroupReader(broker, {
    group: 'g',
    topics: { names: ['t'] },
    from: { at: 'start' },
    follow: true,
    isolation: 'read_committed',
    ...options,
  });
  onTestFinished(() => reader.close());
  return reader;
}

/** A topic, and as many processes' connections as wanted, of which the first has made it. */
function brokers(count: number, partitions = 2): Broker[] {
  const first = openTestBroker();
  first.createTopics([{ name: 't', partitions }]);
  return [first, ...Array.from({ length: count - 1 }, () => openTestBroker({ dir: first.dir }))];
}

/** One whose file may end damaged. */
function openUncheckedBroker(): Broker {
  const broker = Broker.open(tempDir(), 'create');
  onTestFinished(() => broker.close());
  broker.createTopics([{ name: 't' }]);
  return broker;
}

function fill(broker: Broker, partition: number, ...values: string[]): void {
  append(
    broker,
    't',
    partition,
    values.map((value) => ({ value })),
  );
}

function values({ blob, from, until }: ReadBatch): string[] {
  const cursor = new RecordCursor(blob);
  const found: string[] = [];
  while (cursor.next()) if (cursor.offset >= from && cursor.offset < until) found.push(String(cursor.value()));
  return found;
}

/** Shows what there is now, as a session does. */
async function show(reader: EmbeddedGroupReader): Promise<string[]> {
  const shown: string[] = [];
  for (;;) {
    const batches = await reader.next();
    if (batches.length === 0) return shown;
    for (const batch of batches) {
      if (!reader.take(batch)) continue;
      shown.push(...values(batch));
      reader.done(batch.topic, batch.partition, batch.until);
    }
  }
}

function partitionsOf(reader: EmbeddedGroupReader): number[] {
  return reader.ranges.map(({ partition }) => partition).sort();
}

function committed(broker: Broker): number[] {
  return broker.store.read(() => [...broker.groups.rows.committed('g').values()]);
}

describe('a member of a group', () => {
  it('goes on where the group has come to', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    fill(broker, 0, 'a', 'b');
    const first = join(broker);
    expect(await show(first)).toEqual(['a', 'b']);
    expect(await first.leave()).toEqual([{ topic: 't', partition: 0, offset: 2 }]);
    fill(broker, 0, 'c');
    expect(await show(join(broker))).toEqual(['c']);
  });

  it('commits what was shown, to the record', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    fill(broker, 0, 'a', 'b', 'c');
    const reader = join(broker);
    const [batch] = (await reader.next()) as [ReadBatch];
    expect(reader.take(batch)).toBe(true);
    expect(await reader.commit()).toEqual([{ topic: 't', partition: 0, offset: 0 }]);
    reader.done('t', 0, 2);
    expect(await reader.leave()).toEqual([{ topic: 't', partition: 0, offset: 2 }]);
    expect(await show(join(broker))).toEqual(['c']);
  });

  it('gives what is whole before a damaged batch, and commits nothing beyond', async () => {
    const broker = openUncheckedBroker();
    for (const value of ['a', 'b', 'c']) fill(broker, 0, value);
    broker.store.write(() =>
      broker.store
        .prepare("UPDATE batch SET data = CAST(substr(data, 1, length(data) - 1) || x'7f' AS BLOB) WHERE base = 1")
        .run(),
    );
    const reader = join(broker);
    await expect(show(reader)).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' });
    expect(await reader.leave()).toEqual([{ topic: 't', partition: 0, offset: 1 }]);
  });

  it('shares with one that comes, as soon as nothing of the share is being shown, and takes over from one that leaves', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    fill(one, 0, 'a');
    fill(one, 1, 'b');
    const first = join(one);
    const batches = await first.next();
    for (const batch of batches) expect(first.take(batch)).toBe(true);
    const second = join(two);
    expect([await show(second), partitionsOf(second)]).toEqual([[], []]);
    await first.commit();
    await untilStill(first);
    expect([partitionsOf(first), partitionsOf(second)]).toEqual([[0, 1], []]);
    for (const { topic, partition, until } of batches) first.done(topic, partition, until);
    expect(await show(first)).toEqual([]);
    expect(await show(second)).toEqual([]);
    expect([...partitionsOf(first), ...partitionsOf(second)].sort()).toEqual([0, 1]);
    expect(partitionsOf(second)).toHaveLength(1);
    await first.leave();
    expect(await show(second)).toEqual([]);
    expect(partitionsOf(second)).toEqual([0, 1]);
    fill(one, 0, 'c');
    fill(one, 1, 'd');
    expect(await show(second)).toEqual(['c', 'd']);
  });

  it('is given again what it asks for again, and does not take what it was given before', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    for (const value of ['a', 'b', 'c']) fill(broker, 0, value);
    const reader = join(broker);
    const [a, b, c] = (await reader.next()) as [ReadBatch, ReadBatch, ReadBatch];
    expect(reader.take(a)).toBe(true);
    reader.done('t', 0, a.until);
    expect(reader.take(b)).toBe(true);
    reader.again('t', 0);
    expect([b, c].map((batch) => reader.take(batch))).toEqual([false, false]);
    reader.again('t', 1);
    reader.again('elsewhere', 0);
    expect(await show(reader)).toEqual(['b', 'c']);
    expect(await reader.leave()).toMatchObject([{ offset: 3 }]);
  });

  it('does not take what it was given of a topic that is no more', async () => {
    const [broker, other] = brokers(2, 1) as [Broker, Broker];
    fill(broker, 0, 'a', 'b');
    const reader = join(broker);
    const [old] = (await reader.next()) as [ReadBatch];
    await other.deleteTopics({ names: ['t'] });
    other.createTopics([{ name: 't' }]);
    fill(other, 0, 'c');
    const [batch] = (await reader.next()) as [ReadBatch];
    expect([reader.take(old), reader.take(batch)]).toEqual([false, true]);
  });

  it('is told what a transaction has stored, and stores no more than that', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    fill(broker, 0, 'a', 'b', 'c');
    const reader = join(broker);
    const [batch] = (await reader.next()) as [ReadBatch];
    expect(reader.take(batch)).toBe(true);
    expect(await reader.commit()).toEqual([{ topic: 't', partition: 0, offset: 0 }]);
    reader.committed([{ topic: 't', partition: 0, offset: 2 }]);
    expect(await reader.leave()).toEqual([{ topic: 't', partition: 0, offset: 2 }]);
    expect(committed(broker)).toEqual([0]);
  });

  it('gives up what a transaction has stored all of', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    fill(one, 0, 'a');
    fill(one, 1, 'b');
    const first = join(one);
    for (const batch of await first.next()) expect(first.take(batch)).toBe(true);
    const second = join(two);
    await second.next();
    expect(partitionsOf(second)).toEqual([]);
    first.committed([0, 1].map((partition) => ({ topic: 't', partition, offset: 1 })));
    await untilGiven(second);
    expect([...partitionsOf(first), ...partitionsOf(second)].sort()).toEqual([0, 1]);
  });

  it('takes what it is given by the way, while it has much to show', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    fill(one, 0, 'a');
    fill(one, 1, 'b');
    const first = join(one);
    const second = join(two);
    await untilGiven(second);
    const batches = await first.next();
    await second.leave();
    await first.attend();
    expect(partitionsOf(first)).toEqual([0, 1]);
    expect(batches.map((batch) => first.take(batch))).toEqual([true]);
    expect((await first.next()).map(({ partition }) => partition)).not.toContain(batches[0]?.partition);
  });

  it('gives up while it shows something else, without being asked for more', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    fill(one, 0, 'a');
    const first = join(one);
    const [batch] = (await first.next()) as [ReadBatch];
    expect(first.take(batch)).toBe(true);
    const second = join(two, { assignor: 'sticky' });
    await untilGiven(second);
    expect(partitionsOf(second)).toEqual([1]);
  });

  it('is told that a batch is another member’s by now', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    fill(one, 0, 'a');
    fill(one, 1, 'b');
    const first = join(one);
    const batches = await first.next();
    const second = join(two);
    await untilGiven(second);
    const [theirs] = partitionsOf(second);
    expect(batches.map((batch) => [batch.partition, first.take(batch)])).toEqual([
      [0, theirs !== 0],
      [1, theirs !== 1],
    ]);
  });

  it('commits nothing when it was taken for dead, says so, and joins again', async () => {
    const [one, two] = brokers(2, 1) as [Broker, Broker];
    fill(one, 0, 'a', 'b');
    const first = join(one);
    first.news();
    const [batch] = (await first.next()) as [ReadBatch];
    first.take(batch);
    await first.commit();
    expel(two);
    const second = join(two);
    expect(await show(second)).toEqual(['a', 'b']);
    await second.commit();
    first.done('t', 0, 1);
    expect(await first.commit()).toEqual([]);
    expect(committed(one)).toEqual([2]);
    expect(await show(first)).toEqual([]);
    expect(first.news()).toMatchObject([
      { kind: 'fenced', partitions: [{ topic: 't', partition: 0 }] },
      { kind: 'assigned', partitions: [] },
    ]);
    await second.leave();
    fill(two, 0, 'c');
    expect(await show(first)).toEqual(['c']);
  });

  it('that was taken out while it had nothing to show has its place again as soon as it looks', async () => {
    const [one, two] = brokers(2, 1) as [Broker, Broker];
    const first = join(one);
    first.news();
    expel(two);
    fill(two, 0, 'a');
    expect(await show(first)).toEqual(['a']);
    expect(first.news()).toMatchObject([{ kind: 'fenced' }, { kind: 'assigned', partitions: [{ partition: 0 }] }]);
    expect(await first.leave()).toEqual([{ topic: 't', partition: 0, offset: 1 }]);
  });

  it('tells who came and who went', async () => {
    const [one, two] = brokers(2) as [Broker, Broker];
    const first = join(one);
    expect(first.news()).toMatchObject([{ kind: 'assigned', partitions: [{ partition: 0 }, { partition: 1 }] }]);
    const second = join(two);
    await show(first);
    const [kept] = partitionsOf(first);
    expect(first.news()).toMatchObject([
      { kind: 'joined', members: [second.memberName], partitions: [{ partition: kept }] },
    ]);
    await second.leave();
    await show(first);
    expect(first.news()).toMatchObject([{ kind: 'left', partitions: [{ partition: 0 }, { partition: 1 }] }]);
    expect(first.news()).toEqual([]);
  });
});

describe('where a member begins', () => {
  it('without a committed offset where it is asked to, and the next one there too', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    fill(broker, 0, 'a', 'b');
    const first = join(broker, { from: { at: 'end' } });
    expect(await show(first)).toEqual([]);
    await first.leave();
    fill(broker, 0, 'c');
    expect(await show(join(broker, { from: { at: 'end' } }))).toEqual(['c']);
  });

  it('at the start of what comes later', async () => {
    const [broker, other] = brokers(2, 1) as [Broker, Broker];
    const reader = join(broker, { from: { at: 'end' } });
    other.alterTopic('t', { partitions: 2 });
    fill(other, 1, 'new');
    expect(await show(reader)).toEqual(['new']);
  });

  it('at the log start when what was committed is gone, and says how much that is', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    for (const value of ['a', 'b', 'c']) fill(broker, 0, value);
    commit(broker, 1);
    await new EmbeddedCluster(broker).trimTopic('t', { before: { at: 'offset', offset: 2 }, dryRun: false });
    const reader = join(broker);
    expect(reader.news()).toMatchObject([{ begun: [{ start: 2, lost: 1, beyond: null }] }]);
  });

  it('where it is asked to when what was committed lies behind the end', async () => {
    const [broker] = brokers(1, 1) as [Broker];
    fill(broker, 0, 'a');
    commit(broker, 7);
    const reader = join(broker);
    expect(reader.news()).toMatchObject([{ begun: [{ start: 0, lost: 0, beyond: 7 }] }]);
    expect(await show(reader)).toEqual(['a']);
    expect(await reader.leave()).toMatchObject([{ offset: 1 }]);
  });

  it('goes on without a topic that is deleted, from the start of one that comes in its place', async () => {
    const [broker, other] = brokers(2, 1) as [Broker, Broker];
    fill(other, 0, 'a', 'b');
    const reader = join(broker);
    expect(await show(reader)).toEqual(['a', 'b']);
    await other.deleteTopics({ names: ['t'] });
    expect([await show(reader), partitionsOf(reader)]).toEqual([[], []]);
    other.createTopics([{ name: 't' }]);
    fill(other, 0, 'c');
    expect(await show(reader)).toEqual(['c']);
  });
});

describe('a bounded member', () => {
  it('ends at the ends of when it came', async () => {
    const [broker, other] = brokers(2) as [Broker, Broker];
    fill(other, 0, 'a');
    const reader = join(broker, { follow: false });
    fill(other, 0, 'later');
    expect(reader.ended).toBe(false);
    expect(await show(reader)).toEqual(['a']);
    expect(reader.ended).toBe(true);
  });

  it('that was given nothing waits until the others have committed all of it', async () => {
    const [one, two] = brokers(2, 1) as [Broker, Broker];
    fill(one, 0, 'a');
    const first = join(one, { follow: false });
    const second = join(two, { follow: false });
    await show(second);
    expect(second.ended).toBe(false);
    await show(first);
    expect([first.ended, second.ended]).toEqual([true, false]);
    await first.commit();
    expect(second.ended).toBe(true);
  });

  it('waits for what it is to get, and takes over what another did not finish', async () => {
    const [one, two] = brokers(2, 1) as [Broker, Broker];
    fill(one, 0, 'a', 'b');
    const first = join(one, { follow: false });
    const second = join(two, { follow: false });
    const [batch] = (await first.next()) as [ReadBatch];
    first.take(batch);
    first.done('t', 0, 1);
    await first.leave();
    expect(await show(second)).toEqual(['b']);
    expect(second.ended).toBe(true);
  });
});

/** Looks at what others have committed, without asking for more. */
async function untilStill(reader: EmbeddedGroupReader): Promise<void> {
  await reader.wait(1, NEVER);
}

/** Waits as a session does, until it has a partition. */
async function untilGiven(reader: EmbeddedGroupReader): Promise<void> {
  await reader.next();
  while (partitionsOf(reader).length === 0) {
    await reader.wait(null, NEVER);
    await reader.next();
  }
}

/** Takes every member out, as after a long silence. */
function expel(broker: Broker): void {
  const later = { now: broker.clock.now() + 3_600_000, isGone: () => false };
  broker.store.write(() => broker.groups.rows.removeGone('g', later), 'normal');
}

function commit(broker: Broker, offset: number): void {
  const id = broker.topic('t').partitions[0]?.id as number;
  broker.groups.commit('g', null, [{ id, offset }]);
}
