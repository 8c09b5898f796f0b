import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { BrokerError } from '../errors.ts';
import type { Patience } from './connection.ts';

/** The database first: what is checkpointed into it while it is copied is also in the WAL, which is copied after it. */
const PARTS = ['', '-wal', '-journal'] as const;

/**
 * As long as these bytes of a WAL are the same (its salts are among them), nothing in it was overwritten.
 * https://sqlite.org/fileformat.html#the_write_ahead_log
 */
const WAL_HEADER_BYTES = 32;

const HINT = 'where SQLite cannot write, a copy is read; TMPDIR names another folder for it';

/** A copy of a database, in a temporary folder. */
export interface ReadingCopy {
  readonly path: string;
  /**
   * Takes the copy away; who has it open reads on, where files can go while they are open (Windows: not yet). Otherwise it
   * goes with the process.
   */
  remove(): void;
}

/**
 * Copies a database that lies where nothing can be written: SQLite makes shared memory beside a WAL database, and without it
 * reads nothing. The copy is a reflink where the file system can do that. If somebody writes the original meanwhile, through
 * another mount, it is copied again, as the patience says.
 * Throws STORAGE_BUSY; STORAGE_FULL, STORAGE_READ_ONLY of the temporary folder; STORAGE_FAILED.
 */
export function copyForReading(path: string, patience: Patience): ReadingCopy {
  const folder = makeFolder();
  const remove = (): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
      process.off('exit', remove);
    } catch {
      // Open on Windows: once more when it is closed, or at the end of the process.
    }
  };
  process.once('exit', remove);
  try {
    copyUnchanged(path, folder, patience);
  } catch (error) {
    remove();
    throw error instanceof BrokerError ? error : problemOf(error, path, folder);
  }
  return { path: join(folder, basename(path)), remove };
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'beck-read-only-'));
  } catch (cause) {
    const problem = `no folder can be made in it (${(cause as NodeJS.ErrnoException).code})`;
    throw new BrokerError('STORAGE_READ_ONLY', { path: tmpdir(), problem, hint: HINT }, { cause });
  }
}

function copyUnchanged(path: string, folder: string, patience: Patience): void {
  let again: (() => boolean) | undefined;
  for (;;) {
    const before = stateOf(path);
    for (const part of PARTS) copyPart(`${path}${part}`, join(folder, `${basename(path)}${part}`));
    if (stateOf(path) === before) return;
    again ??= patience();
    if (!again()) throw new BrokerError('STORAGE_BUSY', { path });
  }
}

/** Differs when something was overwritten. What is appended to the WAL does not count: a beginning of it is as good. */
function stateOf(path: string): string {
  const wal = walHeader(`${path}-wal`);
  if (wal !== '') return wal;
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}

function walHeader(path: string): string {
  if (!existsSync(path)) return '';
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(WAL_HEADER_BYTES);
    return head.toString('latin1', 0, readSync(fd, head, 0, WAL_HEADER_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}

/** The copy is ours to write, whatever the original is: SQLite wants to. */
function copyPart(from: string, to: string): void {
  rmSync(to, { force: true });
  if (!existsSync(from)) return;
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, 0o600);
}

function problemOf(cause: unknown, path: string, folder: string): BrokerError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BrokerError('STORAGE_FULL', { path: folder, hint: HINT }, { cause });
  return new BrokerError('STORAGE_FAILED', { path, problem: `cannot be copied for reading (${code})` }, { cause });
}
