/** A full disk: what was said to be stored is there, nothing is half, reading goes on, and space can be freed (store S5). */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it as plain } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { BrokerError } from '../../src/errors.ts';
import { Database } from '../../src/store/driver.ts';
import type { OpenDatabase } from '../../src/store/store.ts';
import { type Beck, it, numbered } from '../support/e2e.ts';
import { problemsOf } from '../support/problems-of.ts';
import { tempDir } from '../support/temp-dir.ts';
import { batchOf, check } from '../support/test-broker.ts';
import { bytesLeft, fillUp, noMount, smallDisk } from './small-disk.ts';

const MB = 1 << 20;
const BALLAST_BYTES = 4 * MB;
const TOO_MUCH = numbered(
  600_000,
  'a line that is long enough to fill the disk with not too many of its kind, number ',
);

/** A beck on a small disk of its own. */
class SmallBeck {
  readonly disk: string;
  readonly dir: string;
  readonly #beck: Beck;

  constructor(beck: Beck, bytes: number) {
    this.#beck = beck;
    this.disk = smallDisk(bytes);
    this.dir = join(this.disk, 'data');
  }

  #at(env: Record<string, string> = {}): { env: Record<string, string> } {
    return { env: { BECK_DATA_DIR: this.dir, ...env } };
  }

  run(args: readonly string[], stdin?: string, env?: Record<string, string>) {
    return this.#beck.run(args, { stdin, ...this.#at(env) });
  }

  async ok(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin);
    expect([args, code, stderr]).toEqual([args, 0, '']);
    return stdout;
  }

  spawn(args: readonly string[]) {
    return this.#beck.spawn(args, { stdin: 'pipe', ...this.#at() });
  }

  /** Produces until the disk is full; answers what was said to be stored, `OFFSET VALUE` a line. */
  async fill(): Promise<string> {
    const { code, stdout, stderr } = await this.run(['produce', 't', '-o', '%o %v\\n'], TOO_MUCH);
    expect(code).toBe(5);
    expect(stderr).toContain('STORAGE_FULL');
    expect(stdout.endsWith('\n')).toBe(true);
    return stdout;
  }

  get ballast(): number {
    return statSync(join(this.dir, 'ballast'), { throwIfNoEntry: false })?.size ?? 0;
  }

  get problems(): string[] {
    return problemsOf(this.dir);
  }
}

const FREEING = [
  ['retention run', ['retention', 'run', '--now', '2200-01-01']],
  ['topic trim', ['topic', 'trim', 't', '--before', 'end', '--yes']],
  ['topic delete', ['topic', 'delete', 't', '--yes']],
] as const;

