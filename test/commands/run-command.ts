import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { main } from '../../bin/main.ts';
import type { CommandTable } from '../../src/cli/frame.ts';
import type { Io, Writer } from '../../src/cli/io.ts';

const FOLDER = join(import.meta.dirname, '../../commands');

/** Every command that has a file: `topic/create.ts` is `topic create`. */
const COMMANDS: CommandTable = Object.fromEntries(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file.slice(0, -3).replaceAll(/[\\/]/g, ' '), () => import(join(FOLDER, file))]),
);

/** What a test wants the world to be like; a pipe unless `tty`. */
export interface RunOptions {
  readonly dataDir?: string;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly now?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the person says to a yes or no. */
  readonly says?: boolean;
  /** Which of the choices the person takes. */
  readonly takes?: (choices: readonly string[]) => string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

/** Runs one command line in this process, to its end. */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const asked: string[] = [];
  const { tty = false, columns = 80, now = Date.now(), cwd = '/', env = {} } = options;
  const writer = (to: 'stdout' | 'stderr'): Writer => ({
    isTTY: tty,
    columns: tty ? columns : undefined,
    gone: new AbortController().signal,
    write: async (chunk) => void (written[to] += String(chunk)),
    watchReader: () => undefined,
  });
  const io: Io = {
    stdin: { isTTY: tty, fd: null, stream: () => Readable.from([]), close: () => undefined },
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    prompter: {
      confirm: async (question) => asked.push(question) > 0 && options.says === true,
      choose: async (question, choices) => (asked.push(question), options.takes?.(choices) ?? (choices[0] as string)),
    },
    env: { NO_COLOR: '1', ...(options.dataDir === undefined ? {} : { BECK_DATA_DIR: options.dataDir }), ...env },
    cwd,
    now: () => now,
  };
  const code = await main(argv, { io, interrupt: new AbortController().signal, commands: COMMANDS, version: '1.2.3' });
  return { code, ...written, asked };
}
