import { fdatasyncSync } from 'node:fs';
import { BrokerError } from '../errors.ts';

/** What a sync that failed means for the database at `path`. */
type Meaning = (cause: NodeJS.ErrnoException, path: string) => BrokerError;

/**
 * Brings what was written into a file to the disk; `path` is the database's, for the error. Throws STORAGE_FULL, STORAGE_FAILED, or
 * what `meaning` says.
 */
export function syncFile(fd: number, path: string, meaning: Meaning = storageFailed): void {
  try {
    fdatasyncSync(fd);
  } catch (cause) {
    throw meaning(cause as NodeJS.ErrnoException, path);
  }
}

/** SYNC_FAILED: commits, which everybody can see, were not brought to the disk. */
export function syncFailed(cause: NodeJS.ErrnoException, path: string): BrokerError {
  return new BrokerError('SYNC_FAILED', { path, problem: cause.message }, { cause });
}

function storageFailed(cause: NodeJS.ErrnoException, path: string): BrokerError {
  const { code, message: problem } = cause;
  return new BrokerError(code === 'ENOSPC' ? 'STORAGE_FULL' : 'STORAGE_FAILED', { path, problem }, { cause });
}
