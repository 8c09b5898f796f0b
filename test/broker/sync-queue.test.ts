import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SyncQueue, syncBeside } from '../../src/broker/sync-queue.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A disk that the test is: each sync ends when it says so. */
function slowDisk() {
  const begun: { end: () => void; fail: (error: Error) => void }[] = [];
  const queue = new SyncQueue(
    () =>
      new Promise((resolve, reject) => {
        begun.push({ end: resolve, fail: reject });
      }),
  );
  return { begun, queue };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('what comes while one sync is at work is all in the next one', async () => {
  const { begun, queue } = slowDisk();
  const done: string[] = [];
  const sync = (name: string): void => {
    queue.sync(7).then(
      () => done.push(name),
      () => undefined,
    );
  };
  sync('first');
  sync('second');
  sync('third');
  expect(begun).toHaveLength(1);
  begun[0]?.end();
  await settled();
  expect([done, begun.length]).toEqual([['first'], 2]);
  sync('fourth');
  begun[1]?.end();
  await settled();
  expect([done, begun.length]).toEqual([['first', 'second', 'third'], 3]);
  begun[2]?.end();
  await settled();
  expect(done).toEqual(['first', 'second', 'third', 'fourth']);
  sync('later');
  expect(begun).toHaveLength(4);
});

it('a sync that fails is told to those who waited for it, and to nobody else', async () => {
  const { begun, queue } = slowDisk();
  const [first, second] = [queue.sync(7), queue.sync(7)];
  begun[0]?.fail(new Error('no disk'));
  await expect(first).rejects.toThrow('no disk');
  await settled();
  begun[1]?.end();
  await expect(second).resolves.toBe(undefined);
});

it('what the disk did not take is SYNC_FAILED', async () => {
  const fd = openSync(join(tempDir(), 'file'), 'w');
  const sync = syncBeside('/data/beck.db');
  await expect(sync(fd)).resolves.toBe(undefined);
  closeSync(fd);
  await expect(sync(fd)).rejects.toMatchObject({ code: 'SYNC_FAILED' });
});
