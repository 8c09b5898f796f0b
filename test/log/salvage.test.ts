import { describe, expect, it } from 'vitest';
import { LogRows } from '../../src/log/rows.ts';
import { type Salvage, salvageLog } from '../../src/log/salvage/salvage.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';
import { damage, pagesOf } from './damage.ts';
import { addPartition, COMPACT, checkAll, NOW, TestLog } from './test-log.ts';

const open = (dir: string) => Store.existing(dir, { patience: NO_PATIENCE }) as Store;

/** Orders 0 and 1 and users 0, in turns; `each` batches, the value as given. */
function fill(dir: string, batches: number, value: (i: number) => string): void {
  const store = Store.create(dir, { patience: NO_PATIENCE });
  const log = new TestLog(store, 'orders');
  const others = [addPartition(store, 'orders'), addPartition(store, 'users')].map((id) =>
    Object.assign(Object.create(TestLog.prototype) as TestLog, { store, rows: log.rows, id }),
  );
  store.prepare("INSERT INTO topic_config VALUES (1, 'retention.ms', '5')").run();
  for (let i = 0; i < batches; i++)
    for (const one of [log, ...others]) one.append([{ key: `${i}`, value: value(i) }, { value: 'second' }]);
  store.close();
}

function salvage(dir: string): { report: Salvage; target: Store } {
  const [source, target] = [open(dir), Store.create(tempDir(), { patience: NO_PATIENCE })];
  const steps = salvageLog(source, target);
  for (;;) {
    const { done, value } = steps.next();
    if (done !== true) continue;
    source.close();
    expect(checkAll(target)).toEqual([]);
    expect(target.integrityProblems()).toEqual([]);
    return { report: value, target };
  }
}

const TABLES = ['topic', 'topic_config', 'partition', 'ongoing_txn', 'aborted_txn', 'batch', 'sqlite_sequence'];
const contents = (store: Store) => TABLES.map((table) => store.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all());

/** What is there and what is said to be missing is all there was: 2 × `batches` offsets in each partition. */
function expectAllAccountedFor({ report, target }: ReturnType<typeof salvage>, batches: number): void {
  const rows = new LogRows(target);
  for (const [id, topic, partition] of [
    [1, 'orders', 0],
    [2, 'orders', 1],
    [3, 'users', 0],
  ] as const) {
    const lost = report.gaps
      .filter((gap) => gap.topic === topic && gap.partition === partition)
      .reduce((sum, { from, until }) => sum + until - from, 0);
    expect(rows.partition(id)).toMatchObject({ nextOffset: 2 * batches, records: 2 * batches - lost });
  }
}

