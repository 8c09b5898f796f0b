import { fdatasync } from 'node:fs';
import { syncFailed } from '../store/sync-file.ts';

/**
 * Brings commits to the disk without keeping anybody waiting but those who wait for that: what is committed while one sync is at
 * work is all in the next one.
 */
export class SyncQueue {
  readonly #syncOnce: (fd: number) => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** `syncOnce` brings to the disk what was written to a descriptor before it was called. */
  constructor(syncOnce: (fd: number) => Promise<void>) {
    this.#syncOnce = syncOnce;
  }

  /** Resolves when everything that was written to the descriptor until now is on the disk. Rejects as `syncOnce`. */
  sync(fd: number): Promise<void> {
    if (this.#running === undefined) return this.#begin(fd);
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin(fd));
    return this.#next;
  }

  #begin(fd: number): Promise<void> {
    this.#next = undefined;
    const running = this.#syncOnce(fd).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}

/** fdatasync(2), beside everything else. `path` is the database's, for the error: SYNC_FAILED. */
export function syncBeside(path: string): (fd: number) => Promise<void> {
  return (fd) =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (cause) => (cause === null ? resolve() : reject(syncFailed(cause, path))));
    });
}
