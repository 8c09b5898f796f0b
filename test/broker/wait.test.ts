import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blockingPatience, WakeFile } from '../../src/broker/wait.ts';
import { tempDir } from '../support/temp-dir.ts';

it('patience ends after its deadline, having waited in small steps', () => {
  const again = blockingPatience(30)();
  let tries = 1;
  while (again()) tries++;
  expect(tries).toBeGreaterThan(5);
});

it('B2: a touch is seen by whoever watches, in this process or another', async () => {
  const dir = tempDir();
  const [watcher, writer] = [new WakeFile(dir), new WakeFile(dir)];
  let looks = 0;
  let notify = () => {};
  const looked = () =>
    new Promise<void>((resolve) => {
      notify = resolve;
    });
  const stop = watcher.watch(() => {
    looks++;
    notify();
    return false;
  });
  await looked();
  const before = looks;
  writer.touch();
  await looked();
  expect(looks).toBeGreaterThan(before);
  stop();
  writer.close();
  watcher.close();
});

it('without a file to watch it still looks every few milliseconds', async () => {
  const dir = join(tempDir(), 'gone');
  const wake = new WakeFile(dir);
  let looks = 0;
  await new Promise<void>((resolve) => {
    const stop = wake.watch(() => {
      if (++looks < 3) return false;
      stop();
      resolve();
      return false;
    });
  });
  rmSync(dir, { recursive: true, force: true });
  expect(looks).toBe(3);
});
