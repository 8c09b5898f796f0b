import { describe, expect, it } from 'vitest';
import { findCleanable, isCompactionDue } from '../../src/log/compaction/cleanable.ts';
import { KeyMap } from '../../src/log/compaction/key-map.ts';
import { ATTRIBUTE, readHeader } from '../../src/record/batch.ts';
import { CODECS } from '../../src/types.ts';
import { goldenBatches, goldenLines } from '../record/golden.ts';
import { COMPACT, config, NOW, type TestLog, testLog } from './test-log.ts';

const keys = (text: string) => [...text].map((key, i) => ({ key, value: `${key}${i}` }));
const lost = (superseded: number, tombstones = 0) => ({
  superseded: { records: superseded },
  tombstones: { records: tombstones },
});
const blobs = (log: TestLog) => log.rows.batches(log.id, 0, 1e9, 1e9).map(({ seq }) => log.rows.data(seq) as Buffer);

describe('compaction keeps the latest record of each key', () => {
  it.each(CODECS)('under the same offsets, base, last and seq (%s)', (codec) => {
    const log = testLog();
    log.append(keys('abcab'), codec);
    log.append(keys('c'), codec);
    const before = log.rows.batches(log.id, 0, 99, 99);
    const was = log.partition;
    const compaction = log.compact(COMPACT, NOW);
    expect(compaction.lost).toMatchObject(lost(3));
    expect(log.seen().map(({ offset, value }) => [offset, value])).toEqual([
      [3, 'a3'],
      [4, 'b4'],
      [5, 'c0'],
    ]);
    expect(log.partition).toMatchObject({
      logStart: 0,
      nextOffset: 6,
      compactedTo: 6,
      records: 3,
      bytes: was.bytes - compaction.lost.superseded.bytes,
    });
    expect(log.rows.batches(log.id, 0, 99, 99).map(({ seq, base, last }) => [seq, base, last])).toEqual(
      before.map(({ seq, base, last }) => [seq, base, last]),
    );
    expect(readHeader(blobs(log)[0] as Buffer).codec).toBe(codec);
  });

  it('a batch that becomes empty goes; its offsets are not used again', () => {
    const log = testLog();
    log.append(keys('ab'));
    log.append(keys('ab'));
    log.append([
      { key: 'a', value: null },
      { key: 'b', value: null },
    ]);
    log.compact(COMPACT, NOW);
    expect(log.rows.batches(log.id, 0, 99, 99)).toHaveLength(1);
    log.compact(COMPACT, NOW + COMPACT.deleteRetentionMs);
    expect(log.partition).toMatchObject({ nextOffset: 6, records: 0, bytes: 0, maxTimestamp: -1 });
    expect(log.append(keys('c'))).toBe(6);
  });

  it('long keys, keys that begin alike, an empty key: each is its own', () => {
    const log = testLog();
    const long = [
      '',
      'x'.repeat(16),
      'x'.repeat(17),
      `${'x'.repeat(16)}y`,
      `${'x'.repeat(300)}1`,
      `${'x'.repeat(300)}2`,
    ];
    log.append(long.map((key) => ({ key })));
    log.append(long.map((key) => ({ key })));
    log.compact(COMPACT, NOW);
    expect(log.offsets()).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it('records without a key go: the topic was not compacted when they came', () => {
    const log = testLog();
    log.append([{ key: null }, { key: 'a' }, { key: null }]);
    expect(log.compact(COMPACT, NOW).lost).toMatchObject(lost(2));
    expect(log.offsets()).toEqual([1]);
  });

  it('a topic that is not compacted is left alone', () => {
    const log = testLog();
    log.append(keys('aa'));
    expect(log.compact(config({}), NOW).next).toBe('done');
    expect(log.offsets()).toEqual([0, 1]);
  });

  it('a second time there is nothing to do', () => {
    const log = testLog();
    log.append(keys('abcab'));
    log.compact(COMPACT, NOW);
    const before = blobs(log);
    expect(log.compact(COMPACT, NOW).lost).toMatchObject(lost(0));
    expect(blobs(log)).toEqual(before);
  });

  it('keeps the order of running maxima when the largest timestamp goes', () => {
    const log = testLog();
    log.append([
      { key: 'a', at: 900 },
      { key: 'b', at: 1 },
    ]);
    log.append([{ key: 'c', at: 2 }]);
    log.append([{ key: 'a', at: 3 }]);
    log.append([{ key: 'd', at: 4 }]);
    log.compact(COMPACT, NOW);
    expect(log.rows.batches(log.id, 0, 99, 99).map((row) => row.runningMax)).toEqual([1, 2, 3, 4]);
    expect(log.partition.maxTimestamp).toBe(4);
  });

  it('does not count what lies below the log start', () => {
    const log = testLog();
    log.append(keys('aabb'));
    log.trim(1);
    expect(log.compact(COMPACT, NOW).lost).toMatchObject(lost(1));
    expect(log.partition.records).toBe(2);
  });

  it('never gives a damaged batch a new checksum', () => {
    const log = testLog();
    log.append(keys('aab'));
    const [row] = log.rows.batches(log.id, 0, 99, 1);
    const blob = Buffer.from(blobs(log)[0] as Buffer);
    blob[blob.length - 2] = 0x7a;
    log.store.write(() => log.rows.rewrite(row?.seq ?? 0, { ...(row as NonNullable<typeof row>), data: blob }));
    expect(() => log.compact(COMPACT, NOW)).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }));
    log.trim(3);
  });
});

