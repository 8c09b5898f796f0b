import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The code without its comments and strings' doubts: good enough for words that must not stand in it. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const SYNCHRONOUS = ['src/record', 'src/store', 'src/log', 'src/topic', 'src/group', 'src/user', 'src/txn'];

describe('the house', () => {
  it('imports go down, never up, never sideways; packages stay in their rooms (.dependency-cruiser.cjs)', () => {
    const cli = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
    const run = () =>
      execFileSync(process.execPath, [cli, '--config', '.dependency-cruiser.cjs', 'src', 'commands', 'bin'], {
        cwd: root,
        encoding: 'utf8',
      });
    expect(run).not.toThrow();
  });

  it.each(SYNCHRONOUS)('%s waits for nothing and asks nobody for the time', (folder) => {
    const guilty = sources(folder).filter(({ text }) =>
      /\basync\b|\bawait\b|Date\.now|new Date\(\)|set(Timeout|Interval|Immediate)\b|performance\.now|monotonic\(/.test(
        code(text),
      ),
    );
    expect(guilty.map(({ path }) => path)).toEqual([]);
  });

  it('SQL stands only in src/store and in files named rows.ts', () => {
    const sql = /['"`]\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA|BEGIN|WITH RECURSIVE)\s/;
    const guilty = [...sources('src'), ...sources('commands')].filter(
      ({ path, text }) => sql.test(code(text)) && !path.startsWith('src/store/') && !path.endsWith('/rows.ts'),
    );
    expect(guilty.map(({ path }) => path)).toEqual([]);
  });

  it('no file has outgrown its room (400 lines; tables exempt)', () => {
    const long = [...sources('src'), ...sources('commands'), ...sources('bin')].filter(
      ({ text }) => text.split('\n').length > 400,
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('commands are thin: a file each, run() of at most 40 lines', () => {
    const thick = sources('commands').filter(({ text }) => {
      const run = /async run\(\)[^{]*\{([\s\S]*?)\n {2}\}\n/.exec(text)?.[1] ?? '';
      return run.split('\n').length > 40;
    });
    expect(thick.map(({ path }) => path)).toEqual([]);
  });
});
