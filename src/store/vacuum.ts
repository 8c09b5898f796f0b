import { openSync, readSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { PAGE_SIZE } from './schema.ts';

/** Given back before it is asked again whether that is enough. */
const PAGES = 4;

/** What is read beside the pages that move: those that point to them were written little before them. */
const MARGIN_BYTES = 2 << 20;

/**
 * Makes the file smaller by moving its last pages to where nothing is (`PRAGMA incremental_vacuum`). SQLite reads them under the write
 * lock, and a page that lies in no cache can take half a second on a busy disk; so they are read before.
 */
export class Vacuum {
  readonly #connection: Connection;
  /** Never closed: that would give up the locks of all connections of this process (https://www.sqlite.org/howtocorrupt.html, 2.2). */
  #fd: number | undefined;
  /** The file's end, and from where to there everything was read. */
  #end = 0;
  #warmFrom = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Bytes of the file that hold nothing. */
  get freeBytes(): number {
    return this.#pragma('freelist_count') * PAGE_SIZE;
  }

  /** Gives back up to `bytes` in one write, or less when `isEnough` says so, which is asked every few pages. */
  give(bytes: number, isEnough: () => boolean): void {
    this.#warm(this.#pragma('page_count') * PAGE_SIZE, bytes + MARGIN_BYTES);
    const { db } = this.#connection;
    const give = () => {
      for (let left = bytes; left > 0 && !isEnough() && this.freeBytes > 0; left -= PAGES * PAGE_SIZE)
        db.pragma(`incremental_vacuum(${PAGES})`);
    };
    this.#connection.write(give, 'normal', undefined);
  }

  /** Reads the last `bytes` of the file, but for what was read already. */
  #warm(end: number, bytes: number): void {
    if (end > this.#end) this.#warmFrom = end;
    this.#end = end;
    const from = Math.max(0, end - bytes);
    const length = Math.min(this.#warmFrom, end) - from;
    if (length <= 0) return;
    this.#warmFrom = from;
    try {
      this.#fd ??= openSync(this.#connection.path, 'r');
      readSync(this.#fd, Buffer.allocUnsafe(length), 0, length, from);
    } catch {
      // Then SQLite reads it, and says what is wrong.
    }
  }

  #pragma(name: 'freelist_count' | 'page_count'): number {
    return this.#connection.patiently(() => this.#connection.db.pragma(name, { simple: true }) as number);
  }
}
