import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beck } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';

describe('init', () => {
  it('gives a project data of its own, which git does not see', async () => {
    const home = tempDir();
    const project = join(home, 'shop');
    mkdirSync(join(project, 'src'), { recursive: true });
    const ran = await beck(['init'], { cwd: project, tty: true, env: { HOME: home } });
    expect(ran).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '~/shop/.beck made: every beck command in ~/shop and below uses it\n',
    });
    expect(readFileSync(join(project, '.beck', '.gitignore'), 'utf8')).toBe('*\n');
    expect(statSync(join(project, '.beck')).mode & 0o777).toBe(0o700);
    await beck(['topic', 'create', 'orders'], { cwd: join(project, 'src'), env: { HOME: home } });
    const status = await beck(['status', '--json'], { cwd: project, env: { HOME: home } });
    expect(JSON.parse(status.stdout)).toMatchObject({
      path: join(project, '.beck'),
      exists: true,
      topics: 1,
      partitions: 1,
    });
  });

  it('makes the folder it is told, and leaves what is there as it is', async () => {
    const cwd = tempDir();
    const path = join(cwd, 'a', 'b', '.beck');
    const first = await beck(['init', 'a/b', '--json'], { cwd, env: { HOME: cwd } });
    expect(JSON.parse(first.stdout)).toEqual({ path, created: true });
    writeFileSync(join(path, '.gitignore'), 'mine\n');
    await beck(['topic', 'create', 'orders'], { cwd: join(cwd, 'a/b'), env: { HOME: cwd } });
    const again = await beck(['init', 'a/b', '--json'], { cwd, env: { HOME: cwd } });
    expect(JSON.parse(again.stdout)).toEqual({ path, created: false });
    expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('mine\n');
    expect(JSON.parse((await beck(['status', '--json'], { dataDir: path })).stdout)).toMatchObject({ topics: 1 });
  });

  it('says when something else counts for more, and refuses two places at once', async () => {
    const cwd = tempDir();
    const ran = await beck(['init'], { cwd, env: { HOME: cwd, BECK_DATA_DIR: '/srv/log' } });
    expect(ran).toMatchObject({
      code: 0,
      stderr: 'BECK_DATA_DIR is set, and counts for more than any .beck/: /srv/log\n',
    });
    expect(await beck(['init', '--data-dir', 'x'], { cwd, env: { HOME: cwd } })).toMatchObject({
      code: 2,
      stdout: '',
    });
    expect(existsSync(join(cwd, 'x'))).toBe(false);
  });
});

describe('status', () => {
  it('creates nothing where there is nothing, and says so', async () => {
    const dir = join(tempDir(), 'none');
    const ran = await beck(['status'], { dataDir: dir });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split('\n')[0]).toBe(`${dir}: nothing there yet`);
    expect(existsSync(dir)).toBe(false);
    expect(JSON.parse((await beck(['status', '--json'], { dataDir: dir })).stdout)).toMatchObject({
      exists: false,
      topics: 0,
      records: 0,
      diskSize: 0,
    });
  });

  it('refuses what is no beck database, and touches nothing', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'beck.db'), 'hello world, this is somebody else\n');
    const ran = await beck(['status'], { dataDir: dir });
    expect(ran).toMatchObject({ code: 5, stdout: '' });
    expect(ran.stderr).toMatch(/is not a beck database.*\nnothing was touched; --data-dir names another folder\n$/);
    const json = await beck(['status', '--json'], { dataDir: dir });
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'STORAGE_FOREIGN', exitCode: 5 } });
  });
});