describe.skipIf(noMount !== undefined)(`a full disk (${noMount ?? 'a small tmpfs'})`, () => {
  it('a transaction that does not fit has written nothing, and is gone as soon as there is room', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't', 'other']);
    await small.ok(['produce', 'other'], numbered(50_000, 'something that may be deleted, '));
    await small.ok(['produce', 't'], 'before\n');
    const { code, stderr } = await small.run(['produce', 't', '--txn'], TOO_MUCH);
    expect([code, stderr]).toEqual([5, expect.stringMatching(/^failed; nothing was written\n.*\(STORAGE_FULL\)/)]);
    expect(await small.ok(['consume', 't'])).toBe('before\n');
    await small.ok(['topic', 'delete', 'other', '--yes']);
    await small.ok(['produce', 't'], 'after\n');
    expect(await small.ok(['consume', 't'])).toBe('before\nafter\n');
    expect(await small.ok(['txn', 'list', '--json'])).toBe('[]\n');
    expect(small.problems).toEqual([]);
  });

  it('stores nothing half, and says exactly what is stored', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    const said = await small.fill();
    const stored = await small.ok(['consume', 't', '-o', '%o %v\\n']);
    expect(stored.startsWith(said)).toBe(true);
    expect(stored.split('\n').length).toBeGreaterThan(100_000);
    expect(small.problems).toEqual([]);
  });

  it('says from where to go on, and going on from there loses and doubles nothing', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    const { code, stderr } = await small.run(['produce', 't'], TOO_MUCH);
    expect(code).toBe(5);
    const [, skip = ''] = /--skip (\d+)/.exec(stderr) ?? [];
    const first = await small.ok(['consume', 't']);
    expect(first.split('\n').length - 1).toBe(Number(skip));
    await small.ok(['topic', 'trim', 't', '--before', 'end', '--yes']);
    await small.run(['produce', 't', '--skip', skip], TOO_MUCH);
    expect(TOO_MUCH.startsWith(first + (await small.ok(['consume', 't'])))).toBe(true);
    expect(small.problems).toEqual([]);
  });

  it('is still read: consume, list, describe, check, status, dump', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    await small.fill();
    fillUp(small.disk);
    await expectReadable(small);
  });

  it('is still read when another program filled it while nobody had the database open', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    await small.ok(['produce', 't'], numbered(1000));
    fillUp(small.disk);
    await expectReadable(small);
    const temporary = await small.run(['consume', 't'], undefined, { TMPDIR: small.disk });
    expect(temporary).toMatchObject({ code: 5, stdout: '' });
    expect(temporary.stderr).toContain('TMPDIR');
    expect(readdirSync(small.disk).sort()).toEqual(['data', 'filler']);
  });

  for (const [what, args] of FREEING) {
    it(`${what} frees space with nothing left, right after a commit that failed`, async ({ beck }) => {
      const small = new SmallBeck(beck, 24 * MB);
      await small.ok(['topic', 'create', 't', 'other']);
      await small.fill();
      fillUp(small.disk);
      expect(bytesLeft(small.disk)).toBe(0);
      await expectFreed(small, args);
    });

    it(`${what} frees space with nothing left, filled while nobody had the database open`, async ({ beck }) => {
      const small = new SmallBeck(beck, 40 * MB);
      await small.ok(['topic', 'create', 't', 'other']);
      await small.ok(['produce', 't'], TOO_MUCH.slice(0, 12 * MB).replace(/[^\n]*$/, ''));
      expect(existsSync(join(small.dir, 'beck.db-wal'))).toBe(false);
      fillUp(small.disk);
      expect(bytesLeft(small.disk)).toBe(0);
      await expectFreed(small, args);
    });

    it(`${what} frees space with nothing left, filled while a WAL larger than the ballast waited`, async ({ beck }) => {
      const small = new SmallBeck(beck, 120 * MB);
      await small.ok(['topic', 'create', 't', 'other']);
      const idle = small.spawn(['produce', 't', '-o', '%o\\n']);
      const input = TOO_MUCH.slice(0, 10 * MB).replace(/[^\n]*$/, '');
      idle.write(input);
      await idle.prints(input.split('\n').length - 1);
      expect(statSync(join(small.dir, 'beck.db-wal')).size).toBeGreaterThan(2 * BALLAST_BYTES);
      fillUp(small.disk);
      expect(bytesLeft(small.disk)).toBe(0);
      idle.kill('SIGKILL');
      await idle.ended;
      await expectFreed(small, args);
    });
  }

  it('without a ballast: what cannot be freed is refused with a reason, and is whole', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    await small.ok(['produce', 't'], numbered(1000));
    rmSync(join(small.dir, 'ballast'));
    fillUp(small.disk);
    expect(await small.run(['topic', 'delete', 't', '--yes'])).toMatchObject({ code: 5, stdout: '' });
    expect((await small.ok(['consume', 't'])).split('\n').length - 1).toBe(1000);
    rmSync(join(small.disk, 'filler'));
    await small.ok(['topic', 'delete', 't', '--yes']);
    expect(small.ballast).toBe(BALLAST_BYTES);
    expect(small.problems).toEqual([]);
  });

  it('a directory, a topic, a snapshot that find no room are not there afterwards', async ({ beck }) => {
    const small = new SmallBeck(beck, 24 * MB);
    await small.ok(['topic', 'create', 't']);
    await small.ok(['produce', 't'], TOO_MUCH.slice(0, 11 * MB));
    const copy = join(small.disk, 'copy');
    expect(await small.run(['snapshot', copy])).toMatchObject({ code: 5, stdout: '' });
    expect(readdirSync(copy)).toEqual([]);
    fillUp(small.disk);
    for (const args of [
      ['topic', 'create', 'u'],
      ['topic', 'alter', 't', '-p', '3'],
      ['topic', 'create', 'u', '--data-dir', join(small.disk, 'second')],
    ]) {
      const { code, stderr } = await small.run(args);
      expect([args, code]).toEqual([args, 5]);
      expect(stderr).toContain('STORAGE_FULL');
    }
    expect(JSON.parse(await small.ok(['topic', 'list', '--json']))).toMatchObject([{ topic: 't', partitions: 1 }]);
    rmSync(join(small.disk, 'filler'));
    await small.ok(['topic', 'create', 'u', '--data-dir', join(small.disk, 'second')]);
    expect([...small.problems, ...problemsOf(join(small.disk, 'second'))]).toEqual([]);
  });
});

