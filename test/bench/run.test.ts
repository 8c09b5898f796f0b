/** `npm run bench` runs and prints its rows. What they say is for people to judge: no figure is checked. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Row {
  readonly group: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly spread: readonly [number, number];
  readonly method: string;
}

function bench(...args: readonly string[]): string {
  const argv = [join(ROOT, 'bench/run.js'), '--quick', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

describe.runIf(process.platform !== 'win32')('npm run bench', () => {
  it('has a row for each promise, and says how each was measured', () => {
    const { rows } = JSON.parse(bench('--json')) as { rows: Row[] };
    const names = rows.map(({ group, what }) => `${group}: ${what}`).join('\n');
    for (const promised of [
      'beck topic list',
      'echo x | beck produce t',
      'produce / split and sync',
      'consume / produce',
      'peak memory of produce',
      'idle, p50',
      'busy, p99',
      'first record, more than without a group',
      'consume / without a group',
      '12 members, one joins',
      '12 members, one leaves',
      '12 members, one is killed',
      'idle member, CPU',
      'groups × 100 partitions',
      'idempotent produce / produce, CPU',
      'produce --txn / produce, CPU',
      'produce --txn / produce, one record',
      'pipe / consume | cat | produce',
      'seek by offset',
      'seek by time',
      'retention: worst wait',
      'retention: largest WAL',
      'snapshot: worst wait',
    ])
      expect(names).toContain(promised);
    for (const { what, value, spread, method } of rows) {
      expect([what, value, ...spread]).toEqual([what, ...Array(3).fill(expect.any(Number))]);
      expect(method).not.toBe('');
    }
  });

  it('prints one table', () => {
    const table = bench('--only', 'start-up');
    expect(table).toMatch(/MEASURED +SPREAD +WANTED +MEDIANS +METHOD\n/);
    expect(table).toMatch(/ {2}beck topic list +\d+\.\d\d×/);
  });
});
