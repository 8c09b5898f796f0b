import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BATCH_OVERHEAD,
  readHeader,
  recordCount,
  setBaseOffset,
  setLeaderEpoch,
  splitBatches,
  verifyChecksum,
} from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { decodeBatch, RecordCursor } from '../../src/record/cursor.ts';
import { mostRecordSize } from '../../src/record/record-size.ts';
import { CODECS, type StoredRecord } from '../../src/types.ts';
import { records } from './arbitraries.ts';

function build(list: readonly StoredRecord[], builder: BatchBuilder): Buffer {
  for (const { key, value, headers, timestamp, offset } of list) builder.append(key, value, headers, timestamp, offset);
  return builder.finish({ producerId: 7, producerEpoch: 3, baseSequence: 11, transactional: true });
}

describe('builder and cursor', () => {
  it.each(CODECS)('give back any records through %s (I2)', (codec) => {
    const builder = new BatchBuilder({ codec, capacityHint: 0 });
    fc.assert(
      fc.property(records, (list) => {
        builder.reset();
        const blob = build(list, builder);
        expect(decodeBatch(blob)).toEqual(list);
        expect(verifyChecksum(blob)).toBe(true);
        expect(readHeader(blob)).toMatchObject({
          baseOffset: 0,
          length: blob.length,
          leaderEpoch: 0,
          codec,
          timestampType: 'CreateTime',
          transactional: true,
          control: false,
          lastOffset: list.at(-1)?.offset,
          baseTimestamp: list[0]?.timestamp,
          maxTimestamp: Math.max(...list.map((record) => record.timestamp)),
          producerId: 7,
          producerEpoch: 3,
          baseSequence: 11,
          count: list.length,
        });
      }),
    );
  });

  it('count bytes exactly without a codec, and never promise too few', () => {
    fc.assert(
      fc.property(records, (list) => {
        const builder = new BatchBuilder();
        for (const { key, value, headers, timestamp, offset } of list) {
          const before = builder.bytes;
          builder.append(key, value, headers, timestamp, offset);
          expect(builder.bytes - before).toBeLessThanOrEqual(
            mostRecordSize(key?.length ?? -1, value?.length ?? -1, headers),
          );
        }
        expect(builder.finish().length).toBe(builder.bytes);
      }),
    );
  });

  it('make the same batch of parts of one buffer as of buffers, whatever their lengths', () => {
    const length = fc.option(fc.oneof(fc.nat(12), fc.nat(600)), { nil: -1 });
    const part = fc.tuple(fc.uint8Array({ minLength: 1250, maxLength: 1250 }), length, length, fc.integer());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 20 }), fc.nat(30), (list, offset) => {
        const parts = new BatchBuilder({ capacityHint: 0 });
        const whole = new BatchBuilder();
        const src = Buffer.alloc(1300).subarray(offset);
        for (const [bytes, keyLength, valueLength, timestamp] of list) {
          src.set(bytes);
          const [ke, ve] = [keyLength < 0 ? -1 : 3 + keyLength, valueLength < 0 ? -1 : 605 + valueLength];
          const key = ke < 0 ? null : src.subarray(3, ke);
          const value = ve < 0 ? null : src.subarray(605, ve);
          whole.append(key, value, [], timestamp);
          if (!parts.tryAppendBytes(src, 3, ke, 605, ve, timestamp, 1 << 20)) parts.append(key, value, [], timestamp);
        }
        expect(parts.finish()).toEqual(whole.finish());
      }),
    );
  });

  it('leave to append what is not only to be written, and stay as they were', () => {
    const text = Buffer.alloc(2000, 'v');
    const builder = new BatchBuilder({ capacityHint: 1024 });
    const tried = (end: number, timestamp: number, limit: number) =>
      builder.tryAppendBytes(text, -1, -1, 0, end, timestamp, limit);
    expect(tried(10, 5, 1024)).toBe(false);
    builder.append(null, Buffer.from('first'), [], 5);
    const before = builder.finish();
    expect(tried(10, 5, builder.bytes + mostRecordSize(-1, 10) - 1)).toBe(false);
    expect(tried(2000, 5, 1 << 20)).toBe(false);
    expect(tried(10, 5 + 2 ** 31, 1 << 20)).toBe(false);
    expect(builder.finish()).toEqual(before);
    expect(tried(10, 4, builder.bytes + mostRecordSize(-1, 10))).toBe(true);
    expect(decodeBatch(builder.finish()).map(({ value, timestamp }) => [String(value), timestamp])).toEqual([
      ['first', 5],
      ['v'.repeat(10), 4],
    ]);
  });

  it('own the memory of a finished batch alone (I5)', () => {
    for (const codec of CODECS) {
      const builder = new BatchBuilder({ codec });
      builder.append(null, Buffer.from('v'), [], 1);
      const blob = builder.finish();
      expect(blob.buffer.byteLength).toBe(blob.length);
      builder.reset();
      builder.append(null, Buffer.from('w'), [], 1);
      expect(decodeBatch(blob)[0]?.value?.toString()).toBe('v');
    }
  });

  it('refuse a timestamp that the format cannot say here, and stay as they were', () => {
    const builder = new BatchBuilder();
    builder.append(null, null, [], -Number.MAX_SAFE_INTEGER);
    const before = builder.finish();
    expect(() => builder.append(null, null, [], Number.MAX_SAFE_INTEGER)).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
    expect(builder.finish()).toEqual(before);
  });

  it('walk an empty batch, as compaction in Kafka leaves them', () => {
    const blob = new BatchBuilder().finishAs({
      ...readHeader(build([record(0)], new BatchBuilder())),
      lastOffsetDelta: 9,
      count: 0,
    });
    expect(decodeBatch(blob)).toEqual([]);
    expect(readHeader(blob)).toMatchObject({ lastOffset: 9, count: 0, length: BATCH_OVERHEAD });
  });

  it('are reused from batch to batch', () => {
    const [one, two] = [
      build([record(0), record(1)], new BatchBuilder()),
      build([record(0)], new BatchBuilder({ codec: 'gzip' })),
    ];
    const cursor = new RecordCursor(one);
    cursor.next();
    cursor.reset(two);
    expect([cursor.next(), cursor.record(), cursor.next(), cursor.next()]).toEqual([true, record(0), false, false]);
  });
});

describe('placing a batch', () => {
  it('leaves its checksum as it is (I1)', () => {
    const blob = build([record(0), record(1)], new BatchBuilder());
    for (const offset of [0, 1, 2 ** 31, 2 ** 32 + 5, 2 ** 52]) {
      setBaseOffset(blob, offset);
      setLeaderEpoch(blob, 42);
      expect(verifyChecksum(blob)).toBe(true);
      expect(readHeader(blob)).toMatchObject({ baseOffset: offset, lastOffset: offset + 1, leaderEpoch: 42 });
      expect(decodeBatch(blob).map((r) => r.offset)).toEqual([offset, offset + 1]);
    }
  });

  it('splits a segment into its batches', () => {
    const batches = [1, 2, 3].map((n) =>
      build(
        Array.from({ length: n }, (_, i) => record(i)),
        new BatchBuilder(),
      ),
    );
    const segment = Buffer.concat(batches);
    expect(splitBatches(segment)).toEqual(batches);
    expect(splitBatches(segment).map(recordCount)).toEqual([1, 2, 3]);
    expect(() => splitBatches(segment.subarray(0, -1))).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }));
  });
});

function record(offset: number): StoredRecord {
  return { offset, timestamp: 1000 + offset, key: null, value: Buffer.from(`r${offset}`), headers: [] };
}
