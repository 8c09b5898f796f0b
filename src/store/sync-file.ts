import { fdatasyncSync } from 'node:fs';
import { BrokerError } from '../errors.ts';

/** Brings what was written into a file to the disk; `path` is the database's, for the error. Throws STORAGE_FULL, STORAGE_FAILED. */
export function syncFile(fd: number, path: string): void {
  try {
    fdatasyncSync(fd);
  } catch (cause) {
    const { code, message: problem } = cause as NodeJS.ErrnoException;
    throw new BrokerError(code === 'ENOSPC' ? 'STORAGE_FULL' : 'STORAGE_FAILED', { path, problem }, { cause });
  }
}
