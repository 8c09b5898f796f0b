/** File systems of a test's own: a small one that can be filled, one that nothing can be written to. Linux, as root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why there can be none; undefined when there can. */
export const noMount: string | undefined = whyNot();

/** An empty file system of so many bytes; it goes with the test. */
export function smallDisk(bytes: number): string {
  const at = mountPoint();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at]);
  return at;
}

/** The same folder once more, where nothing can be written to it; it goes with the test. */
export function readOnlyView(of: string): string {
  const at = mountPoint();
  execFileSync('mount', ['--bind', of, at]);
  execFileSync('mount', ['-o', 'remount,bind,ro', at]);
  return at;
}

/** Another program takes all the rest of the disk. */
export function fillUp(disk: string): void {
  const fd = openSync(join(disk, 'filler'), 'a');
  try {
    for (const piece of [1 << 20, 4096]) fillWith(fd, Buffer.alloc(piece, 'x'));
  } finally {
    closeSync(fd);
  }
}

export function bytesLeft(disk: string): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

function fillWith(fd: number, piece: Buffer): void {
  try {
    while (writeSync(fd, piece) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** A folder that is unmounted and removed with the test, and also when the whole run ends early. */
function mountPoint(): string {
  const at = mkdtempSync(join(tmpdir(), 'beck-mount-'));
  const unmount = () => {
    process.off('exit', unmount);
    spawnSync('umount', ['-l', at]);
    rmdirSync(at);
  };
  process.once('exit', unmount);
  onTestFinished(unmount);
  return at;
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `no tmpfs on ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root may mount';
  const at = mkdtempSync(join(tmpdir(), 'beck-mount-'));
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { encoding: 'utf8' });
  if (status === 0) execFileSync('umount', [at]);
  rmdirSync(at);
  return status === 0 ? undefined : `mount says: ${stderr}`;
}
