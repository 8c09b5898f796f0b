import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { BrokerError, groupDigits } from '../errors.ts';
import { fileInTheWay } from './make-folder.ts';
import { APPLICATION_ID, FORMAT, PAGE_SIZE } from './schema.ts';

const MAGIC = 'SQLite format 3\0';

/** With the last bit for the byte order of its checksums. https://sqlite.org/fileformat.html#the_write_ahead_log */
const WAL_MAGIC = 0x377f0682;

/**
 * Looks at a file's first 100 bytes before SQLite does, because SQLite writes beside what it opens (-wal, -shm) and a file
 * that isn't ours must stay as it was found. Answers `empty` for a missing or empty file: somebody may have been killed
 * while creating it. Throws STORAGE_FOREIGN, STORAGE_NEWER, STORAGE_CORRUPT.
 * Layout: https://sqlite.org/fileformat.html#the_database_header
 */
export function inspectFile(path: string): 'missing' | 'empty' | 'ours' {
  const head = readHead(path);
  if (head === null) return 'missing';
  if (head.length === 0) return 'empty';
  if (head.toString('latin1', 0, 16) !== MAGIC) {
    throw new BrokerError('STORAGE_FOREIGN', {
      path,
      problem: `it begins with '${printable(head)}' (file is not a database)`,
    });
  }
  if (head.length < 100)
    throw new BrokerError('STORAGE_CORRUPT', { path, problem: `it ends after ${head.length} bytes` });
  const application = head.readUInt32BE(68);
  if (application !== APPLICATION_ID) {
    throw new BrokerError('STORAGE_FOREIGN', { path, problem: 'it is a SQLite database of another program' });
  }
  const found = head.readUInt32BE(60);
  if (found > FORMAT) throw new BrokerError('STORAGE_NEWER', { path, found, known: FORMAT });
  refuseForeignWal(`${path}-wal`);
  return 'ours';
}

/**
 * A WAL is tied to its database by nothing but its name, and what it holds goes over everything. One that only begins with
 * garbage is SQLite's to judge: a power loss may leave that.
 */
function refuseForeignWal(path: string): void {
  const head = readHead(path);
  if (head === null || head.length < 32 || (head.readUInt32BE(0) & ~1) !== WAL_MAGIC) return;
  if (head.readUInt32BE(8) !== PAGE_SIZE)
    throw new BrokerError('STORAGE_CORRUPT', { path, problem: 'it is the WAL of another database' });
}

/**
 * What to say of a database that SQLite found damaged and that is shorter than its header says; undefined when it is not. Of a
 * sound one nothing follows from it: what is missing may still be in the WAL.
 */
export function missingEnd(path: string): string | undefined {
  const head = readHead(path);
  if (head === null || head.length < 100) return undefined;
  const { size } = statSync(path);
  const wanted = head.readUInt32BE(28) * PAGE_SIZE;
  return size < wanted ? `it ends after ${groupDigits(size)} of ${groupDigits(wanted)} bytes` : undefined;
}

function readHead(path: string): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code === 'ENOTDIR') throw fileInTheWay(path, cause);
    throw new BrokerError('STORAGE_FAILED', { path, problem: `cannot be opened (${code})` }, { cause });
  }
  try {
    const head = Buffer.alloc(100);
    return head.subarray(0, readSync(fd, head, 0, 100, 0));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new BrokerError(
      'STORAGE_FAILED',
      { path, problem: code === 'EISDIR' ? 'it is a folder' : `cannot be read (${code})` },
      { cause },
    );
  } finally {
    closeSync(fd);
  }
}

function printable(head: Buffer): string {
  return head.toString('latin1', 0, 9).replace(/[^\x20-\x7e]/g, '.');
}
