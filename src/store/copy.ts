import { closeSync, openSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { syncFile } from './sync-file.ts';

/**
 * Blobs that are copied in one step, and then brought to the disk: what more there were would be waited for by the next commit of
 * anybody on the same file system (ext4 orders data before its journal).
 */
const STEP_BYTES = 16 << 20;

const SQL = {
  leftover: "SELECT 1 AS yes FROM pragma_database_list WHERE name = 'copy'",
  tables: `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'batch'`,
  total: 'SELECT coalesce(sum(bytes), 0) AS bytes FROM main.partition',
  sizes: 'SELECT seq, bytes FROM main.batch WHERE seq > ? ORDER BY seq LIMIT 10000',
  batches: 'INSERT INTO copy.batch SELECT * FROM main.batch WHERE seq > ? AND seq <= ?',
  forget: 'DELETE FROM copy.sqlite_sequence',
  sequences: 'INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence',
} as const;

/**
 * Copies every row into another database of the same format, which nobody has open, as they are at one moment: one read
 * transaction here, which keeps nobody from writing, and one write there, without a journal on the disk. Yields bytes of batches done, of how
 * many; whoever stops in between leaves a copy that is good for nothing. At the end it is on the disk.
 */
export function* copySteps(
  db: Database.Database,
  path: string,
): Generator<{ readonly done: number; readonly total: number }> {
  if (db.prepare(SQL.leftover).get() !== undefined) db.exec('DETACH copy');
  db.prepare('ATTACH ? AS copy').run(path);
  const mode = db.pragma('copy.journal_mode', { simple: true });
  const fd = openSync(path, 'r+');
  try {
    db.exec('PRAGMA copy.journal_mode = MEMORY; PRAGMA copy.synchronous = OFF; BEGIN');
    const { bytes: total } = db.prepare(SQL.total).get() as { bytes: number };
    for (const { name } of db.prepare(SQL.tables).all() as { name: string }[]) {
      db.exec(`INSERT OR REPLACE INTO copy.${name} SELECT * FROM main.${name}`);
    }
    for (const step of copyBatches(db, total)) {
      syncFile(fd, path);
      yield step;
    }
    db.prepare(SQL.forget).run();
    db.prepare(SQL.sequences).run();
    db.exec(`COMMIT; PRAGMA copy.journal_mode = ${mode}`);
    syncFile(fd, path);
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
    db.exec('DETACH copy');
    // Not before: closing a descriptor gives up the locks of its whole process on the file.
    closeSync(fd);
  }
}

function* copyBatches(
  db: Database.Database,
  total: number,
): Generator<{ readonly done: number; readonly total: number }> {
  const sizes = db.prepare(SQL.sizes);
  const copy = db.prepare(SQL.batches);
  let done = 0;
  for (let after = 0; ; ) {
    const { last, bytes } = nextStep(sizes.all(after) as { seq: number; bytes: number }[]);
    if (last === undefined) return;
    copy.run(after, last);
    after = last;
    done += bytes;
    yield { done, total };
  }
}

function nextStep(rows: readonly { seq: number; bytes: number }[]): { last: number | undefined; bytes: number } {
  let bytes = 0;
  let last: number | undefined;
  for (const row of rows) {
    bytes += row.bytes;
    last = row.seq;
    if (bytes >= STEP_BYTES) break;
  }
  return { last, bytes };
}
