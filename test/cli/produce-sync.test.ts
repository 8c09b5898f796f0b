/** A disk that does not take what was committed: it can be read, and nobody may call it stored, or say that there is nothing of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { problemsOf } from '../support/problems-of.ts';
import { tempDir } from '../support/temp-dir.ts';
import { beck } from './memory-io.ts';

const disk = vi.hoisted(() => ({ isBroken: false }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fdatasyncSync = (fd: number) => {
    if (disk.isBroken) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    fs.fdatasyncSync(fd);
  };
  return { ...fs, fdatasyncSync };
});
afterEach(() => {
  disk.isBroken = false;
});

/** SQLite itself syncs the first commit of a run, the records' or, with `--create`, the topic's; the disk breaks behind it. */
async function produce(lines: readonly string[], ...flags: readonly string[]) {
  const dataDir = tempDir();
  if (!flags.includes('--create')) await beck(['topic', 'create', 't'], { dataDir });
  const file = join(dataDir, 'lines');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  disk.isBroken = true;
  const ran = await beck(['produce', 't', file, ...flags], { dataDir });
  disk.isBroken = false;
  const { stdout } = await beck(['consume', 't'], { dataDir });
  expect(problemsOf(dataDir)).toEqual([]);
  return { ...ran, read: stdout.split('\n').length - 1 };
}

it('S7: a commit that the disk does not take is seen, and called by its name', () => {
  const store = Store.create(tempDir(), { patience: NO_PATIENCE });
  const commit = () =>
    store.write(() => store.prepare('INSERT INTO topic_config VALUES (1, hex(randomblob(8)), ?)').run('x'), 'full');
  commit();
  disk.isBroken = true;
  expect(commit).toThrow(expect.objectContaining({ code: 'SYNC_FAILED' }));
  disk.isBroken = false;
  expect(store.prepare('SELECT count(*) AS rows FROM topic_config').get()).toEqual({ rows: 2 });
  commit();
  store.close();
});

it('produce says up to where it is stored, and what became of the rest', async () => {
  const { code, stderr, read } = await produce(Array.from({ length: 60 }, (_, i) => `${i} ${'.'.repeat(100_000)}`));
  const stored = Number(
    /^failed; everything up to line (\d+) is stored, what was written behind it can be read/m.exec(stderr)?.[1],
  );
  expect(code).toBe(5);
  expect(stderr).toMatch(/^the disk did not take .*beck\.db: EIO: i\/o error, fdatasync \(SYNC_FAILED\)$/m);
  expect(stored).toBeGreaterThan(0);
  expect(read).toBeGreaterThan(stored);
});

it('produce --txn does not say that there is nothing of it', async () => {
  const { code, stderr, read } = await produce(['a', 'b'], '--create', '--txn');
  expect([code, read]).toEqual([5, 2]);
  expect(stderr).toMatch(/^failed; what was written can be read, and a power cut may take it\n/);
});
