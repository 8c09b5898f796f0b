import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const MEGABYTE = 1 << 20;
const PIECE = Buffer.alloc(8 * MEGABYTE, 'x');

it('S6: while somebody reads one view for long it grows, and begins anew when he has done', () => {
  const dir = tempDir();
  const [writer, reader] = [Store.create(dir, { patience: NO_PATIENCE }), Store.create(dir, { patience: NO_PATIENCE })];
  const write = () =>
    writer.write(
      () => writer.prepare(`INSERT INTO topic_config VALUES (1, hex(randomblob(8)), ?)`).run(PIECE),
      'normal',
    );
  reader.read(() => {
    reader.prepare('SELECT count(*) FROM topic_config').get();
    for (let i = 0; i < 10; i++) write();
    expect(walBytes(dir)).toBeGreaterThan(64 * MEGABYTE);
  });
  for (let i = 0; i < 4; i++) write();
  expect(walBytes(dir)).toBeLessThan(64 * MEGABYTE);
  writer.close();
  reader.close();
});

it('S7: a full commit can be seen before its sync, and whoever waits for it is told then', () => {
  const dir = tempDir();
  const [writer, reader] = [Store.create(dir, { patience: NO_PATIENCE }), Store.create(dir, { patience: NO_PATIENCE })];
  const seen: unknown[] = [];
  for (let i = 1; i <= 3; i++) {
    writer.write(
      () => writer.prepare('INSERT INTO topic_config VALUES (1, ?, ?)').run(`${i}`, 'x'),
      'full',
      () => seen.push(reader.prepare('SELECT count(*) AS rows FROM topic_config').get()),
    );
  }
  expect(seen).toEqual([{ rows: 1 }, { rows: 2 }, { rows: 3 }]);
  expect(() =>
    writer.write(
      () => expect.fail('no'),
      'full',
      () => seen.push('told'),
    ),
  ).toThrow('no');
  expect(seen.length).toBe(3);
  writer.close();
  reader.close();
});

it.runIf(process.platform === 'linux')(
  'S7: SQLite syncs the first full commit, beck all others, and lets go of the WAL at the end',
  () => {
    const dir = tempDir();
    const store = Store.create(dir, { patience: NO_PATIENCE });
    const commit = (durability: 'full' | 'normal') => {
      store.write(
        () => store.prepare('INSERT INTO topic_config VALUES (1, hex(randomblob(8)), ?)').run('x'),
        durability,
      );
      return [(store.prepare('PRAGMA synchronous').get() as { synchronous: number }).synchronous, openWals(dir)];
    };
    expect([commit('normal'), commit('full'), commit('full'), commit('normal'), commit('full')]).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    store.close();
    expect(openWals(dir)).toBe(0);
  },
);

/** How often this process has the WAL open: SQLite once. */
function openWals(dir: string): number {
  const links = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return links.filter((link) => link.startsWith(join(dir, 'beck.db-wal'))).length;
}

function walBytes(dir: string): number {
  return statSync(join(dir, 'beck.db-wal')).size;
}
