import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { beck as run, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';
import { itOnDataDir } from '../support/worlds.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

/** `orders` is kept for an hour, `logs` up to one batch, `users` by key, `all` for ever. */
function dataDir(): string {
  const dir = tempDir();
  const broker = openTestBroker({ dir, clock: new TestClock() });
  broker.createTopics([
    { name: 'orders', partitions: 2, configs: { 'retention.ms': `${HOUR}` } },
    { name: 'logs', configs: { 'retention.ms': '-1', 'retention.bytes': '60' } },
    { name: 'users', configs: { 'cleanup.policy': 'compact', 'delete.retention.ms': `${HOUR}` } },
    { name: 'all', configs: { 'retention.ms': '-1' } },
  ]);
  for (const age of [3 * HOUR, 2 * HOUR, 1000]) append(broker, 'orders', 1, [{ value: 'x', timestamp: NOW - age }]);
  for (const value of ['a', 'b', 'c']) append(broker, 'logs', 0, [{ value }]);
  for (const value of ['a', 'b', null]) append(broker, 'users', 0, [{ key: 'k', value }]);
  append(broker, 'all', 0, [{ value: 'old', timestamp: 1 }]);
  return dir;
}

const commands = { ...COMMANDS, 'retention run': () => import('../../commands/retention/run.ts') };
const beck = (line: string, options: Surroundings) => run(line.split(' '), { now: NOW, commands, ...options });

async function records(dir: string): Promise<Record<string, number>> {
  const { stdout } = await beck('topic list --json', { dataDir: dir });
  return Object.fromEntries(
    (JSON.parse(stdout) as { topic: string; records: number }[]).map(({ topic, records: n }) => [topic, n]),
  );
}

describe('retention run', () => {
  it('lets go by time, by size, by key; a pipe hears nothing, a terminal one line', async () => {
    const [piped, shown] = [dataDir(), dataDir()];
    expect(await beck(`retention run --now ${NOW}`, { dataDir: piped })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
      asked: [],
    });
    expect(await records(piped)).toEqual({ all: 1, logs: 1, orders: 1, users: 1 });
    const { stdout, stderr } = await beck(`retention run --now ${NOW}`, { dataDir: shown, tty: true });
    expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^6 records \(\d+ B\) let go, in 3 partitions\n$/)]);
    expect((await beck(`retention run --now ${NOW}`, { dataDir: shown, tty: true })).stderr).toBe(
      'nothing to let go of\n',
    );
  });

  it('shows with --dry-run exactly what would go, and then takes that', async () => {
    const dir = dataDir();
    const dry = await beck(`retention run --dry-run --json --now ${NOW}`, { dataDir: dir });
    const rows = JSON.parse(dry.stdout) as { topic: string }[];
    const frees = expect.any(Number) as number;
    expect(rows.sort((a, b) => a.topic.localeCompare(b.topic))).toEqual([
      { topic: 'logs', partition: 0, why: 'size', limit: 60, start: 0, newStart: 2, records: 2, frees },
      { topic: 'orders', partition: 1, why: 'time', limit: HOUR, start: 0, newStart: 2, records: 2, frees },
      { topic: 'users', partition: 0, why: 'compaction', limit: null, start: 0, newStart: 0, records: 2, frees },
    ]);
    expect(await records(dir)).toEqual({ all: 1, logs: 3, orders: 3, users: 3 });
    const real = await beck(`retention run --json --now ${NOW}`, { dataDir: dir });
    expect((JSON.parse(real.stdout) as { topic: string }[]).sort((a, b) => a.topic.localeCompare(b.topic))).toEqual(
      rows,
    );
  });

  it('is a page on a terminal, and columns in a pipe', async () => {
    const dir = dataDir();
    const page = await beck(`retention run orders --dry-run --now ${NOW}`, { dataDir: dir, tty: true });
    expect(page.stdout).toMatch(
      /^TOPIC {3}PARTITION {2}WHY {13}OFFSETS {2}RECORDS {2}FREES\norders {10}1 {2}older than 1 h {4}0 – 1 {8}2 {2}\d+ B\n$/,
    );
    expect(page.stderr).toMatch(/^would free \d+ B; nothing was changed\n$/);
    const piped = await beck(`retention run users --dry-run --now ${NOW}`, { dataDir: dir });
    expect(piped).toMatchObject({
      stdout: expect.stringMatching(
        /^TOPIC\tPARTITION\tWHY\tOFFSETS\tRECORDS\tFREES\nusers\t0\ta newer value of its key\t–\t2\t\d+ B\n$/,
      ),
      stderr: '',
    });
  });

  it('takes a time, back from now too; tombstones go when theirs is over', async () => {
    const dir = dataDir();
    expect(await beck('retention run orders --now -2h', { dataDir: dir })).toMatchObject({ code: 0 });
    expect(await records(dir)).toMatchObject({ orders: 3 });
    expect(await beck('retention run orders --now -1h59m59s', { dataDir: dir })).toMatchObject({ code: 0 });
    expect(await records(dir)).toMatchObject({ orders: 2 });
    await beck(`retention run users --now ${NOW}`, { dataDir: dir });
    const later = await beck(`retention run users --now ${NOW + HOUR} --json`, { dataDir: dir });
    expect(JSON.parse(later.stdout)).toMatchObject([{ why: 'tombstone', records: 1 }]);
    expect(await records(dir)).toMatchObject({ users: 0 });
  });

  it.each([
    ['retention run ordres', 3, "did you mean 'orders'?"],
    ['retention run --now soon', 2, "'soon' is no time"],
    ['retention run --now @-1h', 2, "'@-1h' is no time"],
  ])('%s exits %d', async (line, code, sentence) => {
    const dir = dataDir();
    expect(await beck(line, { dataDir: dir })).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(await records(dir)).toMatchObject({ orders: 3 });
  });

  itOnDataDir('creates nothing where there is nothing', async () => {
    const dir = join(tempDir(), 'none');
    expect(await beck('retention run --json', { dataDir: dir })).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(existsSync(dir)).toBe(false);
  });
});
