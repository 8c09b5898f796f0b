/**
 * Runs beck on a terminal of its own, by `script`, which Linux and macOS have (a pseudo-terminal cannot be had from Node).
 * What comes out is what a person would see: stdout, stderr and the echo of what was typed, in one stream.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Beck } from './e2e.ts';
import type { Live, RunOptions } from './run-beck.ts';

/** Why there can be no terminal here; undefined when there can. */
export const noTerminal: string | undefined = whyNot();

export interface TerminalOptions extends Pick<RunOptions, 'env'> {
  /** Width in columns. */
  readonly columns?: number;
}

/** A line of a shell that runs on a terminal. `beck` is on the PATH; what is redirected is not the terminal's. */
export class Terminal {
  readonly #live: Live;
  readonly #codeFile: string;

  constructor(beck: Beck, line: string, { env, columns = 80 }: TerminalOptions = {}) {
    this.#codeFile = join(beck.folder, 'terminal-exit-code');
    // The shell survives a Ctrl-C that is meant for the command, to write down how that ended.
    const session = `trap : INT; stty cols ${columns} rows 24; ${line}\necho $? > '${this.#codeFile}'`;
    const words =
      process.platform === 'linux'
        ? ['-qec', 'eval "$BECK_SESSION"', '/dev/null']
        : ['-q', '/dev/null', 'sh', '-c', session];
    this.#live = beck.start('script', words, {
      stdin: 'pipe',
      env: { TERM: 'xterm-256color', SHELL: '/bin/sh', BECK_SESSION: session, ...env },
    });
  }

  /** What has been shown, with plain newlines. */
  get shown(): string {
    return plainLines(this.#live.stdout);
  }

  /** Resolves when the text is on the screen. */
  async shows(wanted: string | RegExp): Promise<void> {
    const holds = (): boolean => (typeof wanted === 'string' ? this.shown.includes(wanted) : wanted.test(this.shown));
    await this.#live.until(`${wanted} on the terminal`, holds);
  }

  /** As if typed: `\r` is Enter, `\x03` Ctrl-C, `\x04` Ctrl-D. */
  type(keys: string): void {
    this.#live.write(keys);
  }

  /** Waits for the end: everything that was shown, and the exit code. */
  async ended(): Promise<{ readonly shown: string; readonly code: number }> {
    const { stdout } = await this.#live.ended;
    const code = existsSync(this.#codeFile) ? Number(readFileSync(this.#codeFile, 'utf8')) : Number.NaN;
    return { shown: plainLines(stdout), code };
  }
}

/** Without colours and other sequences of a terminal. */
export function withoutColour(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the control sequences
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
}

function plainLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return `no pseudo-terminal on ${process.platform}`;
  const args =
    process.platform === 'linux'
      ? ['-qec', 'stty cols 80; test -t 0 && echo ok', '/dev/null']
      : ['-q', '/dev/null', 'sh', '-c', 'test -t 0 && echo ok'];
  const { stdout, error } = spawnSync('script', args, { encoding: 'utf8', input: '', timeout: 10_000 });
  return error === undefined && stdout.includes('ok')
    ? undefined
    : `\`script\` makes no pseudo-terminal here${error === undefined ? '' : ` (${error.message})`}`;
}
