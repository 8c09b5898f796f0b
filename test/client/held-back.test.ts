import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import type { GroupReader, Reader } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { NEIGHBOUR_MS } from '../../src/settings.ts';
import type { Isolation } from '../../src/types.ts';
import { DEAD, Mortal } from '../support/mortal.ts';
import { openTransaction } from '../support/open-transaction.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

const NEVER = new AbortController().signal;
const HERE = { process: thisProcess() };

afterEach(() => {
  vi.restoreAllMocks();
});

/** The one who reads, and another process's connection to the same file. */
function setUp() {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't' }]);
  return { broker, other: openTestBroker({ dir: broker.dir }), cluster: new EmbeddedCluster(broker) };
}

const WAYS = ['alone', 'as a member of a group'] as const;

async function open(
  cluster: EmbeddedCluster,
  way: (typeof WAYS)[number],
  follow: boolean,
  isolation: Isolation = 'read_committed',
): Promise<Reader> {
  const options = { topics: { names: ['t'] }, from: { at: 'start' }, follow, isolation } as const;
  const reader = await (way === 'alone' ? cluster.consume(options) : cluster.joinGroup({ ...options, group: 'g' }));
  onTestFinished(() => reader.close());
  return reader;
}

/** What there is to be read for now. */
async function show(reader: Reader): Promise<string[]> {
  const shown: string[] = [];
  for (;;) {
    const batches = await reader.next();
    if (batches.length === 0) return shown;
    for (const batch of batches) {
      (reader as Partial<GroupReader>).take?.(batch);
      shown.push(...decodeBatch(batch.blob).map(({ value }) => `${value}`));
      (reader as Partial<GroupReader>).done?.(batch.topic, batch.partition, batch.until);
    }
  }
}

function write(broker: Broker, value: string): void {
  append(broker, 't', 0, [{ value }]);
}

describe.each(WAYS)('reading %s', (way) => {
  it('to the end: it makes no difference who has ended that meanwhile', async () => {
    const { broker, other, cluster } = setUp();
    write(broker, 'a');
    openTransaction(other, 'dead', { topic: 't' }, { process: DEAD });
    write(broker, 'b');
    vi.spyOn(broker.transactions, 'sweep').mockImplementation(() => {
      other.transactions.sweep();
      return 0;
    });
    expect(await show(await open(cluster, way, false))).toEqual(['a', 'b']);
  });

  it('to the end: what a dead process has left open is aborted before the end is frozen', async () => {
    const { other, cluster } = setUp();
    write(other, 'a');
    openTransaction(other, 'dead', { topic: 't', values: ['lost'] }, { process: DEAD });
    write(other, 'b');
    const reader = await open(cluster, way, false);
    expect(await show(reader)).toEqual(['a', 'b']);
    expect(reader.ended).toBe(true);
    expect(other.transactions.list()).toEqual([]);
  });

  it('to the end: one that lives holds back what comes behind it, and is left alone', async () => {
    const { other, cluster } = setUp();
    write(other, 'a');
    openTransaction(other, 'lives', { topic: 't', values: ['open'] }, HERE);
    write(other, 'b');
    const reader = await open(cluster, way, false);
    expect(await show(reader)).toEqual(['a']);
    expect(reader.ended).toBe(true);
    expect(other.transactions.list()).toMatchObject([{ state: 'Ongoing' }]);
  });

  it('uncommitted records: nobody waits, and nobody is looked for', async () => {
    const { broker, other, cluster } = setUp();
    openTransaction(other, 'dead', { topic: 't', values: ['lost'] }, { process: DEAD });
    const sweep = vi.spyOn(broker.transactions, 'sweep');
    const reader = await open(cluster, way, true, 'read_uncommitted');
    expect(await show(reader)).toEqual(['lost']);
    expect([sweep.mock.calls.length, await reader.heldBack()]).toEqual([0, []]);
  });

  it('following: it is woken when the process that holds it back has died', async () => {
    const { other, cluster } = setUp();
    const mortal = new Mortal();
    openTransaction(other, 'mortal', { topic: 't', values: ['lost'] }, { process: mortal.id });
    write(other, 'b');
    const reader = await open(cluster, way, true);
    expect(await show(reader)).toEqual([]);
    expect(await reader.heldBack()).toMatchObject([{ topic: 't', partition: 0, lastStable: 0, highWatermark: 2 }]);
    await mortal.kill();
    const shown: string[] = [];
    while (shown.length === 0) {
      await reader.wait(null, NEVER);
      shown.push(...(await show(reader)));
    }
    expect([shown, await reader.heldBack()]).toEqual([['b'], []]);
  });

  it('following: while nothing is held back nobody looks for transactions', async () => {
    const { broker, other, cluster } = setUp();
    const sweep = vi.spyOn(broker.transactions, 'sweep');
    const [set, cleared] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')];
    const timers = () => set.mock.results.filter((_, i) => set.mock.calls[i]?.[1] === NEIGHBOUR_MS);
    const ref = openTransaction(other, 'lives', { topic: 't', values: ['a'] }, HERE);
    const reader = await open(cluster, way, true);
    const before = timers().length;
    await show(reader);
    expect(timers()).toHaveLength(before + 1);
    other.transactions.end(ref, true);
    await reader.wait(null, NEVER);
    expect(await show(reader)).toEqual(['a']);
    expect(cleared).toHaveBeenCalledWith(timers().at(-1)?.value);
    const looks = sweep.mock.calls.length;
    write(other, 'b');
    await reader.wait(null, NEVER);
    expect(await show(reader)).toEqual(['b']);
    expect([sweep.mock.calls.length, timers().length]).toEqual([looks, before + 1]);
  });
});

it('whoever opens a producer ends what dead processes have left open', async () => {
  const { other, cluster } = setUp();
  openTransaction(other, 'dead', { topic: 't' }, { process: DEAD });
  const producer = await cluster.produce({ topic: 't', acks: '1', codec: 'none' });
  expect(other.transactions.list()).toEqual([]);
  await producer.close();
});

it('whoever looks at topics or transactions ends them too', async () => {
  const { other, cluster } = setUp();
  openTransaction(other, 'dead', { topic: 't' }, { process: DEAD });
  const [topic] = await cluster.describeTopics({ names: ['t'] });
  expect(topic?.partitionList).toMatchObject([{ end: 2, lastStable: 2 }]);
  openTransaction(other, 'dead-too', { topic: 't' }, { process: DEAD });
  openTransaction(other, 'lives', { topic: 't' }, HERE);
  expect(await cluster.transactions.list()).toMatchObject([{ transactionalId: 'lives', heldBack: 2 }]);
});
