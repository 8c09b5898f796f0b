import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isGone, thisProcess } from '../../src/broker/peers.ts';

it('a process that lives is not gone; one with its pid and another start is', () => {
  const me = thisProcess();
  expect(me.pid).toBe(process.pid);
  expect(isGone(me)).toBe(false);
  if (process.platform === 'linux') expect(isGone({ ...me, started: '1' })).toBe(true);
});

it('of a process in another namespace nothing is known', () => {
  expect(isGone({ pid: 2 ** 22 + 1, started: '1', namespace: 'elsewhere' })).toBe(false);
});

it('a process that was killed is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const other = { ...thisProcess(), pid: child.pid ?? -1 };
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isGone(other)).toBe(true);
});

it.runIf(process.platform === 'linux')('a process that has ended is gone before its parent asks for it', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  const started = (path: string) => readFileSync(path, 'latin1').split(' ')[21] ?? '';
  const child = { ...thisProcess(), pid: Number(pid), started: started(`/proc/${Number(pid)}/stat`) };
  await vi.waitFor(() => expect(isGone(child)).toBe(true));
  expect(readFileSync(`/proc/${child.pid}/stat`, 'latin1')).toContain(') Z ');
});
