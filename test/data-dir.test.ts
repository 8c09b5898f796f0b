import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locateDataDir } from '../src/data-dir.ts';
import { tempDir } from './support/temp-dir.ts';

describe('where the data is', () => {
  const home = '/home/somebody';

  it('what was asked for, then BECK_DATA_DIR, both relative to the working directory', () => {
    expect(locateDataDir('data', { cwd: '/a', env: { BECK_DATA_DIR: 'other', HOME: home } })).toBe(resolve('/a/data'));
    expect(locateDataDir(undefined, { cwd: '/a', env: { BECK_DATA_DIR: 'other', HOME: home } })).toBe(
      resolve('/a/other'),
    );
  });

  it('an empty --data-dir is a variable that was not set, and not the working directory', () => {
    expect(() => locateDataDir('', { cwd: '/a', env: { HOME: home } })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });

  it.each([
    ['linux', { XDG_DATA_HOME: '/x' }, ['/x', 'beck']],
    ['linux', {}, [home, '.local', 'share', 'beck']],
    ['darwin', {}, [home, 'Library', 'Application Support', 'beck']],
    ['win32', { LOCALAPPDATA: '/local' }, ['/local', 'beck']],
  ] as const)("else the user's own on %s", (platform, env, expected) => {
    expect(locateDataDir(undefined, { cwd: tempDir(), env: { HOME: home, ...env }, platform })).toBe(join(...expected));
  });

  it('a .beck/ from the working directory up to the root of the repository, not beyond', () => {
    const root = tempDir();
    const deep = join(root, 'project', 'src', 'deep');
    mkdirSync(deep, { recursive: true });
    mkdirSync(join(root, '.beck'));
    const locate = (cwd: string) =>
      locateDataDir(undefined, { cwd, env: { HOME: join(root), XDG_DATA_HOME: '/none' } });
    expect(locate(deep)).toBe(join(root, '.beck'));
    writeFileSync(join(root, 'project', '.git'), 'gitdir: elsewhere');
    expect(locate(deep)).toBe(join('/none', 'beck'));
    mkdirSync(join(root, 'project', '.beck'));
    expect(locate(deep)).toBe(join(root, 'project', '.beck'));
  });

  it('a file of that name is no data directory', () => {
    const root = tempDir();
    writeFileSync(join(root, '.beck'), '');
    expect(locateDataDir(undefined, { cwd: root, env: { HOME: root, XDG_DATA_HOME: '/none' } })).toBe(
      join('/none', 'beck'),
    );
  });
});
