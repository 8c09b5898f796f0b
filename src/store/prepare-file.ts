import type Database from 'better-sqlite3';
import { APPLICATION_ID, DDL, FORMAT, MIGRATIONS, PAGE_SIZE } from './schema.ts';
import { WAL_BYTES } from './wal.ts';

/**
 * Makes a file that was just opened ready: its schema if it is new or older, and how this connection uses it. `alone`: by
 * this process only, without shared memory. Writes nothing to a file that is as it should be.
 */
export function prepareFile(db: Database.Database, alone: boolean): void {
  if (alone) db.pragma('locking_mode = EXCLUSIVE');
  if (db.pragma('user_version', { simple: true }) !== FORMAT) initialise(db);
  const wanted = alone ? 'delete' : 'wal';
  if (db.pragma('journal_mode', { simple: true }) !== wanted) db.pragma(`journal_mode = ${wanted}`);
  db.pragma('synchronous = FULL');
  db.pragma(`journal_size_limit = ${WAL_BYTES}`);
  db.pragma('temp_store = MEMORY');
}

/** Without comments and indentation: SQLite keeps the text, and all of it fits on the first page so, which every opening reads. */
function bare(ddl: string): string {
  return ddl.replace(/\s*--.*$/gm, '').replace(/^\s+/gm, '');
}

/**
 * Lets a connection read a file whose end is missing as far as it goes, and write nothing. SQLite refuses such a file to all but
 * those who may repair a schema (`lockBtree` in btree.c).
 */
export function acceptMissingEnd(db: Database.Database): void {
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
  db.pragma('query_only = ON');
}

/**
 * One transaction makes all of a new file, so that whoever looks at it meanwhile sees nothing or everything. Page size and
 * auto_vacuum hold only before the first page; setting auto_vacuum writes that page, and so takes the write lock: BEGIN
 * IMMEDIATE would write it too early.
 */
export function initialise(db: Database.Database): void {
  db.pragma(`page_size = ${PAGE_SIZE}`);
  db.exec('BEGIN');
  try {
    db.pragma('auto_vacuum = INCREMENTAL');
    const found = db.pragma('user_version', { simple: true }) as number;
    if (found === 0) db.exec(bare(DDL));
    else for (let step = found; step < FORMAT; step++) db.exec(MIGRATIONS.get(step) ?? '');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${FORMAT}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
