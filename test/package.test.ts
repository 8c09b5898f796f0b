/** What `npm pack` makes: only what is needed, and a beck that works once it is installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const IS_WINDOWS = process.platform === 'win32';
const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
/** What npm says when there is no way to the registry. */
const OFFLINE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;

let place: string;
let tarball: string;
let packed: readonly string[];

beforeAll(() => {
  expect(existsSync(join(ROOT, 'dist', 'beck.cjs')), '`npm run build` comes first').toBe(true);
  place = mkdtempSync(join(tmpdir(), 'beck pack-'));
  const { status, stdout, stderr } = npm(ROOT, ['pack', '--ignore-scripts', '--json', '--pack-destination', place]);
  expect(status, stderr).toBe(0);
  const [row] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  tarball = join(place, row?.filename ?? '');
  packed = (row?.files ?? []).map(({ path }) => path).sort();
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('npm pack', () => {
  it('takes what is needed to run, and nothing else', () => {
    expect(packed).toEqual(
      [
        'LICENSE',
        'README.md',
        'bin/beck.cjs',
        'dist/beck-all.cjs',
        'dist/beck.cjs',
        'dist/writer.cjs',
        'docs/record.schema.json',
        'oclif.manifest.json',
        'package.json',
      ].sort(),
    );
  });
});

describe('installed globally', () => {
  it('runs from any directory', ({ skip }) => {
    const prefix = join(place, 'the prefix');
    const elsewhere = join(place, 'some where');
    mkdirSync(elsewhere);
    const install = [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      tarball,
    ];
    const { status, stderr } = npm(place, install);
    if (status !== 0 && OFFLINE.test(stderr)) skip('the registry cannot be reached');
    expect(status, stderr).toBe(0);
    giveCompiledSqlite(prefix);
    const beck = (words: readonly string[], input = '') => installed(prefix, words, { cwd: elsewhere, input });

    expect(beck(['--version'])).toEqual({ status: 0, stdout: `beck ${VERSION}\n`, stderr: '' });
    expect(beck(['topic', 'create', 'orders', '-p', '2'])).toMatchObject({ status: 0, stderr: '' });
    expect(beck(['produce', 'orders', '-k', 'alice'], '{"id":1}\n')).toMatchObject({ status: 0, stderr: '' });
    expect(beck(['consume', 'orders'])).toEqual({ status: 0, stdout: '{"id":1}\n', stderr: '' });
    expect(beck(['consume', 'nothing'])).toMatchObject({ status: 3, stdout: '' });
    expect(readdirSync(elsewhere)).toEqual(['the data']);
  });
});

type Ran = Readonly<Record<'stdout' | 'stderr', string>> & { readonly status: number | null };

/** The npm that runs this test, or the one on the PATH. */
function npm(cwd: string, words: readonly string[]): Ran {
  const { npm_execpath: cli } = process.env;
  const options = { cwd, encoding: 'utf8' as const, shell: cli === undefined && IS_WINDOWS };
  return cli === undefined ? spawnSync('npm', words, options) : spawnSync(process.execPath, [cli, ...words], options);
}

/** Compiling takes a minute, so the installed package gets what `npm ci` has compiled here; version 13 brings its own. */
function giveCompiledSqlite(prefix: string): void {
  const theirs = join(modules(prefix), 'beck', 'node_modules', 'better-sqlite3');
  const { version } = JSON.parse(readFileSync(join(theirs, 'package.json'), 'utf8')) as { version: string };
  if (!version.startsWith('12.')) return;
  cpSync(join(ROOT, 'node_modules', 'better-sqlite3', 'build'), join(theirs, 'build'), { recursive: true });
}

function modules(prefix: string): string {
  return IS_WINDOWS ? join(prefix, 'node_modules') : join(prefix, 'lib', 'node_modules');
}

/** The command that npm put there, under a home folder of its own. */
function installed(prefix: string, words: readonly string[], { cwd, input }: { cwd: string; input: string }): Ran {
  const command = IS_WINDOWS ? `"${join(prefix, 'beck.cmd')}"` : join(prefix, 'bin', 'beck');
  const env = {
    ...process.env,
    HOME: place,
    XDG_CACHE_HOME: join(place, 'cache'),
    BECK_DATA_DIR: join(cwd, 'the data'),
  };
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd,
    input,
    env,
    encoding: 'utf8',
    shell: IS_WINDOWS,
  });
  return { status, stdout, stderr };
}
