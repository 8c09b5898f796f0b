import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beck as run, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker, TestClock } from '../support/test-broker.ts';
import { itOnDataDir } from '../support/worlds.ts';

const NOW = 1_700_000_000_000;

/** A data directory with `orders` (3 partitions, 2 records, kept for an hour) and `users` (compacted), checked at the end. */
function dataDir(): string {
  const dir = tempDir();
  const broker = openTestBroker({ dir, clock: new TestClock() });
  broker.createTopics([
    { name: 'orders', partitions: 3, configs: { 'retention.ms': '1h' } },
    { name: 'users', configs: { 'cleanup.policy': 'compact' } },
  ]);
  append(broker, 'orders', 0, [{ key: 'alice', value: '{"id":1}', timestamp: NOW - 12_000 }]);
  append(broker, 'orders', 2, [{ key: 'carol', value: '{"id":2}', timestamp: NOW - 12_000 }]);
  return dir;
}

const beck = (line: string, options: Surroundings) => run(line.split(' '), { now: NOW, ...options });

async function names(dir: string): Promise<string[]> {
  const { stdout } = await beck('topic list --json', { dataDir: dir });
  return (JSON.parse(stdout) as { topic: string }[]).map(({ topic }) => topic);
}

describe('topic create', () => {
  it('is silent in a pipe, and says on a terminal what it made', async () => {
    const dir = tempDir();
    expect(await beck('topic create a', { dataDir: dir })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await beck('topic create b -p 3 -c retention.ms=3600000', { dataDir: dir, tty: true })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'b created: 3 partitions, kept for 1 h\n',
    });
    expect(await names(dir)).toEqual(['a', 'b']);
  });

  it('makes several or none, and names under --json what it made', async () => {
    const dir = dataDir();
    expect(await beck('topic create clicks orders', { dataDir: dir })).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('(TOPIC_ALREADY_EXISTS)'),
    });
    expect(await names(dir)).toEqual(['orders', 'users']);
    const { code, stdout } = await beck(
      'topic create clicks views clicks -c retention.ms=1h -c retention.bytes=1kB --json',
      { dataDir: dir },
    );
    expect(code).toBe(0);
    const id = expect.stringMatching(/^[\w-]{22}$/);
    const made = {
      id,
      partitions: 1,
      records: 0,
      size: 0,
      oldest: null,
      newest: null,
      kept: 3_600_000,
      keptSize: 1000,
      cleanupPolicy: ['delete'],
    };
    expect(JSON.parse(stdout)).toEqual([
      { topic: 'clicks', ...made },
      { topic: 'views', ...made },
    ]);
  });

  it('leaves what exists with --if-not-exists, and says so', async () => {
    const dir = dataDir();
    const ran = await beck('topic create orders clicks -p 5 --if-not-exists', { dataDir: dir, tty: true });
    expect(ran).toMatchObject({
      code: 0,
      stderr: 'clicks created: 5 partitions, kept for 7 d\norders exists already; left as it is\n',
    });
    expect(JSON.parse((await beck('topic list orders --json', { dataDir: dir })).stdout)).toMatchObject([
      { partitions: 3 },
    ]);
  });

  it('warns of configs that do nothing here', async () => {
    const ran = await beck('topic create t -c segment.ms=1d', { dataDir: tempDir(), tty: true });
    expect(ran.stderr).toBe('t created: 1 partition, kept for 7 d\nsegment.ms: kept, but without effect here\n');
  });

  it.each([
    ['topic create', 'TOPIC is missing (USAGE)'],
    ['topic create a/b', "'a/b' is no name for a topic: it contains '/' (INVALID_TOPIC_EXCEPTION)"],
    ['topic create t -p 0', 'a topic has 1 to 100 000 partitions; not 0 (INVALID_PARTITIONS)'],
    ['topic create t -c retention.ms', "-c wants key=value; not 'retention.ms' (USAGE)"],
    ['topic create t -c retention.ms=soon', "or a duration such as 7d; not 'soon' (INVALID_CONFIG)"],
    [
      'topic create t -c retentoin.ms=1',
      "there is no topic config 'retentoin.ms' (INVALID_CONFIG)\ndid you mean 'retention.ms'?",
    ],
  ])('%s is wrong usage', async (line, sentence) => {
    const dir = tempDir();
    expect(await beck(line, { dataDir: dir })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(await names(dir)).toEqual([]);
  });

  it('lists in its help every config, and what it does', async () => {
    const { stdout } = await beck('topic create --help', { tty: true, columns: 200 });
    expect(stdout).toContain('retention.ms = 604800000 (7 d): How long a record is kept');
    expect(stdout).toMatch(/without effect here:[^:]*segment\.bytes/);
  });
});

