import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerError } from '../../errors.ts';

const OWNER_ONLY = 0o600;

/**
 * The stdin of a run: a file without a name, which is written first and then read. A command may leave it unread, go back in it,
 * and on every system open it once more as /dev/stdin, which on Linux it could not do with what Node gives to a child as a pipe.
 */
export class BatchFile {
  readonly #writing: number;
  readonly #reading: number;

  /** Throws OUTPUT_UNWRITABLE. */
  constructor() {
    const path = join(tmpdir(), `beck-${randomBytes(8).toString('hex')}`);
    [this.#writing, this.#reading] = attempt(() => {
      const writing = openSync(path, 'wx', OWNER_ONLY);
      try {
        return [writing, openSync(path, 'r')];
      } finally {
        rmSync(path);
      }
    });
  }

  /** The descriptor that the command has. */
  get fd(): number {
    return this.#reading;
  }

  /** Throws OUTPUT_UNWRITABLE. */
  write(bytes: Uint8Array): void {
    attempt(() => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#writing, bytes, at);
    });
  }

  /** The command keeps it for as long as it runs. */
  close(): void {
    closeSync(this.#writing);
    closeSync(this.#reading);
  }
}

function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    const problem = `a temporary file for the command: ${(cause as Error).message}`;
    throw new BrokerError('OUTPUT_UNWRITABLE', { problem }, { cause });
  }
}
