import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import type { Cluster, ConsumeOptions, ReadBatch, Reader } from '../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../src/client/embedded/cluster.ts';
import { openCluster } from '../../src/client/open.ts';
import type { Isolation, Position } from '../../src/types.ts';
import { openTransaction, writeInto } from '../support/open-transaction.ts';
import { seeded } from '../support/seed.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append } from '../support/test-broker.ts';
import { TestServer } from '../support/test-server.ts';

const signal = new AbortController().signal;
const ISOLATIONS: readonly Isolation[] = ['read_committed', 'read_uncommitted'];

/** One data directory, seen by its files and through the socket of a server. */
async function setUp(topics: Readonly<Record<string, number>>) {
  const dir = tempDir();
  const broker = Broker.open(dir, 'create');
  broker.createTopics(Object.entries(topics).map(([name, partitions]) => ({ name, partitions })));
  const path = join(tempDir(), 's');
  const server = await TestServer.start({ dataDir: dir, socket: path });
  const wire = await openCluster({
    ...{ broker: `unix:${path}`, dataDir: undefined, allowUnsafeFs: false, cwd: '/', env: {}, signal, mode: 'read' },
  });
  const embedded = new EmbeddedCluster(broker);
  onTestFinished(async () => {
    await wire.close();
    await embedded.close();
  });
  return { broker, server, wire, embedded };
}

const question = (isolation: Isolation, more: Partial<ConsumeOptions> = {}): ConsumeOptions => ({
  topics: { names: ['t', 'u'] },
  from: { at: 'start' },
  follow: false,
  isolation,
  ...more,
});

const said = ({ topic, partition, seq, from, until }: ReadBatch) => `${seq}: ${topic} ${partition} ${from}-${until}`;

async function readAll(reader: Reader): Promise<string[]> {
  const found: string[] = [];
  while (!reader.ended) found.push(...(await reader.next()).map(said));
  reader.close();
  return found;
}

async function read(cluster: Cluster, options: ConsumeOptions): Promise<string[]> {
  return readAll(await cluster.consume(options));
}

/** Batches over all partitions, of nobody's and of transactions that are committed, aborted or left open. */
function fill(broker: Broker, random: () => number, rounds: number): void {
  const pick = (n: number) => Math.floor(random() * n);
  const places = [0, 1, 2].map((partition) => ({ topic: 't', partition })).concat([{ topic: 'u', partition: 0 }]);
  const open: { ref: ReturnType<typeof openTransaction>; written: Map<string, number> }[] = [];
  for (let i = 0; i < rounds; i++) {
    const place = places[pick(places.length)] as (typeof places)[number];
    const key = `${place.topic} ${place.partition}`;
    const what = pick(6);
    if (what <= 2)
      append(
        broker,
        place.topic,
        place.partition,
        Array.from({ length: 1 + pick(4) }, () => ({ value: 'x' })),
      );
    else if (what === 3) open.push({ ref: openTransaction(broker, `t${i}`, place), written: new Map([[key, 1]]) });
    else if (what === 4 && open.length > 0) {
      const { ref, written } = open[pick(open.length)] as (typeof open)[number];
      writeInto(broker, ref, place, written.get(key) ?? 0);
      written.set(key, (written.get(key) ?? 0) + 1);
    } else if (open.length > 0)
      broker.transactions.end(open.splice(pick(open.length), 1)[0]?.ref as never, random() < 0.5);
  }
  for (const { ref } of open) if (random() < 0.7) broker.transactions.end(ref, random() < 0.5);
}

