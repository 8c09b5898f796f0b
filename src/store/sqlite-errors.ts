import { BrokerError, type ErrorCode } from '../errors.ts';
import { Database } from './driver.ts';

/** SQLite's result codes, by their longest known beginning. https://sqlite.org/rescode.html */
const ROWS: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ['SQLITE_FULL', 'STORAGE_FULL'],
  ['SQLITE_IOERR_SHMSIZE', 'STORAGE_FULL'],
  ['SQLITE_CORRUPT', 'STORAGE_CORRUPT'],
  ['SQLITE_NOTADB', 'STORAGE_CORRUPT'],
  ['SQLITE_READONLY', 'STORAGE_READ_ONLY'],
  ['SQLITE_CANTOPEN', 'STORAGE_READ_ONLY'],
  ['SQLITE_PERM', 'STORAGE_READ_ONLY'],
  ['SQLITE_', 'STORAGE_FAILED'],
];

/** Busy in SQLite's sense: another connection holds the lock that was asked for. Worth another try. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** Whether SQLite, or beck before it, found the file damaged. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof BrokerError && error.code === 'STORAGE_CORRUPT';
}

/** SQLite's error as a row of beck's table; anything else is handed back as it is. */
export function translate(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const row = ROWS.find(([prefix]) => error.code.startsWith(prefix));
  return row === undefined ? error : new BrokerError(row[1], { path, problem: error.message }, { cause: error });
}