describe('topic list', () => {
  it('is a table on a terminal and tab-separated in a pipe', async () => {
    const dir = dataDir();
    expect((await beck('topic list', { dataDir: dir, tty: true })).stdout).toMatch(
      /^TOPIC {3}PARTITIONS {2}RECORDS {3}SIZE {2}OLDEST {2}NEWEST {2}KEPT\norders {11}3 {8}2 {2}\d+ B {4}12 s {4}12 s {2}1 h\nusers {12}1 {8}0 {4}0 B {7}– {7}– {2}latest per key\n$/,
    );
    const lines = (await beck('topic list', { dataDir: dir })).stdout.split('\n').map((line) => line.split('\t'));
    expect(lines.map(([topic, partitions]) => [topic, partitions])).toEqual([
      ['TOPIC', 'PARTITIONS'],
      ['orders', '3'],
      ['users', '1'],
      ['', undefined],
    ]);
    const narrow = (await beck('topic list', { dataDir: dir, tty: true, columns: 45 })).stdout;
    expect(narrow).toMatch(/^TOPIC +RECORDS +SIZE +KEPT\n/);
  });

  it('takes a regular expression for whole names', async () => {
    const dir = dataDir();
    expect(await beck('topic list ord --json', { dataDir: dir })).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(JSON.parse((await beck('topic list ord.* --json', { dataDir: dir })).stdout)).toMatchObject([
      { topic: 'orders', records: 2, oldest: NOW - 12_000, newest: NOW - 12_000 },
    ]);
    expect(await beck('topic list orders(', { dataDir: dir })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no regular expression'),
    });
  });

  itOnDataDir('creates nothing where there is nothing, and says how to begin', async () => {
    const dir = join(tempDir(), 'none');
    expect(await beck('topic list', { dataDir: dir, tty: true })).toMatchObject({
      code: 0,
      stderr: 'no topics yet; `beck topic create NAME` makes one\n',
    });
    expect(existsSync(dir)).toBe(false);
  });
});

describe('topic describe', () => {
  it('shows partitions and the configs that were changed', async () => {
    const { code, stdout } = await beck('topic describe orders', { dataDir: dataDir(), tty: true });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^orders: 3 partitions, 2 records, \d+ B\n\nPARTITION {2}START {2}END {2}RECORDS/);
    expect(stdout).toMatch(/\n {8}1 {6}0 {4}0 {8}0 {3}0 B {2}– {20}–\n/);
    expect(stdout).toMatch(/\nCONFIG +VALUE +DEFAULT\nretention\.ms {2}3600000 \(1 h\) {2}604800000 \(7 d\)\n$/);
  });

  it('has each topic in its JSON, exact, and every config when asked', async () => {
    const dir = dataDir();
    const [orders, users] = JSON.parse((await beck('topic describe orders users --json', { dataDir: dir })).stdout);
    const size = orders.partitionList[0].size;
    expect(orders).toMatchObject({
      topic: 'orders',
      partitions: 3,
      records: 2,
      kept: 3_600_000,
      cleanupPolicy: ['delete'],
    });
    expect(orders.partitionList[0]).toEqual({
      partition: 0,
      start: 0,
      end: 1,
      lastStable: 1,
      records: 1,
      size: expect.any(Number),
      oldest: NOW - 12_000,
      newest: NOW - 12_000,
    });
    expect(orders.partitionList[1]).toEqual({
      partition: 1,
      start: 0,
      end: 0,
      lastStable: 0,
      records: 0,
      size: 0,
      oldest: null,
      newest: null,
    });
    expect(orders.size).toBe(size + orders.partitionList[2].size);
    expect(orders.configs).toEqual([
      { config: 'retention.ms', value: 3_600_000, default: 604_800_000, meaning: expect.any(String) },
    ]);
    expect(users.configs).toMatchObject([{ config: 'cleanup.policy', value: 'compact', default: 'delete' }]);
    const [all] = JSON.parse((await beck('topic describe orders --all --json', { dataDir: dir })).stdout);
    expect(all.configs).toHaveLength(33);
  });

  it('names the topic that was meant', async () => {
    const ran = await beck('topic describe ordres', { dataDir: dataDir() });
    expect(ran).toMatchObject({
      code: 3,
      stdout: '',
      stderr:
        "there is no topic 'ordres' (UNKNOWN_TOPIC_OR_PARTITION)\ndid you mean 'orders'? `beck topic list` shows them all\n",
    });
  });

  it('offers a choice on a terminal, and asks nobody elsewhere', async () => {
    const dir = dataDir();
    const chosen = await beck('topic describe', { dataDir: dir, tty: true, answers: ['users'] });
    expect(chosen).toMatchObject({
      code: 0,
      asked: ['Which topic?'],
      stdout: expect.stringMatching(/^users: 1 partition, /),
    });
    expect(await beck('topic describe', { dataDir: dir })).toMatchObject({ code: 2, asked: [], stdout: '' });
  });
});

