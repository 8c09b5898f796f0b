/**
 * A person at a terminal, for the transcripts of the docs: runs lines of shell in which `beck` runs in process on a terminal of
 * 80 columns, and answers with what the person would see. The clock stands, and moves by a second a line. What ends in `&` goes
 * on beside the next lines, under a pid of its own, until `kill %N`: a member of a group (`-g`), with its stdout in a file, or a
 * producer in a transaction (`--txn`) that reads from a pipe that does not end.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import { main } from '../../bin/main.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import type { Io, Writer } from '../../src/cli/io.ts';

const NOON = Date.UTC(2026, 10, 21, 9, 40, 12, 31);
const COLUMNS = 80;
const VERSION: string = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version;

/** No two runs have the same pids: that of what is typed, and those of what goes on beside it. */
const PID = 4701;
const PRODUCER_PID = 4811;
const JOB_PIDS = [4712, 4790, PRODUCER_PID] as const;

/** What no two runs, or no two machines, have in common, and what stands for it. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/ in [\d.]+ m?s(?=,|$)/gm, ' in 4 ms'],
  [/"id":"[\w-]{22}"/g, '"id":"lxvH1HNjmxtrxgIJ6w3F5A"'],
  [/[\d.]+ MB on disk/g, '4.5 MB on disk'],
  [/^housekeeping: [^;]*;/gm, 'housekeeping: 24 s ago, next in 36 s;'],
  [/(\bprocess |`kill )\d+\b/g, `$1${PRODUCER_PID}`],
  [/\bOWNER +(?=PARTITIONS)/g, 'OWNER'.padEnd(`process ${PRODUCER_PID}`.length + 2)],
];

/** So many lines a producer beside the others is given before its input pauses. */
const GIVEN = 10;

/** What a transactional id ends in, as it stands in the docs. */
const RANDOM_PART = '9f3c01aa';

interface Job {
  readonly interrupt: AbortController;
  /** Of a producer: null. */
  readonly group: string | null;
  readonly ended: Promise<unknown>;
  /** What feeds it. */
  readonly feeder: ChildProcess | undefined;
}

export class Terminal {
  readonly #jobs: Job[] = [];
  readonly #home = mkdtempSync(join(tmpdir(), 'beck-terminal-'));
  #now = NOON;
  #screen = '';
  #code = 0;
  #randomPart = RANDOM_PART;

