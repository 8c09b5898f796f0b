import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 4 << 20;
const CHUNK = 64 << 10;

/**
 * A few MB that lie beside the database for the day the disk is full: after SQLITE_FULL even a delete needs room in the WAL,
 * so the commands that free space let go of this first. Random bytes, because a file system may not store zeros at all.
 */
export class Ballast {
  readonly #path: string;

  constructor(dir: string) {
    this.#path = join(dir, 'ballast');
  }

  get bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Takes the space again. Without room it stays away, silently: the next command that frees space tries again. */
  restore(): void {
    if (this.bytes === BYTES) return;
    try {
      fill(this.#path);
    } catch (error) {
      // Half a ballast only takes room away. Where nothing can be written there is none to release.
      if (/^(ENOSPC|EDQUOT)$/.test(`${(error as NodeJS.ErrnoException).code}`)) this.release();
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function fill(path: string): void {
  const chunk = randomBytes(CHUNK);
  const fd = openSync(path, 'w', 0o600);
  try {
    for (let at = 0; at < BYTES; at += CHUNK) writeSync(fd, chunk, 0, CHUNK, at);
  } finally {
    closeSync(fd);
  }
}