describe('tombstones', () => {
  const { deleteRetentionMs } = COMPACT;

  it('stay for delete.retention.ms after they were first cleaned, to the millisecond (KIP-534)', () => {
    const log = testLog();
    log.append([{ key: 'a' }, { key: 'b' }]);
    log.append([{ key: 'a', value: null }]);
    expect(log.compact(COMPACT, NOW).lost).toMatchObject(lost(1, 0));
    expect(readHeader(blobs(log)[1] as Buffer)).toMatchObject({
      deleteHorizon: true,
      baseTimestamp: NOW + deleteRetentionMs,
    });
    expect(log.compact(COMPACT, NOW + deleteRetentionMs - 1).lost).toMatchObject(lost(0, 0));
    expect(log.offsets()).toEqual([1, 2]);
    expect(log.compact(COMPACT, NOW + deleteRetentionMs).lost).toMatchObject(lost(0, 1));
    expect(log.offsets()).toEqual([1]);
  });

  it('a horizon, once set, is not moved; an endless delete.retention.ms keeps them', () => {
    const log = testLog();
    log.append([{ key: 'a', value: null }]);
    log.compact(config({ cleanupPolicy: ['compact'], deleteRetentionMs: 2 ** 63 }), NOW);
    log.compact(COMPACT, NOW * 1000);
    expect(log.seen()).toEqual([{ offset: 0, key: 'a', value: null, at: NOW }]);
  });

  it('a value after a tombstone brings the key back', () => {
    const log = testLog();
    log.append([{ key: 'a', value: null }]);
    log.append([{ key: 'a', value: 'again' }]);
    log.compact(COMPACT, NOW);
    expect(log.seen().map(({ value }) => value)).toEqual(['again']);
  });
});

