/**
 * Garbage, truncated, damaged and foreign files in the place of beck.db, its WAL and its shared memory: right data or a clear
 * error with exit 5, never a fault of beck's own, never a wrong record; what is not beck's is not touched (store S3).
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Broker } from '../../src/broker/broker.ts';
import { Database } from '../../src/store/driver.ts';
import { PAGE_SIZE } from '../../src/store/schema.ts';
import { beck, type Outcome } from '../cli/memory-io.ts';
import { seeded } from '../support/seed.ts';
import { temporaryFolder } from '../support/temp-dir.ts';
import { append } from '../support/test-broker.ts';

const FILE = 'beck.db';
const WAL = 'beck.db-wal';
const LINES = Array.from({ length: 600 }, (_, i) => `record ${i} ${'.'.repeat(i % 200)};`);
const ROUNDS = Number(process.env.BECK_DAMAGES ?? 40);

/** Commands for which `INPUT` is a file with one more line. */
const READING = ['topic list', 'topic describe t', 'consume t', 'status', 'check', 'log dump t'];
const WRITING = [
  'produce t INPUT',
  'topic create u',
  'topic alter t -p 3',
  'retention run',
  'topic trim t --before +10 --yes',
  'topic delete t --yes',
];

let base: string;
/** Directories as they lie there after a clean close, and as a process leaves them that is killed: with a WAL. */
let clean: string;
let killed: string;

beforeAll(() => {
  const folder = temporaryFolder();
  base = folder.path;
  clean = join(base, 'clean');
  killed = join(base, 'killed');
  writeFileSync(join(base, 'input'), 'one more\n');
  const broker = fill(clean);
  cpSync(clean, killed, { recursive: true });
  broker.close();
  return folder.remove;
});

function fill(dir: string): Broker {
  const broker = Broker.open(dir, 'create');
  const timestamp = Date.now();
  broker.createTopics([{ name: 't' }, { name: 'other', partitions: 3, configs: { 'cleanup.policy': 'compact' } }]);
  for (let i = 0; i < LINES.length; i += 20) {
    append(
      broker,
      't',
      0,
      LINES.slice(i, i + 20).map((value) => ({ value, timestamp })),
    );
    append(broker, 'other', (i / 20) % 3, [{ key: `k${i % 7}`, value: 'v'.repeat(500), timestamp }]);
  }
  rmSync(join(dir, 'ballast'));
  return broker;
}

/** A directory of its own for one try; `damage` is done to it. */
function directory(from: string, damage: (dir: string) => unknown): string {
  const dir = join(base, 'try');
  rmSync(dir, { recursive: true, force: true });
  cpSync(from, dir, { recursive: true });
  damage(dir);
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const words = (command: string) => command.replace('INPUT', join(base, 'input')).split(' ');
const run = (dir: string, command: string) => beck(words(command), { dataDir: dir, env: { BECK_DEBUG: '1' } });

/** What each file of a folder holds. */
function contents(dir: string): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('latin1')]));
}

