/** A data directory that cannot be written is read all the same; nothing is written to it, and nothing is left behind. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { blockingPatience } from '../../src/broker/wait.ts';
import { copyForReading } from '../../src/store/reading-copy.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { type Beck, it, numbered } from '../support/e2e.ts';
import { problemsOf } from '../support/problems-of.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noMount, readOnlyView } from './small-disk.ts';

const isRoot = process.getuid?.() === 0;

/** Ways to make a folder read-only; `undefined` where one is not to be had. */
const WAYS: readonly (readonly [string, ((dir: string) => string) | undefined])[] = [
  [`a read-only file system (${noMount ?? 'a mount'})`, noMount === undefined ? readOnlyView : undefined],
  ['a folder of somebody else (mode 0500)', isRoot || process.platform === 'win32' ? undefined : lock],
];

function lock(original: string): string {
  const dir = join(tempDir(), 'locked');
  cpSync(original, dir, { recursive: true });
  for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o400);
  chmodSync(dir, 0o500);
  onTestFinished(() => chmodSync(dir, 0o700));
  return dir;
}

/** In the temporary folder of the run, which must be empty when it ends. */
class Onlooker {
  readonly #beck: Beck;
  readonly #dir: string;
  readonly #temporary: string;

  constructor(beck: Beck, dir: string) {
    this.#beck = beck;
    this.#dir = dir;
    this.#temporary = join(beck.folder, 'temporary');
    mkdirSync(this.#temporary);
  }

  get env(): Record<string, string> {
    return { BECK_DATA_DIR: this.#dir, TMPDIR: this.#temporary };
  }

  async run(...args: readonly string[]) {
    const ran = await this.#beck.run(args, { stdin: 'one more\n', env: this.env });
    expect(readdirSync(this.#temporary)).toEqual([]);
    return ran;
  }

  async ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    expect([args, code, stderr]).toEqual([args, 0, '']);
    return stdout;
  }
}

function contents(dir: string): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('latin1')]));
}

