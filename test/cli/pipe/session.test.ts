/** A pipe's session on a data directory, with members of its group that come between. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../../src/broker/broker.ts';
import { type GivenPipe, pipePlan } from '../../../src/cli/pipe/plan.ts';
import { PipeReport } from '../../../src/cli/pipe/report.ts';
import { runPipe } from '../../../src/cli/pipe/run-pipe.ts';
import { Runs, type RunsOptions } from '../../../src/cli/pipe/runs.ts';
import type { ReadBatch } from '../../../src/client/cluster.ts';
import { EmbeddedCluster } from '../../../src/client/embedded/cluster.ts';
import { RecordCursor } from '../../../src/record/cursor.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { append, openTestBroker } from '../../support/test-broker.ts';
import { memoryIo } from '../memory-io.ts';
import { PIPE_FLAGS, piece } from './pieces.ts';

/** `t` with these values in a batch each, `out` and `failed`; all with so many partitions. */
function shop(values: readonly string[], partitions = 1): Broker {
  const broker = openTestBroker();
  broker.createTopics(['t', 'out', 'failed'].map((name) => ({ name, partitions })));
  for (const [i, value] of values.entries()) append(broker, 't', i % partitions, [{ value }]);
  return broker;
}

interface Running {
  readonly ended: Promise<PipeReport>;
  readonly interrupt: AbortController;
  readonly warned: string[];
}

/** Pipes `t` to `out` in a shell; `said` is called with what the command says on stderr, which is waited for. */
function pipe(
  broker: Broker,
  script: string,
  flags: Partial<GivenPipe> = {},
  said: (text: string) => void | Promise<void> = () => undefined,
): Running {
  const { io, stderr } = memoryIo();
  stderr.write = async (chunk) => {
    await said(`${chunk}`);
    return chunk.length;
  };
  const warned: string[] = [];
  const report = new PipeReport({
    io,
    group: 'g',
    to: 'out',
    follows: false,
    say: () => undefined,
    warn: (line) => warned.push(line),
  });
  const interrupt = new AbortController();
  const command = { words: ['sh', '-c', script], env: process.env, cwd: '/' };
  const plan = pipePlan(['t', 'out'], { ...PIPE_FLAGS, once: true, ...flags }, 0);
  const cluster = new EmbeddedCluster(broker);
  const ended = runPipe(cluster, plan, { command, report, interrupt: interrupt.signal }).then(() => report);
  ended.catch(() => undefined);
  return { ended, interrupt, warned };
}

/** What readers of committed records see of a topic. */
async function committed(broker: Broker, topic = 'out'): Promise<string[]> {
  const cluster = new EmbeddedCluster(broker);
  const reader = await cluster.consume({
    topics: { names: [topic] },
    from: { at: 'start' },
    follow: false,
    isolation: 'read_committed',
  });
  const values: string[] = [];
  for (let batches = await reader.next(); batches.length > 0; batches = await reader.next())
    for (const batch of batches) values.push(...valuesOf(batch));
  reader.close();
  return values;
}

function valuesOf({ blob, from, until }: ReadBatch): string[] {
  const cursor = new RecordCursor(blob);
  const found: string[] = [];
  while (cursor.next()) if (cursor.offset >= from && cursor.offset < until) found.push(`${cursor.value()}`);
  return found;
}

function offsets(broker: Broker): number[] {
  return broker.store.read(() => [...broker.groups.rows.committed('g').values()]);
}

/** Takes every member out, as after a long silence. */
function expel(broker: Broker): void {
  const later = { now: broker.clock.now() + 3_600_000, isGone: () => false };
  broker.store.write(() => broker.groups.rows.removeGone('g', later), 'normal');
}

/** A process's own view of the same data directory. */
function elsewhere({ dir }: Broker): Broker {
  return openTestBroker({ dir });
}

const gate = 'read x; cat; echo "$x"; echo running >&2';

