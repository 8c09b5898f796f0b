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

/** What a sync that failed means: STORAGE_FULL or STORAGE_FAILED. */
export function syncProblem(cause: NodeJS.ErrnoException, path: string): BrokerError {
  const { code, message: problem } = cause;
  return new BrokerError(code === 'ENOSPC' ? 'STORAGE_FULL' : 'STORAGE_FAILED', { path, problem }, { cause });
}