describe('salvage', () => {
  it('of a file in order is a copy of it: offsets, numbers, names, configs, transactions', () => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    for (const key of ['a', 'b', 'a', 'c']) log.append([{ key }, { key: 'z' }]);
    log.append([{ key: 'q' }], 'none', { producerId: 3, sequence: 0 });
    log.mark(3, false);
    log.compact(COMPACT, NOW);
    log.trim(1);
    log.append([{ key: 'd' }], 'gzip', { producerId: 3, sequence: 1 });
    log.mark(3, true);
    const before = contents(log.store);
    log.store.close();
    const { report, target } = salvage(dir);
    expect(contents(target)).toEqual(before);
    expect(report).toEqual({ topics: 1, records: recordsIn(before), gaps: [], unread: [] });
  });

  it('aborts what was open, and gives no producer id again', () => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    log.append([{ key: 'a' }]);
    log.append([{ key: 'open' }], 'none', { producerId: 41, sequence: 0 });
    log.append([{ key: 'b' }]);
    log.store.close();
    const { target } = salvage(dir);
    const rows = new LogRows(target);
    expect(rows.partition(1)).toMatchObject({ nextOffset: 4, lastStable: 4 });
    expect(rows.producers.isAborted(1, 1, 41)).toBe(true);
    expect(rows.producers.of(1)).toEqual([]);
    expect(target.prepare('SELECT next FROM producer_counter').get()).toEqual({ next: 42 });
  });

  it('a lost marker leaves what was committed committed', () => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    log.append([{ key: 'a' }], 'none', { producerId: 3, sequence: 0 });
    log.mark(3, true);
    log.append([{ key: 'b' }], 'none', { producerId: 3, sequence: 1 });
    log.mark(3, false);
    log.store.prepare('UPDATE batch SET data = zeroblob(length(data)) WHERE base IN (1, 3)').run();
    log.store.close();
    const { target } = salvage(dir);
    const rows = new LogRows(target);
    expect([rows.producers.isAborted(1, 0, 3), rows.producers.isAborted(1, 2, 3)]).toEqual([false, true]);
    expect(rows.partition(1)).toMatchObject({ lastStable: 4, nextOffset: 4 });
  });

  it('leaves out batches whose checksum is wrong, and says which offsets they had', () => {
    const dir = tempDir();
    fill(dir, 10, () => 'v');
    const store = open(dir);
    store
      .prepare(
        "UPDATE batch SET data = CAST(substr(data, 1, length(data) - 1) || x'7f' AS BLOB) WHERE partition = 2 AND base IN (4, 6, 18)",
      )
      .run();
    store.close();
    const { report, target } = salvage(dir);
    expect(report).toEqual({
      topics: 2,
      records: 54,
      gaps: [
        { topic: 'orders', partition: 1, from: 4, until: 8 },
        { topic: 'orders', partition: 1, from: 18, until: 20 },
      ],
      unread: [],
    });
    expect(new LogRows(target).partition(2)).toMatchObject({ nextOffset: 20, compactedTo: 20, records: 14 });
  });

  it('believes two of three about a base offset, which no checksum covers', () => {
    const dir = tempDir();
    fill(dir, 4, () => 'v');
    const store = open(dir);
    store
      .prepare(
        "UPDATE batch SET data = CAST(x'00000000000000ff' || substr(data, 9) AS BLOB) WHERE partition = 1 AND base = 2",
      )
      .run();
    store.prepare('UPDATE batch SET last = 90 WHERE partition = 2 AND base = 2').run();
    store.prepare('UPDATE batch SET base = 90 WHERE partition = 3 AND base = 2').run();
    store.close();
    const { report } = salvage(dir);
    expect(report).toMatchObject({ records: 24, gaps: [] });
  });

  it.each([
    ['batch', 'leaf', 3],
    ['batch', 'overflow', 5],
    ['batch_time', 'leaf', 1],
    ['sqlite_autoindex_batch_1', 'leaf', 1],
  ] as const)('steps over pages of %s (%s) that cannot be read', (tree, type, count) => {
    const dir = tempDir();
    const batches = 250;
    fill(dir, batches, (i) => `${i}`.repeat(i % 50 === 0 ? 20_000 : 20));
    const pages = pagesOf(dir, tree, type);
    expect(pages.length).toBeGreaterThanOrEqual(count);
    const every = Math.floor(pages.length / count);
    damage(
      dir,
      Array.from({ length: count }, (_, i) => pages[i * every + Math.floor(every / 2)] as number),
    );
    const salvaged = salvage(dir);
    expectAllAccountedFor(salvaged, batches);
    expect(salvaged.report.gaps.length > 0).toBe(tree === 'batch');
    expect(salvaged.report.records).toBeGreaterThan(batches);
  });

  it('finds the batches before a last page that cannot be read', () => {
    const dir = tempDir();
    fill(dir, 250, () => 'v');
    damage(dir, pagesOf(dir, 'batch', 'leaf').slice(-1));
    expectAllAccountedFor(salvage(dir), 250);
  });

  it.each([
    ['topic', ['recovered-1', 'recovered-3']],
    ['partition', ['recovered-partition-1', 'recovered-partition-2', 'recovered-partition-3']],
  ])('names what has lost its row in %s', (table, names) => {
    const dir = tempDir();
    fill(dir, 5, () => 'v');
    damage(dir, pagesOf(dir, table, 'leaf'));
    const { report, target } = salvage(dir);
    expect(report).toMatchObject({ records: 30, gaps: [], topics: names.length });
    expect(target.prepare('SELECT name FROM topic ORDER BY name').all()).toEqual(names.map((name) => ({ name })));
  });

  it('a partition missing between its neighbours comes back empty', () => {
    const dir = tempDir();
    fill(dir, 5, () => 'v');
    const store = open(dir);
    store.prepare('DELETE FROM partition WHERE id = 1').run();
    store.close();
    const { report, target } = salvage(dir);
    expect(report).toMatchObject({ records: 30, topics: 3 });
    expect(
      target
        .prepare(
          "SELECT number FROM partition WHERE topic = (SELECT id FROM topic WHERE name = 'orders') ORDER BY number",
        )
        .all(),
    ).toEqual([{ number: 0 }, { number: 1 }]);
  });

  it.each(['ongoing_txn', 'aborted_txn'])('makes %s again from the batches', (table) => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    log.append([{}], 'none', { producerId: 3, sequence: 0 });
    log.append([{}], 'none', { producerId: 4, sequence: 0 });
    log.mark(3, false);
    log.mark(4, true);
    log.append([{}], 'none', { producerId: 5, sequence: 0 });
    log.store.close();
    const wanted = contents(salvage(dir).target);
    damage(dir, pagesOf(dir, table, 'leaf'));
    const { target } = salvage(dir);
    expect(contents(target)).toEqual(wanted);
    const { producers } = new LogRows(target);
    const aborted = [3, 4, 5].filter((id, i) => producers.isAborted(1, [0, 1, 4][i] as number, id));
    expect(aborted).toEqual([3, 5]);
  });

  it('tells what compaction took from what damage took', () => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    for (let i = 0; i < 40; i++) log.append([{ key: `${i % 10 === 0 ? i : 'same'}` }]);
    log.compact(COMPACT, NOW);
    log.store.prepare("UPDATE batch SET data = x'00' WHERE base = 20").run();
    log.store.close();
    expect(salvage(dir).report.gaps).toEqual([{ topic: 'orders', partition: 0, from: 11, until: 30 }]);
  });

  it('a log start above a whole batch is damage, too', () => {
    const dir = tempDir();
    fill(dir, 5, () => 'v');
    const store = open(dir);
    store.prepare('UPDATE partition SET log_start = 9 WHERE id = 1').run();
    store.close();
    expect(salvage(dir).report).toMatchObject({ records: 30, gaps: [] });
  });
});

function recordsIn(tables: unknown[][]): number {
  return (tables[TABLES.indexOf('partition')] as { records: number }[]).reduce((sum, { records }) => sum + records, 0);
}
