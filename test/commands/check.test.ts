import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { Broker } from '../../src/broker/broker.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append } from '../support/test-broker.ts';
import { type RunOptions, runCommand } from './run-command.ts';

const commands = { ...COMMANDS, check: () => import('../../commands/check.ts') };
const beck = (line: string, options: RunOptions) => runCommand(line.split(' '), { commands, ...options });

/** Two records in `orders`; `sql` is what went wrong with them. */
function dataDir(sql?: string): string {
  const dir = tempDir();
  const broker = Broker.create(dir);
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
