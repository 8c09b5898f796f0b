/** Every example of every page of help works as printed: each is run by bash in a home with a few topics in it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { Broker } from '../../src/broker/broker.ts';
import { commandNamed } from '../../src/cli/frame.ts';
import { hasOpenssl, makeCertificates } from '../support/certificates.ts';
import { openTransaction } from '../support/open-transaction.ts';

const DOOR = join(import.meta.dirname, '../../bin/beck.cjs');
const TIMED_OUT = 124;
const WRONG_USAGE = 2;

let folder: string;
let home: string;

function bash(line: string, cwd: string, withTopics = true) {
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: cwd,
    ...(withTopics ? {} : { BECK_DATA_DIR: join(cwd, 'new') }),
  };
  return spawnSync('bash', ['-o', 'pipefail', '-c', line], { cwd, env, encoding: 'utf8', input: '' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'beck-examples-'));
  home = join(folder, 'home');
  const here = `#!/bin/sh\nexec "${process.execPath}" "${DOOR}" "$@"\n`;
  writeFileSync(join(folder, 'beck'), here, { mode: 0o755 });
  const made = bash(
    `mkdir -p home/src/shop && export HOME=$PWD/home && cd home && seq 3 > app.log && echo 'exec cat' > clean.sh &&
     beck topic create orders -p 3 && beck topic create users clicks views test-1 copy logs &&
     printf 'alice\\t{"id":1}\\nbob\\t{"id":2}\\nalice\\t{"id":3}\\n' | beck produce orders -K '\\t' &&
     echo secret > password.txt && for user in alice bob; do beck user add $user < password.txt; done &&
     for group in billing trial-1 trial-2; do beck group reset $group --topic orders --to end --yes > /dev/null; done &&
     beck group export billing offsets.json && beck init > /dev/null && rm -r .beck`,
    folder,
  );
  expect([made.status, made.stderr]).toEqual([0, '']);
  if (hasOpenssl) makeCertificates(home);
  const broker = Broker.open(join(home, '.local/share/beck'), 'existing');
  openTransaction(broker, 'nightly-import', { topic: 'views' }, { timeoutMs: 900_000 });
  broker.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isThere = (program: string): boolean => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0;

/** Followers are stopped after a second, and nobody is there to be asked. */
function exitOf(command: string, description: string): number {
  if (/tail -F|--watch|\s-f(?!.*--timeout)|beck pipe (?!.*--once)|serve (?!.*-- )/.test(command)) return TIMED_OUT;
  return /after asking/.test(description) ? WRONG_USAGE : 0;
}

function missing(command: string): string | undefined {
  const needs = [...(/\bjq\b/.exec(command) ?? []), ...(/\b(?:zsh|fish)\b/.exec(command) ?? [])];
  if (command.includes('--tls-cert')) needs.push('openssl');
  return needs.find((program) => !isThere(program));
}

describe.each(Object.keys(COMMANDS))('%s', (name) => {
  it('works as its help says', async () => {
    const { examples = [] } = (await commandNamed(name, { commands: COMMANDS })).default;
    for (const row of examples) {
      const { command: printed, description } = typeof row === 'string' ? { command: row, description: '' } : row;
      const command = printed.replace(/(?<=127\.0\.0\.1:|0\.0\.0\.0:)909\d/, '0'); // somebody may listen there
      if (missing(command)) continue;
      const own = mkdtempSync(join(folder, 'run-'));
      cpSync(home, own, { recursive: true });
      const exit = exitOf(command, description);
      const stopped = `timeout -s INT 1 bash -c '${command.replaceAll("'", `'\\''`)}'`;
      const { status, stderr } = bash(exit === TIMED_OUT ? stopped : command, own, name !== 'topic create');
      expect({ command, status, stderr }).toMatchObject({ command, status: exit });
    }
  });
});
