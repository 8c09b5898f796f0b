import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ready, readyLine, readyPage, writeReadyFile } from '../../../src/cli/serve/ready.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { beck, memoryIo } from '../memory-io.ts';

const READY: Ready = {
  event: 'ready',
  bootstrap: '127.0.0.1:9092',
  listeners: ['PLAINTEXT://127.0.0.1:9092'],
  socket: '/run/user/1000/beck/1f3a.sock',
  pid: 4800,
  dataDir: '/home/me/.local/share/beck',
};

it('a person reads where it is and how to come in', () => {
  const { io } = memoryIo({ env: { HOME: '/home/me' } });
  expect(readyPage(READY, false, io)).toBe(
    'beck serves ~/.local/share/beck\n' +
      '  socket  /run/user/1000/beck/1f3a.sock\n' +
      '  kafka   127.0.0.1:9092   kcat -b 127.0.0.1:9092 -L\n' +
      'Ctrl-C stops it; the data stays.\n',
  );
  const listeners = ['SASL_SSL://0.0.0.0:9093', 'PLAINTEXT://127.0.0.1:9092'];
  expect(readyPage({ ...READY, listeners }, false, io)).toContain(
    '\n  kafka   SASL_SSL://0.0.0.0:9093\n  kafka   PLAINTEXT://127.0.0.1:9092\n',
  );
  expect(readyPage({ ...READY, bootstrap: null, listeners: [] }, true, io)).toBe(
    'beck serves ~/.local/share/beck\n  socket  /run/user/1000/beck/1f3a.sock\nCtrl-C stops it; the data goes with it.\n',
  );
});

it('the file is there whole, or not at all', () => {
  const dir = tempDir();
  const path = join(dir, 'ready');
  writeReadyFile(path, READY);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(READY);
  expect(readFileSync(path, 'utf8')).toBe(readyLine(READY));
  mkdirSync(join(dir, 'folder'));
  expect(() => writeReadyFile(join(dir, 'folder'), READY)).toThrow(
    expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }),
  );
  expect(readdirSync(dir).sort()).toEqual(['folder', 'ready']);
});

it('on a terminal the page is printed, elsewhere and with --json the line', async () => {
  const interrupt = AbortSignal.abort();
  const run = (tty: boolean, ...flags: string[]) =>
    beck(['serve', '--ephemeral', ...flags], { tty, interrupt, env: { HOME: '/home/me' } });
  const [page, line, json] = [await run(true), await run(false), await run(true, '--json')];
  expect(page.stdout).toMatch(/^beck serves \/.*\n {2}socket {2}\/.*\nCtrl-C stops it; the data goes with it\.\n$/);
  for (const { code, stdout } of [line, json]) {
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'ready', bootstrap: null, pid: process.pid });
  }
});