describe('a reader behind a socket', () => {
  it('sees what one beside the log sees, in the same order (C3), from any position to any', async () => {
    const random = seeded('readers of two worlds');
    const { broker, wire, embedded } = await setUp({ t: 3, u: 1 });
    fill(broker, random, 400);
    await embedded.trimTopic('t', { before: { at: 'offset', offset: 7 }, partition: 1, dryRun: false });
    const any = (): Position => {
      const [count, offset] = [Math.floor(random() * 40), Math.floor(random() * 60)];
      const kinds: Position[] = [{ at: 'start' }, { at: 'end' }, { at: 'offset', offset }];
      return [...kinds, { at: 'before-end', count }, { at: 'after-start', count }, { at: 'time', timestamp: 0 }][
        Math.floor(random() * 6)
      ] as Position;
    };
    for (const isolation of ISOLATIONS) {
      expect(await read(wire, question(isolation))).toEqual(await read(embedded, question(isolation)));
      for (let i = 0; i < 10; i++) {
        const options = question(isolation, { from: any(), until: any() });
        const [a, b] = [await wire.consume(options), await embedded.consume(options)];
        const bare = ({ ranges }: Reader) => ranges.map((range) => ({ ...range, id: 0 }));
        expect(bare(a)).toEqual(bare(b));
        expect(await readAll(a), JSON.stringify(options)).toEqual(await readAll(b));
      }
    }
  });

  it('finds the same tail', async () => {
    const random = seeded('tails of two worlds');
    const { broker, wire, embedded } = await setUp({ t: 3, u: 1 });
    fill(broker, random, 300);
    /** Every third offset matches, but where none does for long. */
    const matches = ({ from, until }: ReadBatch) =>
      Array.from({ length: until - from }, (_, i) => from + i).filter(
        (offset) => offset % 3 === 0 && offset % 100 < 60,
      );
    const tail = async (cluster: Cluster, isolation: Isolation, wanted: number): Promise<string[]> => {
      const reader = await cluster.consume(question(isolation));
      const skip = await reader.tail(wanted, (batch) => matches(batch).length);
      const found: string[] = [];
      while (!reader.ended)
        for (const batch of await reader.next())
          found.push(...matches(batch).map((offset) => `${batch.seq}: ${batch.topic} ${batch.partition} ${offset}`));
      reader.close();
      return found.slice(skip);
    };
    for (const isolation of ISOLATIONS)
      for (const wanted of [1, 2, 7, 50, 10_000])
        expect(await tail(wire, isolation, wanted), `${wanted}`).toEqual(await tail(embedded, isolation, wanted));
  });

  it('that follows sees each batch once, in the order of the commits, however they come', async () => {
    const random = seeded('a follower behind a socket');
    const { broker, wire, embedded } = await setUp({ t: 3, u: 1 });
    const reader = await wire.consume(question('read_uncommitted', { follow: true }));
    const found: string[] = [];
    const seqs: number[] = [];
    for (let round = 0; round < 60; round++) {
      fill(broker, random, 1 + Math.floor(random() * 8));
      if (random() < 0.5) await reader.wait(random() < 0.5 ? 1 : 50, signal);
      for (const batch of await reader.next()) {
        found.push(said(batch));
        seqs.push(batch.seq);
      }
    }
    const all = await read(embedded, question('read_uncommitted'));
    while (found.length < all.length) {
      await reader.wait(null, signal);
      for (const batch of await reader.next()) {
        found.push(said(batch));
        seqs.push(batch.seq);
      }
    }
    reader.close();
    expect(found).toEqual(all);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('that begins ahead of the end waits for it; one whose offsets are trimmed meanwhile goes on behind them', async () => {
    const { broker, wire, embedded } = await setUp({ t: 1, u: 1 });
    const ahead = await wire.consume(
      question('read_committed', { topics: { names: ['u'] }, from: { at: 'offset', offset: 3 }, follow: true }),
    );
    for (let i = 0; i < 5; i++) append(broker, 'u', 0, [{ value: `${i}` }]);
    const found: string[] = [];
    while (found.length < 2) {
      found.push(...(await ahead.next()).map(said));
      if (found.length < 2) await ahead.wait(null, signal);
    }
    expect(found.map((text) => text.split(': ')[1])).toEqual(['u 0 3-4', 'u 0 4-5']);
    const trimmed = await wire.consume(question('read_committed', { topics: { names: ['u'] } }));
    await embedded.trimTopic('u', { before: { at: 'offset', offset: 2 }, dryRun: false });
    expect((await readAll(trimmed)).map((text) => text.split(': ')[1])).toEqual(['u 0 2-3', 'u 0 3-4', 'u 0 4-5']);
  });
});
