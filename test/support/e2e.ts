/** Tests of the built beck: each has a data directory of its own, which must be in order when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GroupWatch } from './group-watch.ts';
import { LogWatch } from './log-watch.ts';
import { problemsOf } from './problems-of.ts';
import { BECK, Household, type Live, type Ran, type RunOptions } from './run-beck.ts';
import { isBehindSocket } from './worlds.ts';

const household = new Household();
afterAll(() => household.remove());

/** One user's beck: a data directory, and ways to run commands on it. */
export class Beck {
  /** A folder for whatever the test needs; the data directory is in it. */
  readonly folder = mkdtempSync(join(household.folder, 'test-'));
  readonly dir = join(this.folder, 'data');
  /** Of a test behind a socket. */
  server: Live | undefined;
  #broker: { BECK_BROKER: string } | undefined;
  readonly #running: Live[] = [];
  readonly #watches: LogWatch[] = [];
  readonly #farewells: (() => unknown)[] = [];

  /** Runs one command to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.spawn(args, options).ended;
  }

  /** As `run`, where everything but success is the test's failure. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const ran = await this.run(args, options);
    expect(ran.code, `beck ${args.join(' ')}\n${ran.stderr}`).toBe(0);
    return ran;
  }

  spawn(args: readonly string[], options: RunOptions = {}): Live {
    return this.#keep(household.start(process.execPath, [BECK, ...args], this.#at(options)));
  }

  /** Runs a line of bash in which `beck` is the command; a pipeline fails with its first failure. */
  shell(line: string, options: RunOptions = {}): Promise<Ran> {
    return this.spawnShell(line, options).ended;
  }

  spawnShell(line: string, options: RunOptions = {}): Live {
    return this.#keep(household.start('bash', ['-c', `set -o pipefail; ${line}`], this.#at(options)));
  }

  /** Starts another program in the environment of this beck. */
  start(command: string, args: readonly string[], options: RunOptions = {}): Live {
    return this.#keep(household.start(command, args, this.#at(options)));
  }

  create(topic: string, ...flags: readonly string[]): Promise<Ran> {
    return this.ok(['topic', 'create', topic, ...flags]);
  }

  /** Produces lines, `-o` and other flags as wanted. */
  produce(topic: string, input: string | Uint8Array, ...flags: readonly string[]): Promise<Ran> {
    return this.ok(['produce', topic, ...flags], { stdin: input });
  }

  /** Every line that `consume` prints. */
  async lines(topic: string, ...flags: readonly string[]): Promise<string[]> {
    const { stdout } = await this.ok(['consume', topic, ...flags]);
    return stdout.split('\n').slice(0, -1);
  }

  /** Every record, as its JSON says it. */
  async records(topic: string, ...flags: readonly string[]): Promise<JsonRecord[]> {
    return (await this.lines(topic, '-o', 'jsonl', ...flags)).map((line) => JSON.parse(line) as JsonRecord);
  }

  /** Somebody who looks at a group of this data directory, which there must be. */
  watchGroup(group: string): GroupWatch {
    const watch = new GroupWatch(this.dir, group);
    this.#watches.push(watch);
    return watch;
  }

  /** Somebody who looks at this data directory, which there must be. */
  watch(): LogWatch {
    const watch = new LogWatch(this.dir);
    this.#watches.push(watch);
    return watch;
  }

  /** What is done when the test ends, the last one first, and before that ends which the test has started. */
  atEnd(fn: () => unknown): void {
    this.#farewells.unshift(fn);
  }

  /** Ends what still runs, and answers what is wrong with the data directory. */
  async leave(): Promise<string[]> {
    try {
      for (const farewell of this.#farewells) await farewell();
    } finally {
      await this.#end();
    }
    const problems = problemsOf(this.dir);
    rmSync(this.folder, { recursive: true, force: true });
    return problems;
  }

  async #end(): Promise<void> {
    for (const live of this.#running) if (!live.hasEnded) live.killAll();
    await Promise.allSettled(this.#running.map((live) => live.ended));
    for (const watch of this.#watches) watch.close();
  }

  /** Where the test runs behind a socket: starts the server that every command goes through. Its log is to stay empty. */
  async serve(): Promise<void> {
    if (!isBehindSocket()) return;
    const path = join(this.folder, 's');
    this.server = this.spawn(['serve', '--socket', path]);
    await this.server.prints('"ready"');
    this.#broker = { BECK_BROKER: `unix:${path}` };
  }

  /** Copies what another beck has made into this one's folder; no server has it open meanwhile. */
  async furnish(folder: string): Promise<void> {
    this.server?.kill('SIGTERM');
    await this.server?.ended;
    await cp(folder, this.folder, { recursive: true });
    await this.serve();
  }

  #at(options: RunOptions): RunOptions {
    return { cwd: this.folder, ...options, env: { BECK_DATA_DIR: this.dir, ...this.#broker, ...options.env } };
  }

  #keep(live: Live): Live {
    this.#running.push(live);
    return live;
  }
}

export interface JsonRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: string;
  readonly key: string | null | { readonly base64: string };
  readonly value: string | null | { readonly base64: string };
  readonly headers: readonly (readonly [unknown, unknown])[];
}

/** A test that is given a `beck` of its own. */
export const it = test.extend<{ beck: Beck }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of the fixtures from this pattern
  beck: async ({}, use) => {
    const beck = new Beck();
    let problems: string[] = [];
    try {
      await beck.serve();
      await use(beck);
      expect(beck.server?.stderr ?? '', 'what the server said').toBe('');
    } finally {
      problems = await beck.leave();
    }
    expect(problems, 'the data directory').toEqual([]);
  },
});

/** `count` lines, each with its number in it. */
export function numbered(count: number, prefix = 'line '): string {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}\n`).join('');
}

/** Shell pipelines and signals as Unix has them. */
export const unix = process.platform !== 'win32';
