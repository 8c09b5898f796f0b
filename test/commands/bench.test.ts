import { existsSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/cli/bench/histogram.ts';
import { benchCsv, benchDocument, benchPage } from '../../src/cli/bench/page.ts';
import { readStamp } from '../../src/cli/bench/payload.ts';
import { picture } from '../../src/cli/bench/percentiles.ts';
import { type BenchPlan, partsOf } from '../../src/cli/bench/plan.ts';
import { sidesOf } from '../../src/cli/bench/result.ts';
import { beck, memoryIo } from '../cli/memory-io.ts';
import { it as withBeck } from '../support/e2e.ts';

const PLAN: BenchPlan = {
  topic: 't',
  records: 10,
  size: 100,
  keys: 0,
  batch: 0,
  rate: 0,
  writers: 3,
  readers: 2,
  acks: 'all',
  codec: 'none',
};

interface Side {
  readonly side: string;
  readonly processes: number;
  readonly records: number;
  readonly bytes: number;
  readonly latency: Readonly<Record<string, number>> | null;
}

describe('a histogram', () => {
  it('answers percentiles as the sorted values would, at most 1/128 too high', () => {
    const values = fc.array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1, maxLength: 200 });
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, (all, p) => {
        const histogram = new Histogram();
        for (const value of all) histogram.add(value);
        const exact = [...all].sort((a, b) => a - b)[Math.ceil(p * all.length) - 1] as number;
        const said = histogram.percentile(p);
        expect(said).toBeGreaterThanOrEqual(exact);
        expect(said).toBeLessThanOrEqual(exact * (1 + 1 / 128));
        expect(histogram.percentile(1)).toBe(Math.max(...all));
      }),
    );
  });

  it('survives the way to another process, and merges as if it were one', () => {
    const counted = fc.array(fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 5 })));
    fc.assert(
      fc.property(counted, counted, (a, b) => {
        const of = (pairs: [number, number][]) => {
          const histogram = new Histogram();
          for (const [value, count] of pairs) histogram.add(value, count);
          return histogram;
        };
        const sent = Histogram.from(JSON.parse(JSON.stringify(of(a).parts())));
        const merged = sent.merge(of(b));
        expect(merged.parts()).toEqual(of([...a, ...b]).parts());
        expect(merged.count).toBe([...a, ...b].reduce((sum, [, count]) => sum + count, 0));
      }),
    );
  });

  it('of nothing has no percentile; less than nothing is nothing', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeNaN();
    histogram.add(-3);
    expect([histogram.percentile(0.5), histogram.max]).toEqual([0, 0]);
  });
});

describe('the plan', () => {
  it('shares records and rate among writers; every reader reads all', () => {
    const parts = partsOf({ ...PLAN, rate: 30 });
    const of = (role: string) => parts.filter((part) => part.role === role);
    expect(of('writer').map(({ records, rate }) => [records, rate])).toEqual([
      [3, 10],
      [3, 10],
      [4, 10],
    ]);
    expect(of('reader').map(({ records, follow }) => [records, follow])).toEqual([
      [10, true],
      [10, true],
    ]);
  });
});

describe('the page', () => {
  const latency = new Histogram();
  latency.add(500, 98);
  latency.add(4000, 2);
  const done = { startedAt: 1000, cpuMs: 250, peakRss: 5e7, latency: latency.parts() };
  const parts = partsOf({ ...PLAN, writers: 2, readers: 0 });
  const sides = sidesOf(parts, [
    { ...done, records: 60, bytes: 6000, endedAt: 1400 },
    { ...done, records: 40, bytes: 4000, startedAt: 1100, endedAt: 1500 },
  ]);
  const result = { plan: PLAN, dataDir: '/d', sides };

  it('adds up what ran side by side, from the first start to the last end', () => {
    expect(benchDocument(result).sides).toEqual([
      {
        side: 'write',
        processes: 2,
        records: 100,
        bytes: 10000,
        seconds: 0.5,
        recordsPerSecond: 200,
        bytesPerSecond: 20000,
        cpuSeconds: 0.5,
        peakRss: 5e7,
        latency: { p50: 0.501, p90: 0.501, p99: 4, p999: 4, max: 4 },
      },
    ]);
  });

  it('shows percentiles as a picture on a terminal, as columns elsewhere', async () => {
    const shown = await benchPage(result, memoryIo({ tty: true, env: { NO_COLOR: '1' } }).io);
    expect(shown).toContain('write          2      100  500 ms        200    20 kB  500 ms        50 MB\n');
    expect(shown).toContain(`  p50    0.501 ms  ${'█'.repeat(6)}\n`);
    expect(shown).toContain(`  max     4.00 ms  ${'█'.repeat(48)}\n`);
    const piped = (await benchPage(result, memoryIo().io)).split('\n').map((line) => line.split('\t'));
    expect(piped[0]?.slice(-2)).toEqual(['P99.9 MS', 'MAX MS']);
    expect(piped[1]?.slice(-5)).toEqual(['0.501', '0.501', '4.00', '4.00', '4.00']);
    expect(benchCsv(result).split('\n').slice(0, 2)).toEqual([
      'side,processes,records,bytes,seconds,recordsPerSecond,bytesPerSecond,cpuSeconds,peakRss,p50Ms,p90Ms,p99Ms,p999Ms,maxMs',
      'write,2,100,10000,0.5,200,20000,0.5,50000000,0.501,0.501,4,4,4',
    ]);
  });

  it('draws something for whatever is more than nothing', () => {
    const lines = picture({ p50: 0.001, p90: 0, p99: 1, p999: 1, max: 100 }, 40);
    expect(lines.map((line) => line.replace(/^.* ms {2}/, ''))).toEqual(['▏', '', '▍', '▍', '█'.repeat(40)]);
  });
});

