import { closeSync, existsSync, type FSWatcher, openSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BUSY_DEADLINE_MS, POLL_MS } from '../settings.ts';
import type { Patience } from '../store/store.ts';

const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits for a busy database by blocking the thread, in jittered steps of about a millisecond: SQLite's own handler sleeps in
 * growing steps and starves some writers (worst waits of seconds where this has 0.2 s). For short commands and for threads
 * that do nothing but write.
 */
export function blockingPatience(deadlineMs = BUSY_DEADLINE_MS): Patience {
  return () => {
    const until = performance.now() + deadlineMs;
    return () => {
      Atomics.wait(cell, 0, 0, 0.5 + Math.random());
      return performance.now() < until;
    };
  };
}

/**
 * The wake file: one byte is written into it after each commit that others wait for, and whoever waits watches it. (The WAL
 * itself can't be watched: its event comes before the commit can be seen.)
 */
export class WakeFile {
  readonly #path: string;
  #fd: number | undefined;

  constructor(dir: string) {
    this.#path = join(dir, 'wake');
  }

  /** Tells all other processes that something was committed. Failing is harmless: they poll as well. */
  touch(): void {
    try {
      this.#fd ??= openSync(this.#path, 'w', 0o600);
      writeSync(this.#fd, '.', 0);
    } catch {
      this.close();
    }
  }

  /** Calls `awake` after others' commits, and every 20 ms in any case. Answers how to stop. */
  watch(awake: () => void): () => void {
    const timer = setInterval(awake, POLL_MS);
    const watcher = this.#watcher(awake);
    return () => {
      clearInterval(timer);
      watcher?.close();
    };
  }

  #watcher(awake: () => void): FSWatcher | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      return watch(this.#path, awake).on('error', () => undefined);
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
