import type Database from 'better-sqlite3';

/** Blobs that are copied in one step. */
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
 * Copies every row into another database of the same format, as they are at one moment: one read transaction here, which
 * keeps nobody from writing, and one write transaction there. Yields bytes of batches done, of how many; whoever stops in
 * between leaves the copy empty.
 */
export function* copySteps(
  db: Database.Database,
  path: string,
): Generator<{ readonly done: number; readonly total: number }> {
  if (db.prepare(SQL.leftover).get() !== undefined) db.exec('DETACH copy');
  db.prepare('ATTACH ? AS copy').run(path);
  try {
    db.exec('BEGIN');
    const { bytes: total } = db.prepare(SQL.total).get() as { bytes: number };
    for (const { name } of db.prepare(SQL.tables).all() as { name: string }[]) {
      db.exec(`INSERT OR REPLACE INTO copy.${name} SELECT * FROM main.${name}`);
    }
    yield* copyBatches(db, total);
    db.prepare(SQL.forget).run();
    db.prepare(SQL.sequences).run();
    db.exec('COMMIT');
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
    db.exec('DETACH copy');
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
