import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { Broker } from '../../src/broker/broker.ts';
import { groupDigits } from '../../src/errors.ts';
import { beck as run, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append } from '../support/test-broker.ts';
import { itOnDataDir } from '../support/worlds.ts';

const commands = { ...COMMANDS, check: () => import('../../commands/check.ts') };
const beck = (line: string, options: Surroundings) => run(line.split(' '), { commands, ...options });

/** Two records in `orders`; `sql` is what went wrong with them. */
function dataDir(sql?: string): string {
  const dir = tempDir();
  const broker = Broker.open(dir, 'create');
  broker.createTopics([{ name: 'orders' }]);
  for (const value of ['a', 'b']) append(broker, 'orders', 0, [{ value }]);
  if (sql !== undefined) broker.store.write(() => broker.store.prepare(sql).run());
  broker.close();
  return dir;
}

describe('check', () => {
  it('says that everything is in order, and how much that is', async () => {
    const dir = dataDir();
    const { code, stdout, stderr } = await beck('check', { dataDir: dir, env: { HOME: dir } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^~\/beck\.db is in order: 2 batches, 2 records, 1\d\d B, every byte read\n$/);
    const json = await beck('check --json', { dataDir: dir });
    expect(JSON.parse(json.stdout)).toEqual({
      path: `${dir}/beck.db`,
      batches: 2,
      records: 2,
      size: expect.any(Number) as number,
      problems: [],
    });
  });

  it('says what is wrong, a problem a line, and exits 5', async () => {
    const dir = dataDir('UPDATE partition SET records = 7');
    const problem = 'orders 0: it is said to have 7 records, there are 2';
    expect(await beck('check', { dataDir: dir, env: { HOME: dir } })).toMatchObject({
      code: 5,
      stdout: `${problem}\n`,
      stderr:
        '~/beck.db has 1 problem (CHECK_FAILED)\n`beck check --salvage DIR` copies what can be read to a new folder\n',
    });
    const { code, stdout, stderr } = await beck('check --json', { dataDir: dir });
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ problem, topic: 'orders', partition: 0, offset: null }] });
  });
});

describe('a file whose end is missing', () => {
  const LINE_BYTES = 20_000;
  const LINES = Array.from({ length: 30 }, (_, i) => ({ value: `${i} ${'.'.repeat(LINE_BYTES)}` }));

  /** Answers what is left of the bytes, and how many there were. */
  function cut(rest: (bytes: number) => number): { dir: string; path: string; left: number; bytes: number } {
    const dir = tempDir();
    const broker = Broker.open(dir, 'create');
    broker.createTopics([{ name: 'orders' }]);
    for (const line of LINES) append(broker, 'orders', 0, [line]);
    broker.close();
    const path = join(dir, 'beck.db');
    const bytes = statSync(path).size;
    const left = rest(bytes);
    truncateSync(path, left);
    return { dir, path, left, bytes };
  }

  itOnDataDir('is read by check and salvage as far as it goes, and by nobody else', async () => {
    const { dir, path, left, bytes } = cut((all) => all - (LINES.length / 2) * LINE_BYTES);
    const ends = `it ends after ${groupDigits(left)} of ${groupDigits(bytes)} bytes`;
    const before = readFileSync(path);
    expect(await beck('consume orders', { dataDir: dir })).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining(`beck.db is damaged: ${ends}`),
    });
    const check = await beck('check', { dataDir: dir });
    expect(check.code).toBe(5);
    expect(check.stdout.split('\n')[0]).toBe(`the file: ${ends}`);
    const salvaged = join(dir, 'salvaged');
    const { code, stdout } = await beck(`check --json --salvage ${salvaged}`, { dataDir: dir });
    const { records, gaps } = JSON.parse(stdout) as { records: number; gaps: { from: number; until: number }[] };
    expect({ code, gaps }).toMatchObject({ code: 0, gaps: [{ until: LINES.length }] });
    expect(records).toBeGreaterThan(10);
    expect(records).toBe(LINES.length - gaps.reduce((sum, { from, until }) => sum + until - from, 0));
    expect(await beck('check', { dataDir: salvaged })).toMatchObject({ code: 0 });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  itOnDataDir('does not say that nothing is missing where it cannot know what there was', async () => {
    const { dir } = cut(() => 20_000);
    const { stdout } = await beck(`check --salvage ${join(dir, 'salvaged')}`, { dataDir: dir });
    expect(stdout).toContain('0 topics, 0 records salvaged; what else there was is not known');
  });
});
