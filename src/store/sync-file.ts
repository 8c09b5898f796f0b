import { fdatasyncSync } from 'node:fs';
import { BrokerError } from '../errors.ts';

/** Brings what was written into a file to the disk; `path` is the database's, for the error. Throws STORAGE_FULL, STORAGE_FAILED. */
export function syncFile(fd: number, path: string): void {
  try {
    fdatasyncSync(fd);
  } catch (cause) {
    throw syncProblem(cause as NodeJS.ErrnoException, path);
  }
}

/** As `syncFile`, of a WAL, what is committed in it. Throws SYNC_FAILED. */
export function syncCommits(fd: number, path: string): void {
  try {
    fdatasyncSync(fd);
  } catch (cause) {
    throw syncFailed(cause as NodeJS.ErrnoException, path);
  }
}

/** What it means that commits, which everybody can see, were not brought to the disk. */
export function syncFailed(cause: NodeJS.ErrnoException, path: string): BrokerError {
  return new BrokerError('SYNC_FAILED', { path, problem: cause.message }, { cause });
}

function syncProblem(cause: NodeJS.ErrnoException, path: string): BrokerError {
  const { code, message: problem } = cause;
  return new BrokerError(code === 'ENOSPC' ? 'STORAGE_FULL' : 'STORAGE_FAILED', { path, problem }, { cause });
}
