import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { thisProcess } from '../../src/broker/peers.ts';
import type { ProcessId } from '../../src/types.ts';

/** A process that has ended, by all that can be seen. */
export const DEAD: ProcessId = { ...thisProcess(), pid: 2 ** 22 + 1, started: '1' };

/** A process that lives until it is killed, and nothing else. */
export class Mortal {
  readonly #child: ChildProcess = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });

  constructor() {
    onTestFinished(() => this.kill());
  }

  get id(): ProcessId {
    const pid = this.#child.pid as number;
    return { ...thisProcess(), pid, started: process.platform === 'linux' ? startOf(pid) : '' };
  }

  /** Resolves when it is no more. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** proc(5): field 22. */
function startOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] as string;
}
