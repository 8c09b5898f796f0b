/** `npm run quickstart` without the build: in a copy of the project under a path with a space, with a home and a temporary folder of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const PARTS = ['bin', 'build', 'dist', 'package.json', 'oclif.manifest.json'];
const hasGit = spawnSync('git', ['--version']).status === 0;

let place: string;
let project: string;

beforeEach(() => {
  expect(existsSync(join(ROOT, 'dist', 'beck.cjs')), '`npm run build` comes first').toBe(true);
  place = mkdtempSync(join(tmpdir(), 'beck quickstart-'));
  project = join(place, 'the project');
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  for (const part of PARTS) cpSync(join(ROOT, part), join(project, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'), 'junction');
  for (const folder of ['home', 'tmp']) mkdirSync(join(place, folder));
});

describe('the quickstart', () => {
  it.skipIf(!hasGit)("shows the project's own history", () => {
    commit('Ann', 1_700_000_000, 'Say "hello"');
    commit('Bob', 1_700_000_600, 'Add a \ttab and a \\ backslash');
    commit('Ann', 1_700_001_200, 'Ärger, gelöst');
    const { status, stdout, stderr } = quickstart();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain("this repository's own `git log`, 3 commits");
    const records = stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(records.map((line) => JSON.parse(line))).toMatchObject([
      { key: 'Ann', value: 'Say "hello"', timestamp: 1_700_000_000_000, headers: [['commit', expect.any(String)]] },
      { key: expect.any(String) },
    ]);
    expect(stdout).toMatch(/^ {6}2 \d Ann$/m);
    expect(stdout).toContain('Ärger, gelöst');
  });

  it('takes the sample where there is no history, and leaves nothing behind', () => {
    const before = readdirSync(project);
    const { status, stdout, stderr } = quickstart();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('a made-up sample');
    expect(commandsIn(stdout)).toEqual([
      'topic create',
      'produce commits',
      'consume commits',
      'consume commits',
      'consume commits',
      'topic describe',
      'retention run',
      'check',
    ]);
    expect(readdirSync(join(place, 'home'))).toEqual([]);
    expect(readdirSync(join(place, 'tmp'))).toEqual([]);
    expect(readdirSync(project)).toEqual(before);
  });

  it.skipIf(!hasGit)('takes nobody else’s history for its own', () => {
    commit('Ann', 1_700_000_000, 'of the folder above', place);
    commit('Ann', 1_700_000_001, 'and once more', place);
    expect(quickstart().stdout).toContain('a made-up sample');
  });

  it('fails when a step fails, and cleans up', () => {
    writeFileSync(join(project, 'build', 'quickstart-sample.jsonl'), 'this is no record\n');
    const { status, stdout, stderr } = quickstart();
    expect(status).toBe(1);
    expect(commandsIn(stdout)).toEqual(['topic create', 'produce commits']);
    expect(stderr).toContain('line 1: ');
    expect(stderr).toContain('quickstart: `beck produce commits commits.jsonl -i jsonl` ended with 1');
    expect(readdirSync(join(place, 'tmp'))).toEqual([]);
  });
});

/** The first two words of each command that was shown. */
function commandsIn(stdout: string): string[] {
  return [...stdout.matchAll(/^\$ beck (\S+)( [a-z]+)?/gm)].map(([, first, second = '']) => `${first}${second}`);
}

function quickstart(): { status: number | null; stdout: string; stderr: string } {
  const [home, tmp] = [join(place, 'home'), join(place, 'tmp')];
  const own = { HOME: home, USERPROFILE: home, TMPDIR: tmp, TEMP: tmp, TMP: tmp };
  const not = { XDG_CACHE_HOME: undefined, GIT_DIR: undefined, GIT_WORK_TREE: undefined };
  const env = { ...process.env, ...own, ...not };
  return spawnSync(process.execPath, [join('build', 'quickstart.js')], { cwd: project, env, encoding: 'utf8' });
}

/** Commits nothing but a subject; makes the repository where there is none. */
function commit(author: string, seconds: number, subject: string, cwd = project): void {
  const who = {
    GIT_AUTHOR_NAME: author,
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: author,
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  const when = { GIT_AUTHOR_DATE: `${seconds} +0000`, GIT_COMMITTER_DATE: `${seconds} +0000` };
  const env = { PATH: process.env.PATH, ...who, ...when, HOME: place, GIT_CONFIG_NOSYSTEM: '1' };
  if (!existsSync(join(cwd, '.git'))) execFileSync('git', ['init', '-q'], { cwd, env });
  execFileSync('git', ['commit', '-q', '--allow-empty', '-m', subject], { cwd, env });
}
