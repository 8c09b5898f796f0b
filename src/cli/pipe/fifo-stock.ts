import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A pipe that a command writes into. */
export interface Fifo {
  /** The command's end, to be closed here once it has it. */
  readonly theirs: number;
  readonly ours: Socket;
}

const { O_RDWR, O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** So many at a time, since making them costs about what a run costs. */
const MADE_AT_ONCE = 32;

/**
 * Pipes for what a command writes. Those that Node gives to a child are sockets, and Linux can't open a socket by its name:
 * `echo oops > /dev/stderr` would fail. Those here are FIFOs, which have lost their names before anybody has them. Elsewhere, and
 * where there is no mkfifo, there are none, and sockets have to do.
 */
export class FifoStock {
  readonly #fifos: number[] = [];
  #isOut = process.platform !== 'linux';

  /** Whether so many can be taken now. */
  async has(count: number): Promise<boolean> {
    if (this.#fifos.length < count && !this.#isOut) await this.#make();
    return this.#fifos.length >= count;
  }

  take(): Fifo {
    const fifo = this.#fifos.pop() as number;
    const again = `/proc/self/fd/${fifo}`;
    const theirs = openSync(again, O_WRONLY);
    const ours = new Socket({ fd: openSync(again, O_RDONLY | O_NONBLOCK), readable: true, writable: false });
    closeSync(fifo);
    return { theirs, ours };
  }

  close(): void {
    this.#isOut = true;
    for (const fifo of this.#fifos.splice(0)) closeSync(fifo);
  }

  async #make(): Promise<void> {
    let folder: string | undefined;
    try {
      const made = mkdtempSync(join(tmpdir(), 'beck-fifos-'));
      folder = made;
      const paths = Array.from({ length: MADE_AT_ONCE }, (_, i) => join(made, `${i}`));
      await mkfifo(paths);
      for (const path of paths) this.#fifos.push(openSync(path, O_RDWR | O_NONBLOCK));
    } catch {
      this.close();
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }
}

function mkfifo(paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mkfifo', paths, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo exited with ${code}`))));
  });
}