describe('transactions', () => {
  it('records of an aborted one go, and supersede nothing', () => {
    const log = testLog();
    log.append(keys('a'));
    log.append(keys('a'), 'none', { producerId: 5, sequence: 0 });
    log.mark(5, false);
    log.append(keys('b'), 'none', { producerId: 5, sequence: 1 });
    log.mark(5, true);
    log.compact(COMPACT, NOW);
    expect(log.offsets()).toEqual([0, 3]);
    expect(log.partition.records).toBe(2);
  });

  it('nothing from an open one on is touched', () => {
    const log = testLog();
    log.append(keys('aa'));
    log.append(keys('b'), 'none', { producerId: 5, sequence: 0 });
    log.append(keys('ab'));
    log.compact(COMPACT, NOW);
    expect(log.partition.compactedTo).toBe(2);
    expect(log.offsets()).toEqual([1, 2, 3, 4]);
    log.mark(5, true);
    log.compact(COMPACT, NOW);
    expect(log.offsets()).toEqual([3, 4]);
  });

  it('a marker stays as long as its records and its horizon; then the abort is forgotten with it', () => {
    const log = testLog();
    log.append(keys('a'), 'none', { producerId: 5, sequence: 0 });
    log.mark(5, false);
    log.append(keys('b'), 'none', { producerId: 6, sequence: 0 });
    log.mark(6, true);
    const bases = () => log.rows.batches(log.id, 0, 99, 99).map(({ base }) => base);
    log.compact(COMPACT, NOW);
    expect(bases()).toEqual([1, 2, 3]);
    expect(log.rows.producers.isAborted(log.id, 0, 5)).toBe(true);
    log.compact(COMPACT, NOW + 1);
    expect(readHeader(blobs(log)[0] as Buffer)).toMatchObject({
      deleteHorizon: true,
      control: true,
      baseTimestamp: NOW + 1 + COMPACT.deleteRetentionMs,
    });
    expect(log.rows.producers.isAborted(log.id, 0, 5)).toBe(false);
    log.compact(COMPACT, NOW + 1 + COMPACT.deleteRetentionMs);
    expect(bases()).toEqual([2, 3]);
    expect(log.partition.nextOffset).toBe(4);
  });
});

describe('what is cleanable', () => {
  it('min.compaction.lag.ms: up to the first batch with a younger record', () => {
    const log = testLog();
    const lagging = config({ cleanupPolicy: ['compact'], minCompactionLagMs: 100 });
    log.append([
      { key: 'a', at: NOW - 101 },
      { key: 'a', at: NOW - 100 },
    ]);
    log.append([{ key: 'a', at: NOW - 99 }]);
    log.append([{ key: 'a', at: NOW - 500 }]);
    expect(findCleanable(log.rows, log.partition, lagging, NOW)).toMatchObject({ from: 0, until: 2 });
    log.compact(lagging, NOW);
    expect(log.offsets()).toEqual([1, 2, 3]);
    log.compact(lagging, NOW + 1);
    expect(log.offsets()).toEqual([3]);
  });

  it('is due when more than min.cleanable.dirty.ratio of the log is dirty', () => {
    const log = testLog();
    const due = (minCleanableDirtyRatio: number) => {
      const by = config({ cleanupPolicy: ['compact'], minCleanableDirtyRatio });
      return isCompactionDue(by, findCleanable(log.rows, log.partition, by, NOW), NOW);
    };
    expect(due(0)).toBe(false);
    log.append(keys('a'));
    log.append(keys('b'));
    log.append(keys('c'));
    log.compact(COMPACT, NOW);
    expect(due(0)).toBe(false);
    log.append(keys('d'));
    expect([due(0), due(0.24), due(0.25), due(0.5)]).toEqual([true, true, false, false]);
  });

  it('is due when a record has waited for more than max.compaction.lag.ms', () => {
    const log = testLog();
    const by = config({ cleanupPolicy: ['compact'], minCleanableDirtyRatio: 1, maxCompactionLagMs: 50 });
    log.append([{ key: 'a', at: NOW }]);
    const due = (now: number) => isCompactionDue(by, findCleanable(log.rows, log.partition, by, now), now);
    expect([due(NOW + 50), due(NOW + 51)]).toEqual([false, true]);
  });
});

