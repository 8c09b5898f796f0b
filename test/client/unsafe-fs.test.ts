import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BECK, Household } from '../support/run-beck.ts';

const household = new Household();
afterAll(() => household.remove());

const beck = (args: readonly string[], stdin?: string) => {
  const env = { BECK_DATA_DIR: join(household.folder, 'data') };
  return household.start(process.execPath, [BECK, ...args, '--allow-unsafe-fs'], { env, stdin }).ended;
};

it('an input that a thread would write goes in under --allow-unsafe-fs, where the file is open to one alone', async () => {
  await beck(['topic', 'create', 't']);
  const lines = Array.from({ length: 200_000 }, (_, i) => `line ${i}`).join('\n');
  expect(lines.length).toBeGreaterThan(2 << 20);
  expect(await beck(['produce', 't'], lines)).toMatchObject({ code: 0, stderr: '' });
  expect((await beck(['consume', 't', '--tail', '1'])).stdout).toBe('line 199999\n');
});
