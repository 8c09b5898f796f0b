import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../bin/commands.ts';
import { beck } from './memory-io.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'beck-completion-'));
  writeFileSync(join(folder, 'beck.bash'), (await beck(['completion', 'bash'])).stdout);
  // A beck that knows two topics, and one more in another folder.
  const fake =
    '#!/bin/sh\ncase "$*" in *--topics*/other*) echo elsewhere ;; *--topics*) echo orders; echo users ;; *--groups*) echo billing ;; *--transactions*) echo nightly-import ;; esac\n';
  writeFileSync(join(folder, 'beck'), fake, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for a line whose end is the cursor. */
function offers(line: string): string[] {
  const script = `source "${folder}/beck.bash"; COMP_LINE=$1; COMP_POINT=\${#1}; _beck; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  return execFileSync('bash', ['-c', script, 'bash', line], { env, encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('bash', () => {
  it.each([
    ['beck topic cr', ['create']],
    ['beck topic describe ', ['orders', 'users']],
    ['beck topic describe --data-dir /other ', ['elsewhere']],
    ['beck topic describe --data-dir=/other ', ['elsewhere']],
    ['beck topic describe orders us', ['users']],
    ['beck topic create ', []],
    ['beck produce -k topic or', ['orders']],
    ['beck produce orders --acks ', ['all', '1', '0']],
    ['beck produce orders --acks=a', ['all']],
    ['beck produce --tomb', ['--tombstone']],
    ['beck produce orders -i ', ['value', 'jsonl']],
    ['beck consume -o js', ['jsonl', 'json']],
    ['beck completion z', ['zsh']],
    ['beck topic create t -c rete', ['retention.bytes=', 'retention.ms=']],
    ['beck topic create t --config clean', ['cleanup.policy=']],
    ['beck topic alter t --config=clean', ['cleanup.policy=']],
    ['beck topic alter t -c cleanup.policy=', []],
    ['beck topic alter t --unset segment.m', ['segment.ms']],
    ['beck topic alter t --unset=retention.m', ['retention.ms']],
    ['beck group describe ', ['billing']],
    ['beck group reset bi', ['billing']],
    ['beck group reset trial --to-group ', ['billing']],
    ['beck group reset trial --topic us', ['users']],
    ['beck txn ab', ['abort']],
    ['beck txn abort ', ['nightly-import']],
    ['beck txn describe nig', ['nightly-import']],
    ['beck produce t --t', ['--timestamp', '--tombstone', '--txn']],
    ['beck zzz', []],
  ])('%s', (line, wanted) => expect(offers(line)).toEqual(wanted));

  it('knows every command', () => {
    expect(offers('beck ').sort()).toEqual(
      [...new Set(Object.keys(COMMANDS).map((name) => name.split(' ')[0]))].sort(),
    );
  });
});

it.each(['zsh', 'fish'])('%s knows every command', async (shell) => {
  const { code, stdout } = await beck(['completion', shell]);
  expect(code).toBe(0);
  for (const word of Object.keys(COMMANDS).flatMap((name) => name.split(' '))) expect(stdout).toContain(word);
  for (const names of ['--topics', '--groups', '--transactions']) expect(stdout).toContain(names);
  expect(stdout).toMatch(
    shell === 'zsh' ? /-c\+\[.*compadd -S = -- cleanup\.policy / : /-s c -r -f -a 'cleanup\.policy= /,
  );
  expect(stdout).toMatch(shell === 'zsh' ? /--unset=\[.*\(cleanup\.policy / : /-l unset -r -f -a 'cleanup\.policy /);
});

describe.each(['--topics', '--groups', '--transactions'])('the names that %s prints', (flag) => {
  it('are printed one a line, and nothing at all where there are none', async () => {
    expect(await beck(['completion', flag], { env: { BECK_DATA_DIR: join(folder, 'none') } })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('are passed over in silence where they cannot be read', async () => {
    writeFileSync(join(folder, 'beck.db'), 'hello world, this is no database');
    expect(await beck(['completion', flag], { env: { BECK_DATA_DIR: folder } })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

it('wants a shell', async () => {
  expect(await beck(['completion'])).toMatchObject({ code: 2, stderr: expect.stringContaining('bash, zsh, fish') });
});
