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
            builder.sizeOf(key?.length ?? -1, value?.length ?? -1, headers),
          );
        }
        expect(builder.finish().length).toBe(builder.bytes);
      }),
    );
  });

  it('make the same batch of parts of one buffer as of buffers', () => {
    const text = Buffer.from(`k${'v'.repeat(200)}`);
    const parts = new BatchBuilder();
    const whole = new BatchBuilder();
    for (const [ks, ke, vs, ve] of [
      [0, 1, 1, 201],
      [-1, -1, 1, 30],
      [0, 0, 1, 1],
      [0, 1, -1, -1],
    ] as const) {
      parts.appendBytes(text, ks, ke, vs, ve, 5);
      whole.append(ke < 0 ? null : text.subarray(ks, ke), ve < 0 ? null : text.subarray(vs, ve), [], 5);
    }
    expect(parts.finish()).toEqual(whole.finish());
    expect(decodeBatch(parts.finish()).map(({ key, value }) => [key?.length, value?.length])).toEqual([
      [1, 200],
      [undefined, 29],
      [0, 0],
      [1, undefined],
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
