import { describe, expect, it } from 'vitest';
import { checkLog } from '../../src/log/check/check.ts';
import { sealChecksum } from '../../src/record/batch.ts';
import { NO_PATIENCE, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';
import { damage, pagesOf } from './damage.ts';
import { addPartition, COMPACT, checkAll, NOW, TestLog } from './test-log.ts';

/** Four batches at 0, 3, 5 and 6. */
function filled(): TestLog {
  const log = new TestLog(Store.nowhere(), 'orders');
  log.append([{ at: 5 }, { at: 9 }, { at: 7 }]);
  log.append([{ at: 6 }, { at: 6 }], 'gzip');
  log.append([{ at: 8 }], 'none', { producerId: 4, sequence: 0 });
  log.mark(4, true, 8);
  return log;
}

/** Changes the bytes of the batch at 0, and seals them again where the checksum is not the point. */
function tamper(log: TestLog, change: (blob: Buffer) => void, seal = true): void {
  const { seq, ...row } = log.rows.batches(log.id, 0, 1, 1)[0] as NonNullable<ReturnType<typeof log.rows.batchFrom>>;
  const data = Buffer.from(log.rows.data(seq) as Buffer);
  change(data);
  if (seal) sealChecksum(data);
  log.store.write(() => log.rows.rewrite(seq, { ...row, data }));
}

describe('a file in order', () => {
  it('has no problem, before and after everything that is lost', () => {
    const log = filled();
    expect(log.check()).toEqual([]);
    log.trim(1);
    log.compact(COMPACT, NOW);
    expect(log.check()).toEqual([]);
    log.trim(log.partition.nextOffset);
    expect(log.check()).toEqual([]);
    log.append([{}]);
    expect(log.check()).toEqual([]);
  });

  it('is counted', () => {
    const log = filled();
    const steps = [...checkLog(log.store)];
    expect(steps.at(-1)).toEqual({ done: log.partition.bytes, total: log.partition.bytes });
    const check = checkLog(log.store);
    for (let next = check.next(); ; next = check.next()) {
      if (next.done !== true) continue;
      expect(next.value).toEqual({ batches: 4, records: 6, bytes: log.partition.bytes, problems: [] });
      break;
    }
  });
});

const SET = (column: string, value: string | number, base = 3) =>
  `UPDATE batch SET ${column} = ${value} WHERE base = ${base}`;

const KNOWN = (batches: string) => `UPDATE producer_state SET batches = '${batches}'`;

describe('what is wrong is said in a sentence, with its place', () => {
  it.each([
    [SET('base', 2), 'orders 0 at 2: the batch overlaps the one before it, which ends at 2'],
    [SET('base', 2), 'orders 0 at 2: its row says base offset 2, the batch 3'],
    [SET('last', 5), 'orders 0 at 5: the batch overlaps the one before it, which ends at 5'],
    [SET('last', 5), 'orders 0 at 3: its row says last offset 5, the batch 4'],
    [SET('last', 2), 'orders 0 at 3: the batch ends at 2, before it begins'],
    [SET('last', 9, 6), "orders 0 at 6: the batch ends at 9, beyond the partition's end at 7"],
    [SET('bytes', 1, 0), 'orders 0 at 0: the batch has 88 bytes, its row says 1'],
    [SET('records', 7), 'orders 0 at 3: its row says number of records 7, the batch 2'],
    [SET('records', 7), 'orders 0: it is said to have 6 records, there are 11'],
    [SET('producer_id', 4), 'orders 0 at 3: its row says producer id 4, the batch -1'],
    [SET('attributes', 0), 'orders 0 at 3: its row says attributes 0, the batch 1'],
    [SET('base_timestamp', 1), 'orders 0 at 3: its row says base timestamp 1, the batch 6'],
    [SET('max_timestamp', 7), 'orders 0 at 3: its row says largest timestamp 7, the batch 6'],
    [SET('running_max', 6), 'orders 0 at 3: the running maximum of timestamps is 6, less than 9'],
    [SET('seq', 90), 'orders 0 at 5: the batch has number 3, but the one before it 90'],
    [SET('seq', 90, 6), 'batch 90 is newer than the last number given out, 4'],
    [SET('data', "x''", 0), 'orders 0 at 0: the batch has 0 bytes, its row says 88'],
    [SET('data', "'text'"), 'orders 0 at 3: the batch has no bytes'],
    ['DELETE FROM batch WHERE base = 3', 'orders 0 at 5: offsets 3 to 4 are missing'],
    ['DELETE FROM batch WHERE base = 0', 'orders 0 at 3: offsets 0 to 2 are missing'],
    ['DELETE FROM batch WHERE base = 6', 'orders 0: offsets 6 to 6 are missing at the end'],
    ['DELETE FROM batch', 'orders 0: offsets 0 to 6 are missing at the end'],
    ['UPDATE partition SET log_start = 4, records = 2', 'orders 0 at 0: the batch ends at 2, below the log start at 4'],
    ['UPDATE partition SET log_start = 8', 'orders 0: the log start is 8, the end 7'],
    ['UPDATE partition SET compacted_to = 8', 'orders 0: it is said to be compacted up to 8, beyond the end at 7'],
    ['UPDATE partition SET next_offset = 9', 'orders 0: offsets 7 to 8 are missing at the end'],
    ['UPDATE partition SET records = 5', 'orders 0: it is said to have 5 records, there are 6'],
    ['DELETE FROM batch WHERE base > 0', 'orders 0: it is said to have 6 records, there are 3'],
    [
      'DELETE FROM batch WHERE base > 0; UPDATE partition SET bytes = 5',
      'orders 0: it is said to have 5 bytes, there are 88',
    ],
    ['UPDATE partition SET max_timestamp = 5', 'orders 0: the largest timestamp is said to be 5, but there is 9'],
    ['UPDATE partition SET number = 2', 'topic orders has 1 partitions, numbered 2 to 2'],
    ['DELETE FROM partition', '4 batches belong to partition 1, which does not exist'],
    ['DELETE FROM partition', 'topic orders has no partition'],
    ['DELETE FROM topic', 'partition 0 belongs to topic 1, which does not exist'],
    ["INSERT INTO topic_config VALUES (9, 'a', 'b')", 'configs belong to topic 9, which does not exist'],
    ['INSERT INTO ongoing_txn VALUES (9, 1, 1)', 'transactions belong to partition 9, which does not exist'],
    ['INSERT INTO aborted_txn VALUES (9, 1, 1, 1)', 'transactions belong to partition 9, which does not exist'],
    [
      'INSERT INTO ongoing_txn VALUES (1, 3, 7)',
      'orders 0: a transaction of producer 3 begins at 7, beyond the end at 7',
    ],
    [
      'INSERT INTO ongoing_txn VALUES (1, 4, 5)',
      'orders 0: no transaction of producer 4 is open from 5 on, as is said',
    ],
    [
      'DELETE FROM batch WHERE base = 6',
      'orders 0: the transaction of producer 4 from 5 on has no end, and is not said to be open',
    ],
    [
      'INSERT INTO aborted_txn VALUES (1, 6, 5, 4)',
      'orders 0 at 6: the transaction was committed here, and is said to be aborted',
    ],
    [
      'INSERT INTO aborted_txn VALUES (1, 3, 3, 4)',
      'orders 0: a transaction of producer 4 is said to be aborted at 3, where no marker of it is',
    ],
    [
      KNOWN('[[0, 5, 5, -1]]'),
      'orders 0 at 5: producer 4 is said to have sent 0 to 5 in epoch 0, the batch says 0 to 0 in epoch 0',
    ],
    [KNOWN('[[0, 0, 9, -1]]'), 'orders 0: producer 4 is said to have written at 9, beyond the end at 7'],
    [KNOWN('[[0, 0, 1, -1]]'), 'orders 0: producer 4 has written at 5, and is said to have written at 1 last'],
    [KNOWN('nonsense'), 'orders 0: what is said of producer 4 makes no sense'],
    [KNOWN('[[0, 0]]'), 'orders 0: what is said of producer 4 makes no sense'],
    ['UPDATE producer_state SET epoch = -1', 'orders 0: what is said of producer 4 makes no sense'],
    [
      "INSERT INTO producer_state VALUES (9, 1, 0, '[]', 0)",
      'producers are known to partition 9, which does not exist',
    ],
  ])('%s', (sql, sentence) => {
    const log = filled();
    for (const statement of sql.split('; ')) log.store.prepare(statement).run();
    expect(log.check().map(({ what }) => what)).toContain(sentence);
    log.store.close();
  });

  it.each<[string, (blob: Buffer) => void, boolean, string]>([
    [
      'a flipped bit',
      (blob) => blob.writeUInt8(0x77, blob.length - 1),
      false,
      'the checksum of the batch does not match its bytes',
    ],
    ['another format', (blob) => blob.writeUInt8(1, 16), false, 'a batch of format 1; only 2 is understood'],
    ['a wrong length', (blob) => blob.writeInt32BE(70, 8), false, 'the batch says it has 82 bytes, there are 88'],
    ['too few records', (blob) => blob.writeInt32BE(2, 57), true, 'its row says number of records 3, the batch 2'],
    [
      'a wrong largest timestamp',
      (blob) => blob.writeUInt8(200, 42),
      true,
      'the batch says its largest timestamp is 200; it is 9',
    ],
    [
      'a gap where nothing was compacted',
      (blob) => blob.writeInt32BE(3, 23),
      true,
      'the batch has 3 records for 4 offsets, but was not compacted',
    ],
  ])('%s', (_, change, seal, sentence) => {
    const log = filled();
    tamper(log, change, seal);
    const [problem] = log.check().filter(({ what }) => what === `orders 0 at 0: ${sentence}`);
    expect(problem).toEqual({ what: `orders 0 at 0: ${sentence}`, topic: 'orders', partition: 0, offset: 0 });
  });

  it('a transaction that was aborted, and is not known to be', () => {
    const log = filled();
    log.append([{}], 'none', { producerId: 4, sequence: 1 });
    log.mark(4, false);
    expect(log.check()).toEqual([]);
    log.store.prepare('DELETE FROM aborted_txn').run();
    const sentence = 'orders 0 at 8: the transaction that begins at 7 was aborted here, and is not said to be';
    expect(log.check().map(({ what }) => what)).toEqual([sentence]);
  });

  it('a marker that ends nothing', () => {
    const log = filled();
    const { seq, ...row } = log.rows.batches(log.id, 6, 7, 1)[0] as NonNullable<ReturnType<typeof log.rows.batchFrom>>;
    const data = Buffer.from(log.rows.data(seq) as Buffer);
    const type = data.indexOf(Buffer.from([0, 0, 0, 1]), 61) + 3;
    data[type] = 7;
    log.store.write(() => log.rows.rewrite(seq, { ...row, data: sealChecksum(data) }));
    expect(log.check()[0]?.what).toBe('orders 0 at 6: a control record of type 7 ends no transaction');
  });

  it('a thousand sentences are enough', () => {
    const log = new TestLog(Store.nowhere(), 'orders');
    for (let i = 0; i < 1100; i++) log.append([{}]);
    log.store.prepare('UPDATE batch SET producer_id = 7').run();
    const problems = log.check();
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)?.what).toBe('and 100 more problems');
  });
});

describe('a file with pages that cannot be read', () => {
  it.each(['batch', 'sqlite_autoindex_batch_1'])('goes on behind them (%s)', (tree) => {
    const dir = tempDir();
    const log = new TestLog(Store.create(dir, { patience: NO_PATIENCE }), 'orders');
    const other = addPartition(log.store, 'users');
    for (let i = 0; i < 3000; i++) log.append([{ value: 'v'.repeat(50) }]);
    log.store.close();
    const leaves = pagesOf(dir, tree, 'leaf');
    damage(dir, [leaves[Math.floor(leaves.length / 2)] as number]);
    const store = Store.existing(dir, { patience: NO_PATIENCE }) as Store;
    const problems = checkAll(store);
    store.close();
    expect(other).toBe(2);
    expect(problems.filter(({ what }) => what.includes('cannot be'))).not.toEqual([]);
    expect(problems.length).toBeLessThan(400);
  });
});
