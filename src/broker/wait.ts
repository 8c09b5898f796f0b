import { closeSync, type FSWatcher, openSync, watch, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monotonic } from '../clock.ts';
import { BUSY_DEADLINE_MS, POLL_MS, POLL_WATCHED_MS } from '../settings.ts';
import type { Patience } from '../store/store.ts';

const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits for a busy database by blocking the thread, in jittered steps of about a millisecond: SQLite's own handler sleeps in
 * growing steps and starves some writers (worst waits of seconds where this has 0.2 s). For short commands and for threads
 * that do nothing but write.
 */
export function blockingPatience(deadlineMs = BUSY_DEADLINE_MS): Patience {
  return () => {
    const until = monotonic() + deadlineMs;
    return () => {
      Atomics.wait(cell, 0, 0, 0.5 + Math.random());
      return monotonic() < until;
    };
  };
}

/**
 * The wake file: one byte is written into it after each commit that others wait for, and whoever waits watches it. (The WAL
 * itself can't be watched: its event comes before the commit can be seen.)
 */
export class WakeFile {
  readonly #path: string;
  readonly #listeners = new Set<() => void>();
  #fd: number | undefined;

  constructor(dir: string) {
    this.#path = join(dir, 'wake');
  }

  /** Tells all other processes that something was committed. Failing is harmless: they poll as well. */
  touch(): void {
    for (const listener of this.#listeners) listener();
    this.#write();
  }

  /** Calls `listener` at each touch of this process's own, which may be before the commit is on the disk. Answers how to stop. */
  onTouch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(): void {
    try {
      this.#fd ??= openSync(this.#path, 'w', 0o600);
      writeSync(this.#fd, '.', 0);
    } catch {
      this.close();
    }
  }

  /**
   * Calls `look` after others' commits; it answers whether it found any. Answers how to stop. Where watching works (that is
   * tried first, by touching the file), looking now and then (`told` false) is only a net; where it doesn't, it is all there
   * is. Untold, a look must not answer true for a commit that wakes nobody: a heartbeat would be taken for a deaf watcher.
   */
  watch(look: Look): () => void {
    this.#write();
    const watching = new WakeWatch(this.#path, look, () => this.#write());
    this.#write();
    return () => watching.stop();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

type Look = (told: boolean) => boolean;

class WakeWatch {
  readonly #look: Look;
  readonly #touch: () => void;
  readonly #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #works = false;

  constructor(path: string, look: Look, touch: () => void) {
    this.#look = look;
    this.#touch = touch;
    this.#watcher = this.#watch(path);
    this.#lookEvery(POLL_MS);
  }

  #watch(path: string): FSWatcher | undefined {
    try {
      return watch(path, () => this.#told()).on('error', () => this.#doubt());
    } catch {
      return undefined;
    }
  }

  #told(): void {
    if (!this.#works) this.#lookEvery(POLL_WATCHED_MS);
    this.#works = true;
    this.#look(true);
  }

  /** A commit that nobody told of: whoever made it was killed before the touch, or watching doesn't work any more. The touch finds out. */
  #doubt(): void {
    if (this.#works) this.#lookEvery(POLL_MS);
    this.#works = false;
    this.#touch();
  }

  #lookEvery(ms: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#look(false)) this.#doubt();
    }, ms);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
  }
}