  constructor() {
    thisProcess(); // before anybody is called otherwise
    vi.stubEnv('TZ', 'UTC');
    vi.stubEnv('HOME', this.#home);
    onTestFinished(() => {
      for (const { interrupt, feeder } of this.#jobs) {
        interrupt.abort();
        feeder?.kill('SIGKILL');
      }
      vi.useRealTimers();
      vi.unstubAllEnvs();
      rmSync(this.#home, { recursive: true, force: true });
    });
  }

  /** Runs one line and answers with what appeared, without what no two runs have in common. */
  async type(line: string): Promise<string> {
    this.#now += 1000;
    vi.setSystemTime(this.#now);
    this.#screen = '';
    const known = line.replaceAll(RANDOM_PART, this.#randomPart);
    for (const command of splitAt(known, ';')) await this.#pipeline(command.trim());
    if (this.#living.length > 0) await this.#settled();
    this.#randomPart = /\bbeck-\d+-([0-9a-f]{8})\b/.exec(this.#screen)?.[1] ?? this.#randomPart;
    return CHANGING.reduce(
      (screen, [what, fixed]) => screen.replaceAll(what, fixed),
      this.#screen.replaceAll(this.#home, '~').replaceAll(this.#randomPart, RANDOM_PART),
    );
  }

  /** `a | b > file`: beck in process, everything else by the shell. */
  async #pipeline(line: string): Promise<void> {
    if (line.endsWith('&')) return this.#begin(line.slice(0, -1).trim());
    if (line.startsWith('kill ')) return this.#kill(line.match(/(?<=%)\d+/g) ?? []);
    const [commands = '', file] = splitAt(line, '>');
    const stages = splitAt(commands, '|');
    let bytes: Buffer | undefined;
    for (const [i, stage] of stages.entries()) {
      const isLast = i === stages.length - 1 && file === undefined;
      bytes = await this.#stage(stage.trim(), bytes, isLast);
    }
    if (file !== undefined) writeFileSync(join(this.#home, file.trim()), bytes ?? '');
  }

  async #stage(command: string, stdin: Buffer | undefined, isLast: boolean): Promise<Buffer> {
    if (command === 'echo $?') return this.#show(Buffer.from(`${this.#code}\n`), isLast);
    const [name, ...words] = wordsOf(command);
    if (name === 'beck') return this.#beck(words, stdin, isLast);
    const { stdout, status } = spawnSync('sh', ['-c', command], { cwd: this.#home, input: stdin ?? '' });
    this.#code = status ?? 1;
    return this.#show(stdout, isLast);
  }

  async #begin(line: string): Promise<void> {
    const [commands = ''] = splitAt(line, '>');
    const stages = splitAt(commands, '|');
    const [, ...words] = wordsOf(stages.at(-1)?.trim() ?? '');
    const { files, feeder } =
      stages.length > 1 ? this.#feed(stages[0]?.trim() as string) : { files: [], feeder: undefined };
    const pid = JOB_PIDS[this.#jobs.length] as number;
    const named = vi.spyOn(process, 'pid', 'get').mockReturnValue(pid);
    const interrupt = new AbortController();
    this.#screen += `[${this.#jobs.length + 1}] ${pid}\n`;
    const io = this.#io(false, () => undefined);
    const ended = main([...words, ...files], { io, interrupt: interrupt.signal, version: VERSION });
    const group = words.includes('-g') ? (words[words.indexOf('-g') + 1] as string) : null;
    this.#jobs.push({ interrupt, ended, group, feeder });
    await this.#settled();
    named.mockRestore();
  }

  /** What a command writes, as a FILE that goes on for as long as the command does. */
  #feed(command: string): { readonly files: readonly string[]; readonly feeder: ChildProcess } {
    const fifo = join(this.#home, '.fifo');
    spawnSync('mkfifo', [fifo]);
    const feeder = spawn('sh', ['-c', `exec ${command} > '${fifo}'`], { cwd: this.#home, stdio: 'ignore' });
    return { files: [fifo], feeder };
  }

  async #kill(numbers: readonly string[]): Promise<void> {
    for (const number of numbers) {
      const { interrupt, ended, feeder } = this.#jobs[Number(number) - 1] as Job;
      interrupt.abort();
      await ended;
      feeder?.kill('SIGKILL');
      await this.#settled();
    }
  }

  get #living(): Job[] {
    return this.#jobs.filter(({ interrupt }) => !interrupt.signal.aborted);
  }

  /** Until those that go on have come to rest, and have said so. */
  async #settled(): Promise<void> {
    let before = '';
    for (let quiet = 0; quiet < 5; await pause(20)) {
      const isSettled = (await this.#isAtRest()) && before === this.#screen;
      quiet = isSettled ? quiet + 1 : 0;
      before = this.#screen;
    }
  }

  /** The members have what they shall have, and have committed all there is; the producer has stored what it was given. */
  async #isAtRest(): Promise<boolean> {
    const producers = this.#living.filter(({ group }) => group === null).length;
    const transactions = await this.#ask('txn', 'list');
    const open = transactions.filter(({ heldBack }) => heldBack === GIVEN).length;
    if (open !== producers || transactions.length !== producers) return false;
    const group = this.#jobs.find((job) => job.group !== null)?.group ?? null;
    if (group === null) return true;
    const [{ state, members, lag } = {}] = await this.#ask('group', 'describe', group);
    return members === this.#living.length - producers && /Stable|Empty/.test(state) && lag === 0;
  }

  // biome-ignore lint/suspicious/noExplicitAny: documents of several commands
  async #ask(...words: readonly string[]): Promise<any[]> {
    let answer = '';
    const stdout = writer(false, (chunk) => (answer += chunk));
    const io = { ...this.#io(false, () => undefined), stdout, stderr: writer(false, () => undefined) };
    await main([...words, '--json'], { io, interrupt: new AbortController().signal });
    return JSON.parse(answer);
  }

  #show(bytes: Buffer, isLast: boolean): Buffer {
    if (isLast) this.#screen += bytes.toString();
    return bytes;
  }

  /** What comes through a pipe is given as a FILE: this process has one stdin, and it is not a pipe for each command. */
  async #beck(words: readonly string[], stdin: Buffer | undefined, isLast: boolean): Promise<Buffer> {
    const piped: Buffer[] = [];
    const files = stdin === undefined ? [] : [join(this.#home, '.stdin')];
    for (const file of files) writeFileSync(file, stdin ?? '');
    const io = {
      ...this.#io(isLast, (chunk) => void piped.push(Buffer.from(chunk as string))),
      stdin: { isTTY: stdin === undefined, fd: null, stream: () => Readable.from([]), close: () => undefined },
    };
    const named = vi.spyOn(process, 'pid', 'get').mockReturnValue(PID);
    this.#code = await main([...words, ...files], { io, interrupt: new AbortController().signal, version: VERSION });
    named.mockRestore();
    return Buffer.concat(piped);
  }

  /** stderr is the screen; stdout too, or what `take` is given. */
  #io(isShown: boolean, take: (chunk: Uint8Array | string) => void): Io {
    const screen = (chunk: Uint8Array | string): void => {
      this.#screen += Buffer.from(chunk as string).toString();
    };
    return {
      stdin: { isTTY: true, fd: null, stream: () => Readable.from([]), close: () => undefined },
      stdout: writer(isShown, isShown ? screen : take),
      stderr: writer(true, screen),
      prompter: { confirm: nobody, choose: nobody, password: nobody },
      env: { NO_COLOR: '1', HOME: this.#home, XDG_DATA_HOME: join(this.#home, '.local', 'share') },
      cwd: this.#home,
      now: () => this.#now,
    };
  }
}

function writer(isTTY: boolean, take: (chunk: Uint8Array | string) => void): Writer {
  const columns = isTTY ? COLUMNS : undefined;
  return {
    isTTY,
    columns,
    rows: undefined,
    gone: new AbortController().signal,
    gaveUp: false,
    write: async (chunk) => {
      take(chunk);
      return chunk.length;
    },
    watchReader: () => undefined,
  };
}

async function nobody(question: string): Promise<never> {
  throw new Error(`a transcript cannot answer '${question}'`);
}

/** The parts of a line between `separator`s that stand in no quotes. */
function splitAt(line: string, separator: string): string[] {
  const parts = [''];
  let quote = '';
  for (const c of line) {
    if (quote === '' && c === separator) parts.push('');
    else parts[parts.length - 1] += c;
    if (c === quote) quote = '';
    else if (quote === '' && (c === "'" || c === '"')) quote = c;
  }
  return parts;
}

/** The words of a command as sh would cut them; in double quotes nothing is expanded. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
}