/** Without a file system of one's own: a database that may not grow. */
describe('a database that may not grow', () => {
  const limited: OpenDatabase = (path) => {
    const db = new Database(path, { timeout: 0 });
    db.pragma('page_size = 16384');
    db.pragma('max_page_count = 80');
    return db;
  };

  plain('refuses a commit whole, reads on, and takes more when something was trimmed', async () => {
    const broker = Broker.open(tempDir(), 'create', { open: limited });
    broker.createTopics([{ name: 't', partitions: 2, configs: {} }]);
    const value = 'x'.repeat(100_000);
    const commit = (): number[] => {
      const batches = [0, 1].map((partition) => ({ partition, blob: batchOf([{ value }]) }));
      return broker.append('t', batches, 'producer', 'full').map((one) => {
        if (one instanceof BrokerError) throw one;
        return one.baseOffset;
      });
    };
    let commits = 0;
    const failure = (() => {
      for (;;) {
        try {
          expect(commit()).toEqual([commits, commits]);
          commits++;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(failure).toMatchObject({ code: 'STORAGE_FULL', exitCode: 5 });
    expect(commits).toBeGreaterThan(2);
    const topic = broker.topic('t');
    const ends = () => topic.partitions.map(({ id }) => broker.rows.partition(id)?.nextOffset);
    expect(ends()).toEqual([commits, commits]);
    expect(check(broker)).toEqual([]);
    await broker.deleteTopics({ names: ['t'] });
    broker.createTopics([{ name: 't', partitions: 2, configs: {} }]);
    commits = 0;
    expect(commit()).toEqual([0, 0]);
    expect(check(broker)).toEqual([]);
    broker.close();
  });
});

async function expectReadable(small: SmallBeck): Promise<void> {
  const lines = (await small.ok(['consume', 't'])).split('\n').length - 1;
  expect(lines).toBeGreaterThan(0);
  expect(JSON.parse(await small.ok(['topic', 'list', '--json']))).toMatchObject([{ topic: 't', records: lines }]);
  expect(JSON.parse(await small.ok(['topic', 'describe', 't', '--json']))).toMatchObject([{ records: lines }]);
  expect(JSON.parse(await small.ok(['check', '--json']))).toMatchObject({ problems: [] });
  expect(JSON.parse(await small.ok(['status', '--json']))).toMatchObject({ records: lines });
  expect(await small.ok(['log', 'dump', 't', '--until', '+1'])).toContain('none');
}

/** The command does its work; then there is room, the ballast lies there again, and records can be stored. */
async function expectFreed(small: SmallBeck, args: readonly string[]): Promise<void> {
  await small.ok(args);
  expect(small.ballast).toBe(BALLAST_BYTES);
  expect(bytesLeft(small.disk)).toBeGreaterThan(MB);
  await small.ok(['produce', 'other'], numbered(1000));
  expect(await small.ok(['consume', 'other'])).toBe(numbered(1000));
  expect(small.problems).toEqual([]);
}
