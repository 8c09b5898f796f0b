import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isGone, ProcessWatch, sees, thisProcess } from '../../src/broker/peers.ts';
import type { ProcessId } from '../../src/types.ts';

it('a process that lives is not gone; one with its pid and another start is', () => {
  const me = thisProcess();
  expect(me.pid).toBe(process.pid);
  expect(isGone(me)).toBe(false);
  if (process.platform === 'linux') expect(isGone({ ...me, started: '1' })).toBe(true);
});

it('of a process in another namespace nothing is known', () => {
  const other = { pid: 2 ** 22 + 1, started: '1', namespace: 'elsewhere' };
  expect([isGone(other), sees(other), sees(thisProcess())]).toEqual([false, false, true]);
});

it.runIf(process.platform === 'linux')(
  'one from before the machine was started anew is gone, in whatever namespace',
  () => {
    const me = thisProcess();
    const boot = me.namespace.slice(-36);
    const [before, beside] = [
      { ...me, namespace: me.namespace.replace(boot, boot.replaceAll(/[0-9a-f]/g, '0')) },
      { ...me, namespace: `pid:[1] ${boot}` },
    ];
    expect([isGone(before), sees(before)]).toEqual([true, true]);
    expect([isGone(beside), sees(beside)]).toEqual([false, false]);
  },
);

it('a process that was killed is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const other = { ...thisProcess(), pid: child.pid ?? -1 };
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isGone(other)).toBe(true);
});

it('one that is looked at again and again is seen to live, and to have ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const watch = new ProcessWatch(idOf(child.pid ?? -1));
  expect([watch.isGone(), watch.isGone()]).toEqual([false, false]);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(watch.isGone()).toBe(true);
  watch.close();
  const late = new ProcessWatch(idOf(child.pid ?? -1));
  expect(late.isGone()).toBe(true);
  const elsewhere = new ProcessWatch({ ...thisProcess(), namespace: 'elsewhere' });
  expect(elsewhere.isGone()).toBe(false);
});

/** Of a process as it is now. */
function idOf(pid: number): ProcessId {
  const stat =
    process.platform === 'linux' && existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : '';
  return { ...thisProcess(), pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
}

it.runIf(process.platform === 'linux')('a process that has ended is gone before its parent asks for it', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  const started = (path: string) => readFileSync(path, 'latin1').split(' ')[21] ?? '';
  const child = { ...thisProcess(), pid: Number(pid), started: started(`/proc/${Number(pid)}/stat`) };
  await vi.waitFor(() => expect(isGone(child)).toBe(true));
  expect(readFileSync(`/proc/${child.pid}/stat`, 'latin1')).toContain(') Z ');
});