describe('what is not beck’s', () => {
  const random = seeded('foreign files');
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => random() * 256));
  const of = (kind: string) => (dir: string) => {
    const db = new Database(join(dir, FILE));
    db.pragma(`journal_mode = ${kind}`);
    db.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1); PRAGMA user_version = 1');
    if (kind === 'wal') cpSync(dir, `${dir}-open`, { recursive: true });
    db.close();
    if (kind !== 'wal') return;
    rmSync(dir, { recursive: true });
    cpSync(`${dir}-open`, dir, { recursive: true });
    rmSync(`${dir}-open`, { recursive: true });
  };

  it.each<[string, (dir: string) => unknown]>([
    ['a text', (dir) => writeFileSync(join(dir, FILE), 'Dear diary,\n')],
    ['one byte', (dir) => writeFileSync(join(dir, FILE), 'S')],
    ['the beginning of SQLite’s magic', (dir) => writeFileSync(join(dir, FILE), 'SQLite form')],
    ['random bytes', (dir) => writeFileSync(join(dir, FILE), bytes(3 * PAGE_SIZE))],
    ['zeros', (dir) => writeFileSync(join(dir, FILE), Buffer.alloc(3 * PAGE_SIZE))],
    ['another program’s database', of('delete')],
    ['another program’s database in use', of('wal')],
    ['a folder', (dir) => mkdirSync(join(dir, FILE, 'deep'), { recursive: true })],
  ])('%s is refused by every command and stays as it was', async (what, prepare) => {
    const dir = join(base, 'foreign');
    for (const command of [...READING, ...WRITING]) {
      mkdirSync(dir);
      prepare(dir);
      const before = what === 'a folder' ? readdirSync(dir) : contents(dir);
      const { code, stdout, stderr } = await run(dir, command);
      expect([command, code, stdout]).toEqual([command, 5, '']);
      expect(stderr).toMatch(/\(STORAGE_(FOREIGN|CORRUPT|FAILED)\)/);
      expect(what === 'a folder' ? readdirSync(dir) : contents(dir)).toEqual(before);
      rmSync(dir, { recursive: true });
    }
  });

  it('a WAL of another database is refused, and both stay as they were', async () => {
    for (const command of [...READING, ...WRITING]) {
      const dir = directory(clean, (at) => {
        const other = join(at, 'other');
        mkdirSync(other);
        of('wal')(other);
        cpSync(join(other, WAL), join(at, WAL));
        rmSync(other, { recursive: true });
      });
      const before = contents(dir);
      const { code, stdout, stderr } = await run(dir, command);
      expect([command, code, stdout]).toEqual([command, 5, '']);
      expect(stderr).toContain('of another database');
      expect(contents(dir)).toEqual(before);
    }
  });
});

