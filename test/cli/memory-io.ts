/** A terminal or a pipe in memory, and beck run on it in process. For tests of commands: each as terminal and as pipe. */
import { Readable } from 'node:stream';
import { main } from '../../bin/main.ts';
import type { CommandTable } from '../../src/cli/frame.ts';
import type { Io, Prompter, Writer } from '../../src/cli/io.ts';
import { isBehindSocket, throughSocket } from '../support/worlds.ts';

export interface Surroundings {
  /** All three streams are terminals; default none is. */
  readonly tty?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** The data directory of the run. */
  readonly dataDir?: string;
  /** A terminal has its colours; default it has none. */
  readonly colour?: boolean;
  readonly cwd?: string;
  /** What the person answers, in order; a question too many fails the run. */
  readonly answers?: readonly (string | boolean)[];
  /** ms: a clock, or the time at which one stands. */
  readonly now?: number | (() => number);
  readonly interrupt?: AbortSignal;
  readonly commands?: CommandTable;
  /** The reader of stdout leaves after so many bytes. */
  readonly readerLeavesAfter?: number;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

/** `beck(['topic', 'list'], { tty: true })` */
export async function beck(argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { dataDir } = surroundings;
  if (dataDir === undefined || !isBehindSocket()) return run(argv, surroundings);
  return throughSocket(dataDir, (env) => run(argv, { ...surroundings, env: { ...env, ...surroundings.env } }));
}

async function run(argv: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const { io, stdout, stderr, asked } = memoryIo(surroundings);
  const interrupt = surroundings.interrupt ?? new AbortController().signal;
  const commands = surroundings.commands ? { commands: surroundings.commands } : {};
  const code = await main(argv, { io, interrupt, version: '0.1.0', ...commands });
  return { code, stdout: stdout.text(), stderr: stderr.text(), asked };
}

export function memoryIo(surroundings: Surroundings = {}): {
  io: Io;
  stdout: MemoryWriter;
  stderr: MemoryWriter;
  asked: string[];
} {
  const { tty = false, columns = 80, rows = 24, cwd = '/', now = Date.now, stdin = '' } = surroundings;
  const stdout = new MemoryWriter(tty, { columns, rows }, surroundings.readerLeavesAfter);
  const stderr = new MemoryWriter(tty, { columns, rows });
  const asked: string[] = [];
  const io: Io = {
    stdin: { isTTY: tty, fd: null, stream: () => Readable.from([Buffer.from(stdin)]), close: () => undefined },
    stdout,
    stderr,
    prompter: scripted([...(surroundings.answers ?? [])], asked),
    env: environment(surroundings),
    cwd,
    now: typeof now === 'number' ? () => now : now,
  };
  return { io, stdout, stderr, asked };
}

function environment({ env, dataDir, colour = false }: Surroundings): Readonly<Record<string, string>> {
  return {
    ...(colour ? {} : { NO_COLOR: '1' }),
    ...(dataDir === undefined ? {} : { BECK_DATA_DIR: dataDir }),
    ...env,
  };
}

export class MemoryWriter implements Writer {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly #leavesAfter: number;
  readonly #gone = new AbortController();
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  isWatched = false;
  readonly gaveUp = false;

  constructor(isTTY: boolean, size: { columns: number; rows: number }, leavesAfter = Number.POSITIVE_INFINITY) {
    this.isTTY = isTTY;
    this.columns = isTTY ? size.columns : undefined;
    this.rows = isTTY ? size.rows : undefined;
    this.#leavesAfter = leavesAfter;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async write(chunk: Uint8Array | string): Promise<number> {
    if (this.gone.aborted) return 0;
    this.#chunks.push(Buffer.from(chunk as string));
    this.#size += chunk.length;
    if (this.#size >= this.#leavesAfter) this.#gone.abort();
    return chunk.length;
  }

  watchReader(): void {
    this.isWatched = true;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  text(): string {
    return this.bytes().toString();
  }
}

function scripted(answers: (string | boolean)[], asked: string[]): Prompter {
  const answer = (question: string): string | boolean => {
    asked.push(question);
    const next = answers.shift();
    if (next === undefined) throw new Error(`nobody answers '${question}'`);
    return next;
  };
  return {
    confirm: async (question) => answer(question) === true,
    choose: async (question) => String(answer(question)),
    password: async (question) => String(answer(question)),
  };
}
