import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRetention, planSize, planTime, planTrim } from '../../src/log/retention.ts';
import { staleFrom } from '../../src/log/running-max.ts';
import { Trim } from '../../src/log/trim.ts';
import { COMPACT, config, NOW, type TestLog, testLog } from './test-log.ts';

const HOUR = 3_600_000;
const timely = config({ retentionMs: HOUR });
const newStart = (log: TestLog, now: number) =>
  planTime(log.rows, log.partition, timely, now)?.newStart ?? log.partition.logStart;

describe('retention by time', () => {
  it.each([
    [HOUR - 1, 0],
    [HOUR, 0],
    [HOUR + 1, 1],
  ])('a record that is %i ms old under a limit of an hour: log start %i', (age, expected) => {
    const log = testLog();
    log.append([{ at: NOW - age }, { at: NOW }]);
    expect(newStart(log, NOW)).toBe(expected);
  });

  it('works inside a batch, which goes when all of it is behind', () => {
    const log = testLog();
    log.append([{ at: 1 }, { at: 2 }, { at: 3 }]);
    log.append([{ at: 4 }]);
    expect(log.retain(timely, HOUR + 3)).toMatchObject([
      { why: 'time', limit: HOUR, start: 0, newStart: 2, records: 2, bytes: 0 },
    ]);
    expect(log.offsets()).toEqual([2, 3]);
    const { bytes } = log.partition;
    const [plan] = log.retain(timely, HOUR + 4);
    expect(plan).toMatchObject({ start: 2, newStart: 3, records: 1 });
    expect(log.partition).toMatchObject({ logStart: 3, records: 1, bytes: bytes - (plan?.bytes ?? 0) });
  });

  it('takes everything, and the end stays where it was', () => {
    const log = testLog();
    log.append([{ at: 1 }, { at: 2 }]);
    log.retain(timely, NOW);
    expect(log.partition).toMatchObject({ logStart: 2, nextOffset: 2, records: 0, bytes: 0, maxTimestamp: -1 });
    expect(log.append([{ at: NOW }])).toBe(2);
  });

  it('a negative retention.ms is for ever, and a topic that is only compacted keeps by keys', () => {
    const log = testLog();
    log.append([{ at: 0 }]);
    expect(planTime(log.rows, log.partition, config({ retentionMs: -1 }), NOW)).toBeNull();
    expect(planRetention(log.rows, log.partition, config({ cleanupPolicy: ['compact'], retentionMs: 1 }), NOW)).toEqual(
      [],
    );
  });

  it('an old record behind a young one stays', () => {
    const log = testLog();
    log.append([{ at: NOW }]);
    log.append([{ at: 1 }]);
    expect(newStart(log, NOW)).toBe(0);
  });

  it('stops at the last stable offset', () => {
    const log = testLog();
    log.append([{ at: 1 }]);
    log.append([{ at: 2 }], 'none', { producerId: 7, sequence: 0 });
    log.append([{ at: 3 }]);
    expect(newStart(log, NOW)).toBe(1);
    log.mark(7, true, 4);
    expect(newStart(log, NOW)).toBe(4);
  });

  it('a far-future timestamp holds back what follows only as long as it is there', () => {
    const log = testLog();
    log.append([{ at: 1 }, { at: NOW * 2 }]);
    for (let at = 10; at < 20; at++) log.append([{ at }]);
    expect(newStart(log, NOW)).toBe(1);
    log.trim(2);
    expect(log.partition.maxTimestamp).toBe(19);
    expect(log.rows.batches(log.id, 0, 99, 99).map((row) => row.runningMax)).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
    expect(newStart(log, HOUR + 15)).toBe(7);
  });

  it('the far future in the head of a batch, below the log start, holds nothing back', () => {
    const log = testLog();
    log.append([{ at: NOW * 2 }, { at: 1 }]);
    log.append([{ at: 2 }]);
    log.append([{ at: 3 }]);
    log.trim(1);
    expect(newStart(log, HOUR + 3)).toBe(3);
  });

  it('goes on where the repair of stale maxima was cut short', () => {
    const log = testLog();
    log.append([{ at: NOW * 2 }]);
    for (let at = 10; at < 20; at++) log.append([{ at }]);
    const { id, rows, store } = log;
    store.write(() => rows.removeBelow(id, 1));
    const { bytes, records } = rows.sumBetween(id, 0, 99);
    store.write(() => rows.keep({ ...log.partition, logStart: 1, bytes, records }));
    store.write(() => rows.setRunningMax(rows.batches(id, 0, 99, 1)[0]?.seq ?? 0, 10));
    expect(staleFrom(rows, id)).toBe(2);
    expect(newStart(log, HOUR + 15)).toBe(6);
    log.trim(0);
    expect(staleFrom(rows, id)).toBeUndefined();
    expect(log.partition.maxTimestamp).toBe(19);
  });

  it('finds the same offset as looking at every record, whatever the order of times', () => {
    const times = fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({ min: 0, max: 61 }), { minLength: 1, maxLength: 4 }),
        (batches, cutoffs) => {
          const log = testLog();
          for (const batch of batches) log.append(batch.map((at) => ({ at })));
          for (const cutoff of cutoffs.sort((a, b) => a - b)) {
            const kept = log.seen().find(({ at }) => at >= cutoff)?.offset ?? log.partition.nextOffset;
            const { records } = log.partition;
            log.retain(timely, HOUR + cutoff);
            expect(log.partition).toMatchObject({ logStart: kept, records: log.seen().length });
            expect(log.partition.records).toBeLessThanOrEqual(records);
            expect(log.check()).toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('retention by size', () => {
  it('removes whole batches while the rest is at least retention.bytes', () => {
    const log = testLog();
    for (let i = 0; i < 4; i++) log.append([{}, {}]);
    const one = log.partition.bytes / 4;
    const starts = [4 * one, 4 * one - 1, 3 * one + 1, 3 * one, 3 * one - 1, one, 0].map(
      (retentionBytes) => planSize(log.rows, log.partition, config({ retentionBytes }))?.newStart ?? 0,
    );
    expect(starts).toEqual([0, 0, 0, 2, 2, 6, 8]);
    expect(planSize(log.rows, log.partition, config({ retentionBytes: -1 }))).toBeNull();
    expect(log.retain(config({ retentionBytes: 2 * one }), NOW)).toEqual([
      { why: 'size', limit: 2 * one, start: 0, newStart: 4, records: 4, bytes: 2 * one },
    ]);
  });

  it('stops at the last stable offset', () => {
    const log = testLog();
    log.append([{}]);
    log.append([{}], 'none', { producerId: 7, sequence: 0 });
    expect(planSize(log.rows, log.partition, config({ retentionBytes: 0 }))).toMatchObject({ newStart: 1 });
    log.mark(7, true);
  });

  it('counts what time has left', () => {
    const log = testLog();
    for (let at = 0; at < 6; at++) log.append([{ at }]);
    const one = log.partition.bytes / 6;
    const plans = log.retain(config({ retentionMs: 10, retentionBytes: 2 * one }), 12);
    expect(
      plans.map(({ why, start, newStart, records, bytes }) => [why, start, newStart, records, bytes / one]),
    ).toEqual([
      ['time', 0, 2, 2, 2],
      ['size', 2, 4, 2, 2],
    ]);
  });
});

describe('trim', () => {
  it('moves the log start to the offset, within a batch too; never back', () => {
    const log = testLog();
    log.append([{}, {}, {}]);
    log.append([{}, {}]);
    expect(planTrim(log.rows, 't', log.partition, config({}), 4)).toMatchObject({
      why: 'trim',
      limit: 4,
      start: 0,
      newStart: 4,
      records: 4,
    });
    log.trim(4);
    expect(log.offsets()).toEqual([4]);
    expect(planTrim(log.rows, 't', log.partition, config({}), 3)).toBeNull();
    log.trim(3);
    expect(log.partition.logStart).toBe(4);
  });

  it('beyond the end is out of range; a topic that is only compacted refuses', () => {
    const log = testLog();
    log.append([{}]);
    expect(() => planTrim(log.rows, 't', log.partition, config({}), 2)).toThrow(
      expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }),
    );
    expect(() => planTrim(log.rows, 't', log.partition, COMPACT, 1)).toThrow(
      expect.objectContaining({ code: 'POLICY_VIOLATION' }),
    );
    expect(planTrim(log.rows, 't', log.partition, config({ cleanupPolicy: ['compact', 'delete'] }), 1)).toMatchObject({
      records: 1,
    });
  });

  it('counts what compaction has thinned out, and no control record', () => {
    const log = testLog();
    log.append(
      ['a', 'b', 'a', 'b', 'c', 'a'].map((key) => ({ key })),
      'gzip',
    );
    log.append([{ key: 'd' }], 'none', { producerId: 3, sequence: 0 });
    log.mark(3, true);
    log.append([{ key: 'e' }]);
    log.compact(COMPACT, NOW);
    expect(log.offsets()).toEqual([3, 4, 5, 6, 8]);
    expect(
      [1, 4, 5, 6, 8, 9].map((offset) => planTrim(log.rows, 't', log.partition, config({}), offset)?.records),
    ).toEqual([0, 1, 2, 3, 4, 5]);
    log.trim(5);
    expect(planTrim(log.rows, 't', log.partition, config({}), 9)?.records).toBe(3);
  });

  it('forgets aborted transactions that end below the log start', () => {
    const log = testLog();
    log.append([{}], 'none', { producerId: 3, sequence: 0 });
    log.mark(3, false);
    log.append([{}]);
    log.trim(1);
    expect(log.rows.producers.isAborted(log.id, 0, 3)).toBe(true);
    log.trim(2);
    expect(log.rows.producers.isAborted(log.id, 0, 3)).toBe(false);
  });

  it('leaves a whole partition after each slice, with the log start on its way', () => {
    const log = testLog();
    for (let at = 0; at < 10; at++) log.append([{ at }, { at }]);
    const trim = new Trim(log.rows, log.id, 17, { batches: 3, bytes: 1 << 20 });
    const starts: number[] = [];
    for (let more = true; more; ) {
      more = log.store.write(() => trim.step());
      starts.push(log.partition.logStart);
      expect(log.check()).toEqual([]);
    }
    expect(starts).toEqual([6, 12, 17]);
    expect(trim.records).toBe(17);
  });

  it('a partition that went meanwhile is nothing to do', () => {
    const log = testLog();
    expect(log.store.write(() => new Trim(log.rows, 99, 5).step())).toBe(false);
  });
});
