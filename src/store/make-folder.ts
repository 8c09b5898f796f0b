import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { BrokerError } from '../errors.ts';

/** A file lies where a folder is wanted: in the place of `path`, or above it. One sentence, whoever comes upon it. */
export function fileInTheWay(path: string, cause: unknown): BrokerError {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const details = { path: at, problem: 'it is a file, not a folder', hint: '--data-dir names another folder' };
  return new BrokerError('STORAGE_FAILED', details, { cause });
}

/**
 * Makes a folder (0700) with those above it; one that is there is left as it is. Throws STORAGE_READ_ONLY and, where a file is in
 * the way, STORAGE_FAILED. Not Node's own recursive
 * `mkdir`, which never returns where a file system answers ENOENT under a folder that exists (/proc).
 */
export function makeFolder(path: string): void {
  try {
    makeWithParents(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw fileInTheWay(path, cause);
    throw new BrokerError('STORAGE_READ_ONLY', { path, problem: `cannot be created (${code})` }, { cause });
  }
}

function makeWithParents(path: string): void {
  if (made(path)) return;
  if (dirname(path) !== path) makeWithParents(dirname(path));
  if (!made(path)) throw Object.assign(new Error(`no folder ${path}`), { code: 'ENOENT' });
}

/** False when what is above is missing. Another process may have been quicker; a file in its place is no folder. */
function made(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}