describe('topic alter', () => {
  it('changes configs and partitions, and shows what it is then', async () => {
    const dir = dataDir();
    const ran = await beck('topic alter orders -p 4 -c retention.bytes=1GB --unset retention.ms --json', {
      dataDir: dir,
    });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      topic: 'orders',
      partitions: 4,
      records: 2,
      kept: 604_800_000,
      keptSize: 1_000_000_000,
      configs: [{ config: 'retention.bytes' }],
    });
    const spoken = await beck('topic alter orders -p 5 -c flush.ms=1s', { dataDir: dir, tty: true });
    expect(spoken.stderr).toBe(
      'orders altered: 5 partitions, kept for 7 d and up to 1 GB a partition\na key may go to another partition from now on\nflush.ms: kept, but without effect here\n',
    );
  });

  it.each([
    ['topic alter orders', 2, '-p, -c or --unset must say what to change'],
    ['topic alter orders -p 2', 2, 'orders has 3 partitions; it cannot shrink to 2 (INVALID_PARTITIONS)'],
    ['topic alter orders -p 9 -c retention.ms=soon', 2, '(INVALID_CONFIG)'],
    ['topic alter orders --unset retention', 2, "there is no topic config 'retention'"],
    ['topic alter ordres -p 9', 3, "there is no topic 'ordres'"],
  ])('%s changes nothing and exits %d', async (line, code, sentence) => {
    const dir = dataDir();
    const before = (await beck('topic describe orders --json', { dataDir: dir })).stdout;
    expect(await beck(line, { dataDir: dir })).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect((await beck('topic describe orders --json', { dataDir: dir })).stdout).toBe(before);
  });
});

describe('topic delete', () => {
  it('wants --yes where it cannot ask', async () => {
    const dir = dataDir();
    expect(await beck('topic delete orders', { dataDir: dir })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes says that you mean it'),
    });
    expect(await names(dir)).toEqual(['orders', 'users']);
    expect(await beck('topic delete orders --yes', { dataDir: dir })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await names(dir)).toEqual(['users']);
  });

  it('asks on a terminal, naming what would go, and takes no for an answer', async () => {
    const dir = dataDir();
    const no = await beck('topic delete orders', { dataDir: dir, tty: true, answers: [false] });
    expect(no).toMatchObject({ code: 1, stderr: 'nothing was changed\n' });
    expect(no.asked).toEqual([expect.stringMatching(/^orders has 2 records \(\d+ B\)\. Delete it for good\?$/)]);
    expect(await names(dir)).toEqual(['orders', 'users']);
    const yes = await beck('topic delete orders users', { dataDir: dir, tty: true, answers: [true] });
    expect(yes.stderr).toMatch(/^orders deleted: 2 records, \d+ B\nusers deleted: 0 records, 0 B\n$/);
    expect(await names(dir)).toEqual([]);
  });

  it('deletes all or none', async () => {
    const dir = dataDir();
    expect(await beck('topic delete orders nosuch --yes', { dataDir: dir })).toMatchObject({ code: 3 });
    expect(await names(dir)).toEqual(['orders', 'users']);
  });

  it('takes regular expressions, which must match something', async () => {
    const dir = dataDir();
    expect(await beck('topic delete --regex order user --yes', { dataDir: dir })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("there is no topic 'order user'"),
    });
    const { stdout } = await beck('topic delete --regex ord.* use.* --yes --json', { dataDir: dir });
    expect(JSON.parse(stdout)).toMatchObject([
      { topic: 'orders', records: 2 },
      { topic: 'users', records: 0 },
    ]);
    expect(await names(dir)).toEqual([]);
  });

  it('shows with --dry-run exactly what would go, and asks nothing', async () => {
    const dir = dataDir();
    const dry = await beck('topic delete --regex o.* --dry-run', { dataDir: dir, tty: true });
    expect(dry).toMatchObject({
      code: 0,
      asked: [],
      stderr: expect.stringMatching(/^would free \d+ B; nothing was changed\n$/),
    });
    expect(dry.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['TOPIC', 'orders', '']);
    expect(JSON.parse((await beck('topic delete users --dry-run --json', { dataDir: dir })).stdout)).toMatchObject([
      { topic: 'users' },
    ]);
    expect(await names(dir)).toEqual(['orders', 'users']);
  });

  itOnDataDir('makes no data directory to look what would go', async () => {
    const nowhere = join(tempDir(), 'none');
    expect(await beck('topic delete orders --dry-run', { dataDir: nowhere })).toMatchObject({ code: 3 });
    expect(existsSync(nowhere)).toBe(false);
  });
});