describe.each(WAYS)('%s', (_, makeReadOnly) => {
  const view = makeReadOnly as (dir: string) => string;
  const test = it.skipIf(makeReadOnly === undefined);

  /** A directory as a producer leaves it that was killed: the last records are in the WAL alone. */
  async function leaveWal(beck: Beck, sharedMemory: boolean): Promise<string> {
    const dir = join(tempDir(), 'data');
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    producer.write(numbered(100));
    await producer.prints(100);
    cpSync(beck.dir, dir, { recursive: true });
    producer.kill('SIGKILL');
    await producer.ended;
    if (!sharedMemory) rmSync(join(dir, 'beck.db-shm'));
    return dir;
  }

  test('is read, and stays as it is', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    await beck.produce('t', numbered(100));
    const dir = view(beck.dir);
    const before = contents(dir);
    const onlooker = new Onlooker(beck, dir);
    expect(await onlooker.ok('consume', 't')).toBe(numbered(100));
    expect(await onlooker.ok('consume', 't', '--tail', '3')).toBe(numbered(100).split('\n').slice(-4).join('\n'));
    expect(JSON.parse(await onlooker.ok('topic', 'list', '--json'))).toMatchObject([{ topic: 't', records: 100 }]);
    expect(JSON.parse(await onlooker.ok('topic', 'describe', 't', '--json'))).toMatchObject([{ records: 100 }]);
    expect(JSON.parse(await onlooker.ok('status', '--json'))).toMatchObject({ records: 100 });
    expect(JSON.parse(await onlooker.ok('check', '--json'))).toMatchObject({ records: 100, problems: [] });
    expect(await onlooker.ok('log', 'dump', 't')).toContain('none');
    expect(JSON.parse(await onlooker.ok('topic', 'trim', 't', '--before', 'end', '--dry-run', '--json'))).toHaveLength(
      1,
    );
    expect(await onlooker.ok('retention', 'run', '--dry-run')).toBe('');
    const copies = tempDir();
    await onlooker.ok('snapshot', join(copies, 'snapshot'));
    await onlooker.ok('check', '--salvage', join(copies, 'salvage'));
    for (const copy of ['snapshot', 'salvage']) {
      expect(await onlooker.ok('consume', 't', '--data-dir', join(copies, copy))).toBe(numbered(100));
      expect(problemsOf(join(copies, copy))).toEqual([]);
    }
    expect(contents(dir)).toEqual(before);
  });

  test.for([true, false])(
    'is read with what was in the WAL of a process that was killed (shared memory: %s)',
    async (sharedMemory, { beck }) => {
      const dir = await leaveWal(beck, sharedMemory);
      const before = contents(dir);
      const onlooker = new Onlooker(beck, view(dir));
      expect(await onlooker.ok('consume', 't')).toBe(numbered(100));
      expect(JSON.parse(await onlooker.ok('check', '--json'))).toMatchObject({ records: 100, problems: [] });
      expect(contents(dir)).toEqual(before);
    },
  );

  test('is read up to what a killed process has left open, which nobody can end here', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'before\n');
    const watch = beck.watch();
    const producer = beck.spawn(['produce', 't', '--txn'], { stdin: 'pipe' });
    producer.write('open\n');
    await watch.until(() => watch.end('t') === 2);
    producer.kill('SIGKILL');
    await producer.ended;
    const dir = join(tempDir(), 'data');
    cpSync(beck.dir, dir, { recursive: true });
    const before = contents(dir);
    const onlooker = new Onlooker(beck, view(dir));
    expect(await onlooker.ok('consume', 't')).toBe('before\n');
    expect(await onlooker.ok('consume', 't', '--isolation', 'read_uncommitted')).toBe('before\nopen\n');
    const [open] = JSON.parse(await onlooker.ok('txn', 'list', '--json'));
    expect(open).toMatchObject({ state: 'Ongoing', heldBack: 1 });
    expect(await onlooker.ok('txn', 'describe', open.transaction)).toContain('Ongoing');
    expect(await onlooker.ok('topic', 'describe', 't')).toContain(`is held back by ${open.transaction}`);
    expect(await onlooker.run('txn', 'abort', open.transaction, '--yes')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('(STORAGE_READ_ONLY)'),
    });
    expect(contents(dir)).toEqual(before);
    expect(await beck.lines('t')).toEqual(['before']);
  });

  test.for([true, false])(
    'refuses whoever writes, before anything is changed (in use: %s)',
    async (inUse, { beck }) => {
      const dir = inUse ? await leaveWal(beck, true) : beck.dir;
      if (!inUse) await beck.produce('t', numbered(100), '--create');
      const before = contents(dir);
      const onlooker = new Onlooker(beck, view(dir));
      for (const command of [
        'produce t',
        'produce new --create',
        'topic create new',
        'topic alter t -p 3',
        'topic delete t --yes',
        'topic trim t --before end --yes',
        'retention run --now 2200-01-01',
      ]) {
        const { code, stdout, stderr } = await onlooker.run(...command.split(' '));
        expect([command, code, stdout]).toEqual([command, 5, '']);
        expect(stderr).toContain('(STORAGE_READ_ONLY)');
      }
      expect(contents(dir)).toEqual(before);
    },
  );

  test('is followed while somebody writes it; a copy cannot be followed, and that is said', async ({ beck }) => {
    await beck.create('t');
    const onlooker = new Onlooker(beck, view(beck.dir));
    expect(await onlooker.run('consume', 't', '-f')).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/STORAGE_READ_ONLY.*\nwithout -f/),
    });
    if (makeReadOnly === lock) return;
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    producer.write('first\n');
    await producer.prints(1);
    const follower = beck.spawn(['consume', 't', '-f', '-n', '2'], { env: onlooker.env });
    await follower.prints('first');
    producer.write('second\n');
    expect(await follower.ended).toMatchObject({ code: 0, stdout: 'first\nsecond\n' });
    producer.end();
    await producer.ended;
  });

  test('without room for a copy: it is said what would help', async ({ beck }) => {
    await beck.create('t');
    const dir = view(beck.dir);
    const { code, stderr } = await beck.run(['consume', 't'], { env: { BECK_DATA_DIR: dir, TMPDIR: '/nowhere' } });
    expect(code).toBe(5);
    expect(stderr).toMatch(/\/nowhere.*\(STORAGE_READ_ONLY\)\n.*TMPDIR/);
  });
});

describe('a copy for reading', () => {
  it('of a database that is written meanwhile is whole, each time', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    const piece = numbered(3000, 'a line that makes the WAL grow, so that it is checkpointed now and then: ');
    for (let copies = 0; copies < 12; copies++) {
      producer.write(piece);
      const copy = copyForReading(join(beck.dir, 'beck.db'), blockingPatience());
      expect(problemsOf(dirname(copy.path))).toEqual([]);
      copy.remove();
      await producer.prints(copies * 2000);
    }
    producer.end();
    expect(await producer.ended).toMatchObject({ code: 0 });
  });

  it.skipIf(process.platform === 'win32' || noMount !== undefined)(
    'has no name any more as soon as it is open, so that nobody can leave it behind',
    ({ beck }) => {
      Store.create(beck.dir, { patience: NO_PATIENCE }).close();
      const dir = readOnlyView(beck.dir);
      const temporary = tempDir();
      const before = process.env.TMPDIR;
      process.env.TMPDIR = temporary;
      onTestFinished(() => {
        if (before === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = before;
      });
      const store = Store.reading(dir, { patience: NO_PATIENCE }) as Store;
      expect(readdirSync(temporary)).toEqual([]);
      expect(store.integrityProblems()).toEqual([]);
      expect(() => store.write(() => undefined)).toThrow(expect.objectContaining({ code: 'STORAGE_READ_ONLY' }));
      expect(() => store.vacuum(1)).toThrow(expect.objectContaining({ code: 'STORAGE_READ_ONLY' }));
      store.close();
      expect(readdirSync(temporary)).toEqual([]);
    },
  );
});
