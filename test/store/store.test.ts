import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Database } from '../../src/store/driver.ts';
import { APPLICATION_ID, FORMAT } from '../../src/store/schema.ts';
import { DATABASE_FILE, NO_PATIENCE, type Patience, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

function open(dir: string, patience: Patience = NO_PATIENCE): Store {
  const store = Store.create(dir, { patience });
  onTestFinished(() => {
    expect(store.integrityProblems()).toEqual([]);
    store.close();
  });
  return store;
}

/** A database that isn't quite ours, as it lies on the disk. */
function foreignFile(dir: string, prepare: (db: BetterSqlite3.Database) => void): string {
  const path = join(dir, DATABASE_FILE);
  const db = new Database(path);
  prepare(db);
  db.close();
  return path;
}

describe('opening', () => {
  it('fixes the disk format before the first table', () => {
    const store = open(tempDir());
    const db = new Database(store.path, { readonly: true });
    const pragma = (name: string) => db.pragma(name, { simple: true });
    expect([
      pragma('page_size'),
      pragma('auto_vacuum'),
      pragma('journal_mode'),
      pragma('application_id'),
      pragma('user_version'),
    ]).toEqual([16384, 2, 'wal', APPLICATION_ID, FORMAT]);
    db.close();
  });

  it.skipIf(process.platform === 'win32')('keeps its folder to its owner', () => {
    const dir = join(tempDir(), 'deep', 'data');
    open(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('creates nothing where there is nothing to read', () => {
    const dir = join(tempDir(), 'none');
    expect(Store.existing(dir, { patience: NO_PATIENCE })).toBeNull();
    expect(existsSync(dir)).toBe(false);
  });

  it('an empty file is a new one: somebody was killed while creating it', () => {
    const dir = tempDir();
    writeFileSync(join(dir, DATABASE_FILE), '');
    expect(Store.existing(dir, { patience: NO_PATIENCE })).toBeNull();
    expect(open(dir).integrityProblems()).toEqual([]);
  });

  it.each<[string, string, (dir: string) => unknown]>([
    [
      'STORAGE_FOREIGN',
      "it begins with 'hello wor'",
      (dir) => writeFileSync(join(dir, DATABASE_FILE), 'hello world, I am a text'),
    ],
    ['STORAGE_FOREIGN', 'of another program', (dir) => foreignFile(dir, (db) => db.exec('CREATE TABLE t (x)'))],
    [
      'STORAGE_NEWER',
      'format 99',
      (dir) => foreignFile(dir, (db) => db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 99`)),
    ],
    [
      'STORAGE_CORRUPT',
      'ends after 50 bytes',
      (dir) =>
        writeFileSync(
          foreignFile(dir, (db) => db.exec('CREATE TABLE t (x)')),
          readFileSync(join(dir, DATABASE_FILE)).subarray(0, 50),
        ),
    ],
  ])('S3: %s (%s) is refused, and nothing is written to it or beside it', (code, sentence, prepare) => {
    const dir = tempDir();
    prepare(dir);
    const before = readFileSync(join(dir, DATABASE_FILE));
    for (const attempt of [
      () => Store.create(dir, { patience: NO_PATIENCE }),
      () => Store.existing(dir, { patience: NO_PATIENCE }),
    ]) {
      expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }));
    }
    expect(readFileSync(join(dir, DATABASE_FILE)).equals(before)).toBe(true);
    expect(readdirSync(dir)).toEqual([DATABASE_FILE]);
  });

  it.each([
    [0x01021997, '9p'],
    [0x65735546, 'fuse'],
    [0x6969, 'nfs'],
  ])('refuses a file system whose shared memory is not shared (%i, %s), unless told', (magic, fs) => {
    const dir = tempDir();
    const options = { patience: NO_PATIENCE, probe: () => magic };
    expect(() => Store.create(dir, options)).toThrow(
      expect.objectContaining({ code: 'STORAGE_UNSAFE_FS', message: expect.stringContaining(fs) }),
    );
    expect(readdirSync(dir)).toEqual([]);
    const alone = Store.create(dir, { ...options, allowUnsafeFs: true });
    alone.write(() => undefined);
    expect(readdirSync(dir)).not.toContain(`${DATABASE_FILE}-shm`);
    expect(() => Store.create(dir, { ...options, allowUnsafeFs: true })).toThrow(
      expect.objectContaining({ code: 'STORAGE_BUSY' }),
    );
    alone.close();
  });
});

describe('transactions', () => {
  const count = (store: Store) => (store.prepare('SELECT count(*) AS n FROM topic').get() as { n: number }).n;
  const insert = (store: Store, name: string) =>
    store.prepare('INSERT INTO topic (uuid, name, created) VALUES (?, ?, 0)').run(Buffer.from(name), name);

  it('S1: all of it or nothing', () => {
    const store = open(tempDir());
    expect(() =>
      store.write(() => {
        insert(store, 'a');
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(count(store)).toBe(0);
  });

  it('S2: a busy database is tried again as the patience says, then STORAGE_BUSY', () => {
    const dir = tempDir();
    const holder = open(dir);
    let tries = 0;
    const waiting = open(dir, () => () => ++tries < 5);
    holder.write(() => {
      expect(() => waiting.write(() => insert(waiting, 'b'))).toThrow(
        expect.objectContaining({ code: 'STORAGE_BUSY', exitCode: 4 }),
      );
    });
    expect(tries).toBe(5);
    waiting.write(() => insert(waiting, 'b'));
    expect(count(holder)).toBe(1);
  });

  it('a reader keeps its view while others commit', () => {
    const dir = tempDir();
    const [reader, writer] = [open(dir), open(dir)];
    reader.read(() => {
      expect(count(reader)).toBe(0);
      writer.write(() => insert(writer, 'c'));
      expect(count(reader)).toBe(0);
    });
    expect(count(reader)).toBe(1);
  });

  it("others' commits change the data version, own ones do not", () => {
    const dir = tempDir();
    const [a, b] = [open(dir), open(dir)];
    const [before, beforeB] = [a.dataVersion(), b.dataVersion()];
    a.write(() => insert(a, 'd'));
    expect(a.dataVersion()).toBe(before);
    expect(b.dataVersion()).not.toBe(beforeB);
  });

  it('gives free space back to the file system in slices', () => {
    const store = open(tempDir());
    store.write(() =>
      store.prepare('INSERT INTO topic_config (topic, name, value) VALUES (1, ?, ?)').run('x', 'y'.repeat(2 << 20)),
    );
    store.write(() => store.prepare('DELETE FROM topic_config').run());
    const free = store.freeBytes();
    expect(free).toBeGreaterThan(1 << 20);
    const rest = store.vacuum(1 << 20);
    expect(rest).toBeLessThanOrEqual(free - (1 << 20));
    expect(rest).toBeGreaterThan(0);
    expect(store.vacuum(1 << 20, () => true)).toBe(rest);
    let asked = 0;
    const little = store.vacuum(1 << 20, () => ++asked > 2);
    expect(rest - little).toBeGreaterThan(0);
    expect(rest - little).toBeLessThan(1 << 18);
    while (store.vacuum(1 << 20) > 0);
    store.checkpoint('truncate');
    expect(statSync(store.path).size).toBeLessThan(1 << 20);
  });

  it.each([
    ['full', 2],
    ['normal', 1],
    [undefined, 2],
  ] as const)('a commit of durability %s has synchronous = %i', (durability, synchronous) => {
    const store = open(tempDir());
    store.write(() => insert(store, 'a'), 'normal');
    store.write(() => insert(store, 'b'), durability);
    expect(store.prepare('PRAGMA synchronous').get()).toEqual({ synchronous });
  });

  it('a copy of a live file opens like any other', () => {
    const store = open(tempDir());
    store.write(() => insert(store, 'e'));
    const dir = tempDir();
    for (const _ of store.copyInto(dir));
    const copy = open(dir);
    expect(count(copy)).toBe(1);
    copy.write(() => insert(copy, 'f'));
    expect(copy.prepare('SELECT max(id) AS id FROM topic').get()).toEqual({ id: 2 });
  });
});