describe('rounds and steps', () => {
  const many = (log: TestLog) => {
    for (let i = 0; i < 40; i++)
      log.append([{ key: `k${i % 13}` }, { key: `m${i % 7}`, value: i % 3 === 0 ? null : `${i}` }]);
  };

  it('more keys than fit the map take several rounds, with the same result', () => {
    const [one, several] = [testLog(), testLog()];
    many(one);
    many(several);
    const inOne = one.compact(COMPACT, NOW);
    const inSeveral = several.compact(COMPACT, NOW, { maxKeys: 3, sliceBytes: 500 });
    expect(inSeveral.lost).toMatchObject(lost(inOne.lost.superseded.records));
    expect(several.seen()).toEqual(one.seen());
  });

  it.each([1000, 3])('a dry run says exactly what would go, and changes nothing (%i keys a round)', (maxKeys) => {
    const log = testLog();
    many(log);
    const before = { blobs: blobs(log), partition: log.partition };
    const dry = log.compact(COMPACT, NOW, { dryRun: true, maxKeys, sliceBytes: 500 });
    expect({ blobs: blobs(log), partition: log.partition }).toEqual(before);
    const wet = log.compact(COMPACT, NOW, { sliceBytes: 500 });
    expect(dry.lost).toEqual(wet.lost);
    expect(log.partition.bytes).toBe(before.partition.bytes - wet.lost.superseded.bytes - wet.lost.tombstones.bytes);
    const later = NOW + COMPACT.deleteRetentionMs;
    expect(log.compact(COMPACT, later, { dryRun: true, maxKeys }).lost).toEqual(log.compact(COMPACT, later).lost);
  });

  it('judges again when the batches have changed meanwhile', () => {
    const log = testLog();
    many(log);
    const first = log.compact(COMPACT, NOW, { sliceBytes: 1 << 20 }, 3);
    expect(first.next).toBe('write');
    log.trim(11);
    log.compact(COMPACT, NOW);
    while (first.next !== 'done') log.step(first);
    expect(first.lost).toMatchObject(lost(0));
  });

  it('ends when the partition has gone', () => {
    const log = testLog();
    many(log);
    const compaction = log.compact(COMPACT, NOW, { sliceBytes: 100 }, 2);
    log.store.write(() => log.rows.drop(log.id));
    log.store.prepare('DELETE FROM partition').run();
    log.store.prepare('DELETE FROM topic').run();
    log.step(compaction);
    expect(compaction.next).toBe('done');
  });

  it('says how far it is', () => {
    const log = testLog();
    many(log);
    const compaction = log.compact(COMPACT, NOW, { sliceBytes: 500 }, 1);
    expect(compaction.progress.done).toBeGreaterThan(0);
    while (compaction.next !== 'done') log.step(compaction);
    expect(compaction.progress.done).toBe(compaction.progress.total);
  });
});

describe('what a real Kafka has compacted', () => {
  const golden = () => {
    const log = testLog();
    for (const blob of goldenBatches('compacted')) log.place(blob, readHeader(blob).lastOffset + 1);
    return log;
  };
  const expected = goldenLines<{ offset: number; key: string; value: string | null; timestamp: number }>('compacted');

  it('is in order, and left alone until its horizon', () => {
    const log = golden();
    const before = blobs(log);
    const horizon = readHeader(before[1] as Buffer);
    expect(horizon.attributes & ATTRIBUTE.deleteHorizon).not.toBe(0);
    log.store.prepare('UPDATE partition SET compacted_to = 0').run();
    expect(log.compact(COMPACT, horizon.baseTimestamp - 1).lost).toMatchObject(lost(0, 0));
    expect(blobs(log)).toEqual(before);
    expect(log.seen()).toEqual(
      expected.map(({ offset, key, value, timestamp }) => ({ offset, key, value, at: timestamp })),
    );
  });

  it('loses its tombstone at the horizon, and what gets a newer record', () => {
    const log = golden();
    const horizon = readHeader(blobs(log)[1] as Buffer).baseTimestamp;
    log.append([{ key: 'key1', value: 'newer' }]);
    expect(log.compact(COMPACT, horizon).lost).toMatchObject(lost(1, 1));
    expect(log.offsets()).toEqual([10, 13, 15, 16, 18, 19]);
  });
});

describe('the map of keys', () => {
  it('grows, and knows each key by its bytes', () => {
    const map = new KeyMap();
    const key = (i: number) => Buffer.from(i % 2 === 0 ? `k${i}` : `a key of more than sixteen bytes ${i}`);
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 20_000; i++) map.put(key(i), 0, key(i).length, round * 20_000 + i);
    expect(map.size).toBe(20_000);
    for (let i = 0; i < 20_000; i++) expect(map.get(key(i), 0, key(i).length)).toBe(20_000 + i);
    expect(map.get(Buffer.from('k'), 0, 1)).toBe(-1);
    expect(map.get(Buffer.from('k0\0'), 0, 3)).toBe(-1);
  });
});
