/** The door, bin/beck.cjs, as a process: Node's version, the missing build, and V8's code cache. */
import { type ExecFileSyncOptions, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOOR = join(ROOT, 'bin/beck.cjs');

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'beck-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, options: ExecFileSyncOptions = {}): Result {
  const surroundings = { PATH: process.env['PATH'], HOME: home, ...env };
  return spawnSync(process.execPath, args, { ...options, env: surroundings, encoding: 'utf8' });
}

const VERSION = {
  status: 0,
  stdout: `beck ${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`,
  stderr: '',
};

describe('the code cache', () => {
  const folder = (): string => join(home, '.cache', 'beck');
  const files = (): string[] => readdirSync(folder());
  const only = (): string => join(folder(), files()[0] ?? '');

  it.runIf(process.platform === 'linux')(
    'lies in the cache folder of the user, is made once, and is for nobody else',
    () => {
      expect(run([DOOR, '--version'])).toMatchObject(VERSION);
      expect(readdirSync(home)).toEqual(['.cache']);
      expect([files().length, statSync(only()).mode & 0o777]).toEqual([1, 0o600]);
      const { ino } = statSync(only());
      expect(run([DOOR, '--version'])).toMatchObject(VERSION);
      expect([files().length, statSync(only()).ino]).toEqual([1, ino]);
    },
  );

  it('lies where XDG says', () => {
    expect(run([DOOR, '--version'], { XDG_CACHE_HOME: join(home, 'xdg') })).toMatchObject(VERSION);
    expect(readdirSync(join(home, 'xdg', 'beck'))).toHaveLength(1);
    expect(readdirSync(home)).toEqual(['xdg']);
  });

  it.runIf(process.platform === 'linux')('is made again when V8 does not take it', () => {
    run([DOOR, '--version']);
    writeFileSync(only(), 'not a code cache');
    expect(run([DOOR, '--version'])).toMatchObject(VERSION);
    expect(statSync(only()).size).toBeGreaterThan(10_000);
  });

  it.runIf(process.platform === 'linux')('of a former build goes when the next one is made', () => {
    const bin = join(home, 'bin');
    mkdirSync(join(home, 'dist'));
    mkdirSync(bin);
    copyFileSync(DOOR, join(bin, 'beck.cjs'));
    const bundle = join(home, 'dist', 'beck.cjs');
    writeFileSync(bundle, 'exports.runProcess = async () => 0;');
    run([join(bin, 'beck.cjs')]);
    const former = files();
    utimesSync(bundle, 1, 1);
    run([join(bin, 'beck.cjs')]);
    expect([former.length, files().length, files()[0] === former[0]]).toEqual([1, 1, false]);
  });

  it.each(['a file in its place', 'no home'])('cannot be written: %s, and nobody hears of it', (how) => {
    writeFileSync(join(home, '.cache'), '');
    expect(run([DOOR, '--version'], how === 'no home' ? { HOME: '' } : {})).toMatchObject(VERSION);
    expect(readdirSync(home)).toEqual(['.cache']);
  });
});

/** The bundle of every day has neither the server nor what speaks to one; who wants them is given the other. */
describe('a run that wants the server', () => {
  const nowhere = `unix:${join(tmpdir(), 'beck-nobody.sock')}`;
  const UNREACHABLE = { status: 3, stdout: '', stderr: expect.stringContaining('(BROKER_UNREACHABLE)') };

  it.each([
    ['--broker PLACE', ['topic', 'list', '--broker', nowhere], {}],
    ['--broker=PLACE', ['topic', 'list', `--broker=${nowhere}`], {}],
    ['BECK_BROKER', ['topic', 'list'], { BECK_BROKER: nowhere }],
  ])('by %s speaks to it', (_, words, env) => {
    expect(run([DOOR, ...words], env)).toMatchObject(UNREACHABLE);
  });

  it('by its name is it', () => {
    const ran = run([DOOR, 'serve', '--ephemeral', '--', process.execPath, '-e', 'process.exitCode = 7']);
    expect(ran).toMatchObject({ status: 7, stdout: '', stderr: '' });
  });
});

/** What starting costs is what is loaded: this counts it, where a clock would only guess. */
describe('a start', () => {
  function loads(...args: string[]): { files: number; builtins: string[] } {
    const spy = join(home, 'spy.cjs');
    const tell = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(join(home, 'loaded'))}, JSON.stringify({
      files: Object.keys(require.cache).length - 1,
      builtins: process.moduleLoadList.map((line) => line.replace('NativeModule ', '')),
    })));`;
    writeFileSync(spy, tell);
    run(['-r', spy, DOOR, ...args], { BECK_DATA_DIR: join(home, 'data') });
    return JSON.parse(readFileSync(join(home, 'loaded'), 'utf8'));
  }

  const HEAVY = ['crypto', 'child_process', 'net', 'perf_hooks', 'tty', 'worker_threads', 'zlib'];

  it.each([['--version'], [''], ['topic --help'], ['consume --help']])(
    'of beck %s loads the bundle and no more',
    (line) => {
      const { files, builtins } = loads(...line.split(' ').filter(Boolean));
      expect([files, HEAVY.filter((name) => builtins.includes(name))]).toEqual([1, []]);
    },
  );

  it('of a command that reads the log adds the database alone', () => {
    run([DOOR, 'topic', 'create', 'orders'], { BECK_DATA_DIR: join(home, 'data') });
    const { files, builtins } = loads('topic', 'list');
    expect(HEAVY.filter((name) => builtins.includes(name))).toEqual([]);
    expect(files).toBeLessThan(30);
  });
});

it('says in a sentence that Node is too old', () => {
  const old = join(home, 'old.cjs');
  writeFileSync(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } });",
  );
  expect(run(['-r', old, DOOR, '--version'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: 'beck needs Node 20.19 or newer; this is 20.18.3\n',
  });
});

it('says in a sentence that it is not built', () => {
  mkdirSync(join(home, 'bin'));
  copyFileSync(DOOR, join(home, 'bin', 'beck.cjs'));
  expect(run([join(home, 'bin', 'beck.cjs')])).toMatchObject({
    status: 2,
    stderr: 'beck is not built here; `npm run build` does it\n',
  });
});
