/** Where a run happens: a folder of its own, processes with a clean environment, and turns A B A B. */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

declare const BENCH_ROOT: string;

export const BECK = join(BENCH_ROOT, 'bin/beck.cjs');
export const BENCH = join(BENCH_ROOT, 'bench');

export interface Timed {
  readonly ms: number;
  readonly stdout: string;
  /** Undefined where it was not asked for. */
  readonly usage?: Usage | undefined;
}

/** What a process, its threads included, has used in all. */
export interface Usage {
  /** Bytes. */
  readonly peakRss: number;
  /** User and system time. */
  readonly cpuMs: number;
}

export interface TimedOptions {
  readonly stdin?: string | undefined;
  readonly stdout?: string | undefined;
  /** Text for stdin, instead of a file. */
  readonly input?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly probe?: boolean | undefined;
}

export class Ground {
  readonly folder = mkdtempSync(join(tmpdir(), 'beck-bench-'));
  #made = 0;

  constructor() {
    mkdirSync(join(this.folder, 'cache'));
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  }

  /** A path that nothing lies at yet. */
  fresh(name: string): string {
    return join(this.folder, `${name}-${++this.#made}`);
  }

  remove(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  /** Beck's own settings and NODE_EXTRA_CA_CERTS (40 ms on Node 20) stay out; the code cache is this run's own. */
  env(dataDir?: string): NodeJS.ProcessEnv {
    const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
    return { ...env, XDG_CACHE_HOME: join(this.folder, 'cache'), BECK_DATA_DIR: dataDir ?? join(this.folder, 'none') };
  }

  /** Runs beck to its end. */
  beck(args: readonly string[], options: TimedOptions = {}): Timed {
    return this.node([BECK, ...args], options);
  }

  /** Runs a script to its end. */
  node(argv: readonly string[], options: TimedOptions = {}): Timed {
    if (!options.probe) return this.run(process.execPath, argv, options);
    const file = this.fresh('usage');
    const probe = ['--require', join(BENCH, 'usage-probe.cjs')];
    const timed = this.run(process.execPath, [...probe, ...argv], options, { BENCH_USAGE: file });
    return { ...timed, usage: JSON.parse(readFileSync(file, 'utf8')) as Usage };
  }

  /** Runs a program to its end; throws unless it succeeds. */
  run(command: string, args: readonly string[], options: TimedOptions = {}, more: NodeJS.ProcessEnv = {}): Timed {
    const from = options.stdin === undefined ? undefined : openSync(options.stdin, 'r');
    const to = options.stdout === undefined ? undefined : openSync(options.stdout, 'w');
    const begin = performance.now();
    const { status, error, stdout, stderr, signal } = spawnSync(command, args, {
      env: { ...this.env(options.dataDir), ...more },
      stdio: [from ?? (options.input === undefined ? 'ignore' : 'pipe'), to ?? 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
    const ms = performance.now() - begin;
    for (const fd of [from, to]) if (fd !== undefined) closeSync(fd);
    if (status !== 0)
      throw error ?? new Error(`${[command, ...args].join(' ')}: ${signal ?? `exit ${status}`}\n${stderr.toString()}`);
    return { ms, stdout: stdout?.toString() ?? '' };
  }

  /** Starts beck and leaves it running. */
  start(args: readonly string[], dataDir: string, options: SpawnOptions = {}) {
    const stdio = options.stdio ?? ['ignore', 'pipe', 'inherit'];
    return spawn(process.execPath, [BECK, ...args], { ...options, env: this.env(dataDir), stdio });
  }

  /** A data directory with one topic, `t`. */
  topic(...flags: readonly string[]): string {
    const dataDir = this.fresh('data');
    this.beck(['topic', 'create', 't', ...flags], { dataDir });
    return dataDir;
  }
}

/** Each side once a round, in turns, after a round that does not count. Answers the times of each, in ms. */
export async function inTurns<Name extends string>(
  rounds: number,
  sides: Readonly<Partial<Record<Name, () => number | Promise<number>>>>,
  warmUp = true,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round++) {
    for (const name of names) {
      const ms = await (sides[name] as () => number | Promise<number>)();
      if (round >= 0) times[name].push(ms);
    }
  }
  return times;
}

/** What is still on its way to the disk belongs to whoever wrote it, not to the next one. */
export function settle(): void {
  if (process.platform !== 'win32') spawnSync('sync');
}
