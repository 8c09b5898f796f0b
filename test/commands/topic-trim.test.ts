import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beck as run, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';
import { itOnDataDir } from '../support/worlds.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

/** `orders` with offsets 0 to 3 in partition 0, two of them older than an hour, offset 0 in partition 1, none in partition 2. */
function dataDir(): string {
  const dir = tempDir();
  const broker = openTestBroker({ dir, clock: new TestClock() });
  broker.createTopics([{ name: 'orders', partitions: 3 }]);
  for (const age of [3 * HOUR, 2 * HOUR, 1000, 500])
    append(broker, 'orders', 0, [{ value: 'x', timestamp: NOW - age }]);
  append(broker, 'orders', 1, [{ value: 'y', timestamp: NOW - 100 }]);
  return dir;
}

const beck = (line: string, options: Surroundings) => run(line.split(' '), { now: NOW, ...options });

async function starts(dir: string): Promise<number[]> {
  const { stdout } = await beck('topic describe orders --json', { dataDir: dir });
  return JSON.parse(stdout)[0].partitionList.map(({ start }: { start: number }) => start);
}

describe('topic trim', () => {
  it.each([
    ['--before 2 -p 0', [2, 0, 0]],
    ['--before end', [4, 1, 0]],
    ['--before end -p 0', [4, 0, 0]],
    ['--before start', [0, 0, 0]],
    ['--before=-1', [3, 0, 0]],
    ['--before -3', [1, 0, 0]],
    ['--before +1', [1, 1, 0]],
    ['--before @-1h', [2, 0, 0]],
    ['--before 3 --partition 0', [3, 0, 0]],
  ])('%s lets the partitions start at %j', async (flags, expected) => {
    const dir = dataDir();
    expect(await beck(`topic trim orders ${flags} --yes`, { dataDir: dir })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await starts(dir)).toEqual(expected);
  });

  it('shows with --dry-run exactly what would go, and then takes that', async () => {
    const dir = dataDir();
    const dry = await beck('topic trim orders --before end --dry-run --json', { dataDir: dir });
    const rows = JSON.parse(dry.stdout);
    expect(rows).toEqual([
      { topic: 'orders', partition: 0, start: 0, newStart: 4, records: 4, frees: expect.any(Number) },
      { topic: 'orders', partition: 1, start: 0, newStart: 1, records: 1, frees: expect.any(Number) },
    ]);
    const page = await beck('topic trim orders --before end --dry-run', { dataDir: dir, tty: true });
    expect(page.stdout).toMatch(
      /^TOPIC {3}PARTITION {2}OFFSETS {2}RECORDS {2}FREES\norders {10}0 {4}0 – 3 {8}4 {2}\d+ B\n/,
    );
    expect(page.stderr).toMatch(/^would free \d+ B; nothing was changed\n$/);
    expect(await starts(dir)).toEqual([0, 0, 0]);
    const real = await beck('topic trim orders --before end --yes --json', { dataDir: dir });
    expect(JSON.parse(real.stdout)).toEqual(rows);
    expect(await starts(dir)).toEqual([4, 1, 0]);
  });

  it('asks on a terminal, and wants --yes elsewhere', async () => {
    const dir = dataDir();
    expect(await beck('topic trim orders --before end', { dataDir: dir })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes says that you mean it'),
    });
    const no = await beck('topic trim orders --before end', { dataDir: dir, tty: true, answers: [false] });
    expect(no).toMatchObject({
      code: 1,
      asked: [expect.stringMatching(/^orders loses 5 records \(\d+ B\)\. Trim it for good\?$/)],
    });
    expect(await starts(dir)).toEqual([0, 0, 0]);
    const yes = await beck('topic trim orders --before end', { dataDir: dir, tty: true, answers: [true] });
    expect(yes.stderr).toMatch(/^orders trimmed: 5 records \(\d+ B\)\n$/);
    expect((await beck('topic trim orders --before end', { dataDir: dir, tty: true })).stderr).toBe(
      'orders has nothing to trim there\n',
    );
  });

  it.each([
    ['topic trim orders', 2, '--before is missing'],
    ['topic trim orders --before soon --yes', 2, "'soon' is no position"],
    ['topic trim orders --before end -p 3 --yes', 3, 'orders has no partition 3; it has 3'],
    ['topic trim ordres --before end --yes', 3, "did you mean 'orders'?"],
    ['topic trim orders --before 5 -p 0 --yes', 1, 'orders 0 has offsets 0 to 4; 5 is outside'],
    ['topic trim orders --before 2 --yes', 1, 'orders 1 has offsets 0 to 1; 2 is outside'],
  ])('%s exits %d', async (line, code, sentence) => {
    const dir = dataDir();
    expect(await beck(line, { dataDir: dir })).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(await starts(dir)).toEqual([0, 0, 0]);
  });

  itOnDataDir('creates nothing where there is nothing, when it only looks', async () => {
    const dir = join(tempDir(), 'none');
    expect(await beck('topic trim orders --before end --dry-run', { dataDir: dir })).toMatchObject({ code: 3 });
    expect(existsSync(dir)).toBe(false);
  });
});