describe('wrong usage', () => {
  it.each([
    ['bench x', 'TOPIC and --data-dir go together'],
    ['bench --data-dir /d', 'TOPIC and --data-dir go together'],
    ['bench --writers 0 --readers 0', 'nothing to measure'],
    ['bench --writers 0', 'nothing to read'],
    ['bench --size 15', '16'],
    ['bench --csv --json', '--csv'],
  ])('%s exits 2', async (line, sentence) => {
    const { code, stdout, stderr } = await beck(line.split(' '), { cwd: '/' });
    expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(sentence)]);
  });
});

describe('beck bench', () => {
  const sidesIn = (stdout: string) => (JSON.parse(stdout) as { sides: Side[] }).sides;

  withBeck('measures in a folder of its own, which goes; BECK_DATA_DIR is left alone', async ({ beck }) => {
    const env = { TMPDIR: beck.folder };
    const { stdout } = await beck.ok(['bench', '--records', '5000', '--readers', '2', '--json'], { env });
    expect(sidesIn(stdout)).toMatchObject([
      { side: 'write', processes: 1, records: 5000, bytes: 500_000, latency: { max: expect.any(Number) } },
      { side: 'read', processes: 2, records: 10_000, bytes: 1_000_000, latency: { max: expect.any(Number) } },
    ]);
    expect([existsSync(beck.dir), readdirSync(beck.folder)]).toEqual([false, []]);
  });

  withBeck(
    'several writers, keys, commits of so many, paced: every record is there and well made',
    async ({ beck }) => {
      const shape = ['--writers', '3', '--batch', '5', '--keys', '10', '--size', '40', '-p', '4', '-z', 'gzip'];
      const asked = ['bench', 't', '--data-dir', beck.dir, '--records', '400', '--rate', '2000', ...shape, '--json'];
      const [write, read] = sidesIn((await beck.ok(asked)).stdout);
      expect([write?.processes, write?.records, read?.records]).toEqual([3, 400, 400]);
      const records = await beck.records('t');
      expect(records).toHaveLength(400);
      expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(1);
      for (const { key, value } of records) {
        expect(key).toMatch(/^key-0000000\d$/);
        const bytes = Buffer.from(String(value));
        expect(bytes).toHaveLength(40);
        expect(readStamp(bytes, 0, bytes.length)).toBeGreaterThan(0);
      }
    },
  );

  withBeck('reads what is there when nobody writes', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nbc\n', '-k', 'k');
    const { stdout } = await beck.ok(['bench', 't', '--data-dir', beck.dir, '--writers', '0', '--json']);
    expect(sidesIn(stdout)).toMatchObject([{ side: 'read', records: 2, bytes: 5, latency: null }]);
  });

  withBeck('says what its processes failed at, once', async ({ beck }) => {
    const nobody = await beck.run(['bench', 'nothing', '--data-dir', beck.dir, '--writers', '0']);
    expect([nobody.code, nobody.stderr.split('\n')[0]]).toEqual([3, expect.stringContaining("no topic 'nothing'")]);
    const large = await beck.run(['bench', '--size', '2000000', '--records', '3', '--readers', '1', '--json']);
    expect(large.code).toBe(1);
    expect(JSON.parse(large.stdout)).toMatchObject({ error: { code: 'MESSAGE_TOO_LARGE', exitCode: 1 } });
    expect(large.stderr).toBe('');
  });

  withBeck('ends at Ctrl-C with what it has measured, and leaves nothing behind', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '-f']);
    const args = ['bench', 't', '--data-dir', beck.dir, '--rate', '50', '--records', '1000000', '--json'];
    const live = beck.spawn(args);
    await follower.prints(3);
    live.kill('SIGINT');
    const { code, stdout } = await live.ended;
    expect(code).toBe(130);
    const [write] = sidesIn(stdout);
    expect(write?.records).toBe((await beck.lines('t')).length);
  });
});
