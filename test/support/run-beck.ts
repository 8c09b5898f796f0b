/**
 * Runs the built beck as its users do: as a process of its own, with pipes, in a shell. Nothing of beck is imported here;
 * what these runners see is what a user sees.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
export const BECK = join(ROOT, 'bin/beck.cjs');

/** How a process ended, and everything it said. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What stdin brings; nothing (`/dev/null`) by default. `pipe` leaves it open for the test to write. */
  readonly stdin?: string | Uint8Array | 'pipe' | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly cwd?: string | undefined;
}

/** Where runs live: a home, a code cache that all runs of a test file share, `beck` on the PATH. */
export class Household {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor() {
    requireBuilt();
    this.folder = mkdtempSync(join(tmpdir(), 'beck-e2e-'));
    const bin = join(this.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'beck'), `#!/bin/sh\nexec '${process.execPath}' '${BECK}' "$@"\n`);
    chmodSync(join(bin, 'beck'), 0o755);
    const { PATH = '', SystemRoot } = process.env;
    this.#env = {
      PATH: `${bin}${delimiter}${PATH}`,
      HOME: this.folder,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      ...(SystemRoot === undefined ? {} : { SystemRoot }),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The environment of a run; undefined takes a variable away. */
  env(more: RunOptions['env'] = {}): Record<string, string> {
    const all = Object.entries({ ...this.#env, ...more }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return Object.fromEntries(all);
  }

  start(command: string, args: readonly string[], { stdin, env, cwd }: RunOptions, stdio?: StdioOptions): Live {
    const child = spawn(command, args, {
      cwd: cwd ?? this.folder,
      env: this.env(env),
      stdio: stdio ?? [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32', // a process group of its own, so that all of a pipeline can be ended
    });
    if (stdin !== undefined && stdin !== 'pipe') child.stdin?.end(stdin);
    return new Live(child, [command, ...args].join(' '));
  }
}

/** A process that runs. Expectations wait for what can be seen; the test's own time limit is their only one. */
export class Live {
  readonly child: ChildProcess;
  readonly name: string;
  readonly ended: Promise<Ran>;
  readonly #stdout: Buffer[] = [];
  #stderr = '';
  #ran: Ran | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(child: ChildProcess, name: string) {
    this.child = child;
    this.name = name;
    child.stdin?.on('error', () => undefined); // a beck that ends without reading breaks our pipe, which is its right
    child.stdout?.on('data', (chunk: Buffer) => this.#saw(() => this.#stdout.push(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => this.#saw(() => (this.#stderr += chunk)));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#ran = this.#result(code, signal);
        this.#saw(() => resolve(this.#ran as Ran));
      });
    });
    this.ended.catch(() => undefined);
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString();
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get hasEnded(): boolean {
    return this.#ran !== undefined;
  }

  /** Resolves when stdout holds the text, or so many whole lines. Rejects when the process ends before. */
  async prints(wanted: string | RegExp | number): Promise<string> {
    return this.until(`${wanted} on stdout`, () => holds(this.stdout, wanted)).then(() => this.stdout);
  }

  /** As `prints`, of stderr. */
  async says(wanted: string | RegExp | number): Promise<string> {
    return this.until(`${wanted} on stderr`, () => holds(this.#stderr, wanted)).then(() => this.#stderr);
  }

  /** Resolves when `seen` says so; it is asked whenever the process has printed something. */
  async until(what: string, seen: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!seen() && this.#ran === undefined) return;
        this.#watchers.delete(look);
        if (seen()) resolve();
        else
          reject(new Error(`${this.name} ended (${this.#ran?.code}) before ${what}:\n${this.stdout}\n${this.#stderr}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  write(text: string | Uint8Array): void {
    this.child.stdin?.write(text);
  }

  /** Ends stdin. */
  end(text = ''): void {
    this.child.stdin?.end(text);
  }

  kill(signal: NodeJS.Signals = 'SIGINT'): void {
    this.child.kill(signal);
  }

  /** Ends the process and what it has started, at once. */
  killAll(): void {
    try {
      if (process.platform === 'win32') this.child.kill('SIGKILL');
      else process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It is over already.
    }
  }

  #saw(change: () => void): void {
    change();
    for (const look of [...this.#watchers]) look();
  }

  #result(code: number | null, signal: NodeJS.Signals | null): Ran {
    const bytes = Buffer.concat(this.#stdout);
    return { code, signal, bytes, stdout: bytes.toString(), stderr: this.#stderr };
  }
}

function holds(text: string, wanted: string | RegExp | number): boolean {
  if (typeof wanted === 'string') return text.includes(wanted);
  return typeof wanted === 'number' ? text.split('\n').length - 1 >= wanted : wanted.test(text);
}

function requireBuilt(): void {
  const missing = ['dist/beck.cjs', 'dist/beck-all.cjs', 'dist/writer.cjs', 'oclif.manifest.json'].filter(
    (file) => !existsSync(join(ROOT, file)),
  );
  if (missing.length > 0)
    throw new Error(
      `the end-to-end tests run the built beck, and ${missing.join(', ')} is missing: run \`npm run build\` first`,
    );
}