describe('damage', () => {
  it('one bit of one value: every batch before it is given, the damaged one is named, no wrong byte comes out', async () => {
    const flipOne = (dir: string) => {
      const bytes = readFileSync(join(dir, FILE));
      const at = bytes.indexOf('record 305 ') + 7;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(join(dir, FILE), bytes);
    };
    const dir = directory(clean, flipOne);
    const whole = LINES.slice(0, 300).map((line) => `${line}\n`);
    expect(await run(dir, 'consume t')).toMatchObject({
      code: 5,
      stdout: whole.join(''),
      stderr: expect.stringMatching(/^t 0 at 300: .*\(CORRUPT_MESSAGE\)\n/),
    });
    expect((await run(dir, 'consume t --until 300')).code).toBe(0);
    expect((await run(dir, 'check')).code).toBe(5);
  });

  it('a row without its name is damage to the file, not a fault of beck’s', async () => {
    const loseName = (dir: string) => {
      const db = new Database(join(dir, FILE));
      const schema = (from: string, to: string) =>
        db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}');
          PRAGMA writable_schema = RESET`);
      db.unsafeMode();
      schema('name    TEXT    NOT NULL', 'name    TEXT    ');
      db.exec("UPDATE topic SET name = NULL WHERE name = 'other'");
      schema('name    TEXT    ', 'name    TEXT    NOT NULL');
      db.close();
    };
    for (const command of ['topic describe nothing', 'consume nothing', 'produce nothing INPUT', 'check']) {
      const { code, stderr } = await run(directory(clean, loseName), command);
      expect([command, code]).toEqual([command, 5]);
      expect(stderr).toMatch(/\((STORAGE_CORRUPT|CHECK_FAILED)\)/);
    }
  });

  it.each(Array.from({ length: 16 }, (_, i) => i))('a file that ends after %i sixteenths', async (sixteenths) => {
    const cut = (dir: string) => {
      const path = join(dir, FILE);
      truncateSync(path, Math.floor((readFileSync(path).length * sixteenths) / 16));
    };
    for (const command of [...READING, ...WRITING]) {
      const outcome = await run(directory(clean, cut), command);
      if (sixteenths === 0) expect([0, 3, 5]).toContain(outcome.code);
      else await expectHonest(outcome, command, () => directory(clean, cut));
    }
  });

  it(`random damage to the database, ${ROUNDS} times`, { timeout: 60_000 + ROUNDS * 5000 }, async () => {
    const random = seeded('damaged databases');
    const sound = readFileSync(join(clean, FILE));
    for (let round = 0; round < ROUNDS; round++) {
      const broken = damaged(sound, random);
      const damage = (dir: string) => writeFileSync(join(dir, FILE), broken);
      const others = [...READING, ...WRITING].filter(() => random() < 0.3);
      for (const command of ['consume t', ...others])
        await expectHonest(await run(directory(clean, damage), command), command, () => directory(clean, damage));
    }
  });

  it(`random damage to the WAL, ${ROUNDS} times: what is read is a beginning`, async () => {
    const random = seeded('damaged WALs');
    const sound = readFileSync(join(killed, WAL));
    for (let round = 0; round < ROUNDS; round++) {
      const broken = damaged(sound, random);
      const damage = (dir: string) => writeFileSync(join(dir, WAL), broken);
      const { code, stdout, stderr } = await run(directory(killed, damage), 'consume t');
      expect([0, 3, 5], stderr).toContain(code);
      expect(stdout).toBe(
        LINES.map((line) => `${line}\n`)
          .join('')
          .slice(0, stdout.length),
      );
      const check = await run(directory(killed, damage), 'check');
      expect([0, 5], check.stderr).toContain(check.code);
    }
  });

  it.each(['', 'not shared memory at all', Buffer.alloc(PAGE_SIZE * 2, 0xa5)])(
    'shared memory that means nothing is made again: nothing is lost (%#)',
    async (garbage) => {
      for (const from of [clean, killed]) {
        const dir = directory(from, (at) => writeFileSync(join(at, 'beck.db-shm'), garbage));
        expect(await run(dir, 'consume t')).toMatchObject({
          code: 0,
          stdout: LINES.map((line) => `${line}\n`).join(''),
        });
        expect(await run(dir, 'check')).toMatchObject({ code: 0 });
      }
    },
  );
});

/** Every kind of damage that a disk, a cable or a cat can do. */
function damaged(sound: Buffer, random: () => number): Buffer {
  const broken = Buffer.from(sound);
  const page = Math.floor((random() * sound.length) / PAGE_SIZE) * PAGE_SIZE;
  const anywhere = Math.floor(random() * sound.length);
  const kinds: (() => Buffer)[] = [
    () => broken.subarray(0, anywhere),
    () => broken.fill(0, anywhere, Math.min(broken.length, anywhere + Math.floor(random() * 20_000))),
    () => broken.fill(Math.floor(random() * 256), page, Math.min(broken.length, page + PAGE_SIZE)),
    () => flip(broken, 1, () => anywhere),
    () => flip(broken, 1 + random() ** 3 * 200, () => random() * sound.length),
    () => flip(broken, 1 + random() * 20, () => page + random() * 100),
    () => Buffer.concat([broken.subarray(0, page), broken.subarray(page + PAGE_SIZE)]),
  ];
  return kinds[Math.floor(random() * kinds.length)]?.() as Buffer;
}

function flip(bytes: Buffer, count: number, where: () => number): Buffer {
  for (let i = 0; i < count; i++) {
    const at = Math.floor(where()) % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
  }
  return bytes;
}

/**
 * Done or refused with a reason. A topic that is not found any more and records that are missing are known to `check`; a record
 * that is given is one that was stored.
 */
async function expectHonest({ code, stdout, stderr }: Outcome, command: string, again: () => string): Promise<void> {
  expect([0, 3, 5], `${command}: ${stderr}`).toContain(code);
  expect(stderr).not.toContain('    at ');
  if (code === 5) expect(stderr).toMatch(/\((STORAGE_[A-Z_]+|CORRUPT_MESSAGE|CHECK_FAILED)\)/);
  const lines = command === 'consume t' ? stdout.split('\n').slice(0, -1) : LINES;
  for (const line of lines) expect(LINES).toContain(line);
  const isMissing = code === 3 || (code === 0 && lines.length < LINES.length);
  if (isMissing) expect(await run(again(), 'check')).toMatchObject({ code: 5 });
}