describe.skipIf(process.platform === 'win32')('a session', () => {
  it('halves what fails, and commits what is good as it goes, in its order', async () => {
    const broker = shop(['a', 'b', 'c', 'bad', 'd', 'e', 'f', 'g']);
    const runs: string[] = [];
    const picky = `tr '\\n' ' ' >&2; ! grep -q bad /dev/stdin && cat /dev/stdin`;
    const { ended, warned } = pipe(broker, picky, { 'on-error': 'skip' }, (text) => void runs.push(text.trim()));
    expect((await ended).totals).toMatchObject({ read: 8, written: 7, skipped: 1, deadLetters: 0 });
    expect(runs).toEqual(['a b c bad d e f g', 'a b c bad', 'a b', 'c bad', 'c', 'bad', 'd e f g']);
    expect(warned).toEqual(['t 0, offset 3: sh exited with 1; left out']);
    expect(await committed(broker)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(offsets(broker)).toEqual([8]);
  });

  it('leaves a run to others when it was taken for dead meanwhile', async () => {
    const broker = shop(['a', 'b']);
    const other = elsewhere(broker);
    let second: Running | undefined;
    const first = pipe(broker, gate, {}, async () => {
      if (second !== undefined) return;
      expel(other);
      second = pipe(other, 'sed s/$/2/');
      await second.ended;
    });
    expect((await first.ended).totals).toMatchObject({ read: 0, written: 0 });
    expect(await committed(broker)).toEqual(['a2', 'b2']);
    expect(offsets(broker)).toEqual([2]);
  });

  it('reads again what it lost and has back', async () => {
    const broker = shop(['a', 'b']);
    let expelled = 0;
    const { ended } = pipe(broker, gate, { batch: 1 }, () => {
      if (expelled++ === 0) expel(elsewhere(broker));
    });
    expect((await ended).totals).toMatchObject({ batches: 2, read: 2 });
    expect(await committed(broker)).toEqual(['a', 'b']);
  });

  it('reads again what somebody has ended from outside', async () => {
    const broker = shop(['a', 'b']);
    const other = elsewhere(broker);
    let ended = 0;
    const running = pipe(broker, `${gate}; head -c 3000000 /dev/zero | tr '\\0' x | fold -w 1000`, {}, async () => {
      if (ended++ > 0) return;
      for (;;) {
        const open = other.transactions.list().find(({ state }) => state === 'Ongoing');
        if (open !== undefined) return void other.transactions.abort(open.transactionalId);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect((await running.ended).totals).toMatchObject({ batches: 1, read: 2 });
    expect((await committed(broker)).length).toBe(3002);
    expect(ended).toBe(2);
  });

  it('goes on without a topic that is deleted while it is run', async () => {
    const broker = shop(['a']);
    const { ended } = pipe(broker, 'cat; echo >&2', {}, async () => {
      await elsewhere(broker).deleteTopics({ names: ['t'] });
    });
    expect((await ended).totals).toMatchObject({ read: 0, written: 0 });
    expect(await committed(broker)).toEqual([]);
  });

  it('has nothing open when it was interrupted', async () => {
    const broker = shop(['a', 'b', 'c'], 3);
    const running = pipe(broker, 'cat; echo >&2; exec sleep 600', {}, () => running.interrupt.abort());
    expect((await running.ended).totals).toMatchObject({ read: 0, written: 0 });
    expect(await committed(broker)).toEqual([]);
    expect(broker.transactions.list()).toEqual([]);
    expect(offsets(broker)).toEqual([0, 0, 0]);
  });

  it('passes over offsets that have no record, without a run', async () => {
    const done: unknown[] = [];
    const reader = { done: (...what: unknown[]) => void done.push(what) };
    const runs = new Runs({ reader } as unknown as RunsOptions);
    const pieces = [piece([5, 9], { from: 6, until: 9 })];
    expect(await runs.run({ topic: 't', partition: 0, pieces, records: 0 }, () => undefined)).toBe('committed');
    expect(done).toEqual([['t', 0, 9]]);
  });

  it('runs what is whole before it says what is damaged', async () => {
    const broker = Broker.open(tempDir(), 'create');
    onTestFinished(() => broker.close());
    broker.createTopics(['t', 'out'].map((name) => ({ name })));
    for (const value of ['a', 'b', 'c']) append(broker, 't', 0, [{ value }]);
    broker.store.write(() =>
      broker.store
        .prepare(
          "UPDATE batch SET data = CAST(substr(data, 1, length(data) - 1) || x'7f' AS BLOB) WHERE base = 2 AND partition = 1",
        )
        .run(),
    );
    const running = pipe(broker, 'cat', { once: false, linger: '1h' });
    await expect(running.ended).rejects.toMatchObject({ code: 'CORRUPT_MESSAGE' });
    expect(await committed(broker)).toEqual(['a', 'b']);
    expect(offsets(broker)).toEqual([2]);
  });
});
