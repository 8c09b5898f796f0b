import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader, verifyChecksum } from '../../src/record/batch.ts';
import { BatchBuilder, encodeBatch } from '../../src/record/builder.ts';
import { encodeMarker, readMarker } from '../../src/record/control.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { filterRecords, recompress, withLogAppendTime, withMaxTimestamp } from '../../src/record/rewrite.ts';
import { CODECS, type Codec, type StoredRecord } from '../../src/types.ts';
import { records } from './arbitraries.ts';
import { goldenBatches } from './golden.ts';

function batchOf(list: readonly StoredRecord[], codec: Codec = 'none'): Buffer {
  const builder = new BatchBuilder({ codec });
  for (const { key, value, headers, timestamp, offset } of list) builder.append(key, value, headers, timestamp, offset);
  return builder.finish({ producerId: 5, producerEpoch: 1, baseSequence: 100, transactional: true });
}

/** The fields of a header that a rewrite of its records leaves alone. */
function identity(blob: Buffer): object {
  const {
    crc: _,
    length: __,
    count: ___,
    codec: ____,
    attributes: _____,
    maxTimestamp: ______,
    ...rest
  } = readHeader(blob);
  return rest;
}

describe('log append time', () => {
  it('gives every record the broker time without unpacking', () => {
    fc.assert(
      fc.property(records, fc.constantFrom(...CODECS), (list, codec) => {
        const blob = batchOf(list, codec);
        const before = Buffer.from(blob);
        const stamped = withLogAppendTime(blob, 1_234_567_890_123);
        expect(blob).toEqual(before);
        expect(verifyChecksum(stamped)).toBe(true);
        expect(decodeBatch(stamped)).toEqual(list.map((record) => ({ ...record, timestamp: 1_234_567_890_123 })));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a wrong largest timestamp', () => {
  it('is set right under a new checksum; a right one costs nothing (I7)', () => {
    const blob = batchOf([record(0), record(1)]);
    const right = withMaxTimestamp(blob, 77);
    expect(readHeader(right).maxTimestamp).toBe(77);
    expect(readHeader(blob).maxTimestamp).toBe(1001);
    expect(verifyChecksum(right)).toBe(true);
    expect(withMaxTimestamp(right, 77)).toBe(right);
  });
});

describe('another codec', () => {
  it.each(CODECS.flatMap((from) => CODECS.map((to) => [from, to] as const)))(
    'from %s to %s keeps records and header',
    (from, to) => {
      const list = Array.from({ length: 50 }, (_, i) => record(i));
      const blob = batchOf(list, from);
      const other = recompress(blob, to);
      expect(readHeader(other).codec).toBe(to);
      expect(verifyChecksum(other)).toBe(true);
      expect(decodeBatch(other)).toEqual(list);
      expect(identity(other)).toEqual(identity(blob));
      expect(other === blob).toBe(from === to);
    },
  );
});

describe('what compaction leaves', () => {
  it('is the kept records as they were, under the same offsets, codec and producer', () => {
    fc.assert(
      fc.property(records, fc.constantFrom(...CODECS), fc.infiniteStream(fc.boolean()), (list, codec, coins) => {
        const blob = batchOf(list, codec);
        const kept = list.filter(() => coins.next().value);
        const offsets = new Set(kept.map((r) => r.offset));
        const left = filterRecords(blob, (cursor) => offsets.has(cursor.offset));
        if (left === null) {
          expect(kept).toEqual([]);
          return;
        }
        expect(left === blob).toBe(kept.length === list.length);
        expect(decodeBatch(left)).toEqual(kept);
        expect(verifyChecksum(left)).toBe(true);
        expect(identity(left)).toEqual(identity(blob));
        expect(readHeader(left)).toMatchObject({
          codec,
          count: kept.length,
          maxTimestamp: Math.max(...kept.map((r) => r.timestamp)),
        });
      }),
    );
  });

  it('gets a delete horizon once, without a change to its timestamps (KIP-534)', () => {
    const list = [record(0), { ...record(1), value: null }];
    const blob = batchOf(list, 'gzip');
    const marked = filterRecords(blob, () => true, { deleteHorizon: 5_000_000_000_000 }) as Buffer;
    expect(readHeader(marked)).toMatchObject({
      deleteHorizon: true,
      baseTimestamp: 5_000_000_000_000,
      maxTimestamp: 1001,
      transactional: true,
    });
    expect(decodeBatch(marked)).toEqual(list);
    expect(filterRecords(marked, () => true, { deleteHorizon: 6_000_000_000_000 })).toBe(marked);
    const less = filterRecords(marked, (cursor) => cursor.offset === 1, { deleteHorizon: 6_000_000_000_000 }) as Buffer;
    expect(readHeader(less)).toMatchObject({ deleteHorizon: true, baseTimestamp: 5_000_000_000_000 });
    expect(decodeBatch(less)).toEqual([list[1]]);
  });

  it('of a marker is a marker with a delete horizon', () => {
    const marker = encodeMarker({
      producerId: 5,
      producerEpoch: 1,
      commit: true,
      coordinatorEpoch: 3,
      timestamp: 1000,
    });
    const marked = filterRecords(marker, () => true, { deleteHorizon: 2000 }) as Buffer;
    expect(readMarker(marked)).toEqual({ commit: true, coordinatorEpoch: 3 });
    expect(readHeader(marked)).toMatchObject({
      control: true,
      deleteHorizon: true,
      baseTimestamp: 2000,
      maxTimestamp: 1000,
    });
  });

  it('keeps the broker time of a LogAppendTime batch', () => {
    const stamped = withLogAppendTime(batchOf([record(0), record(1), record(2)]), 9_000);
    const left = filterRecords(stamped, (cursor) => cursor.offset === 1) as Buffer;
    expect(decodeBatch(left)).toEqual([{ ...record(1), timestamp: 9_000 }]);
    expect(readHeader(left).maxTimestamp).toBe(9_000);
  });

  it('is made as the log cleaner made it: its batch with a horizon, decoded and marked again', () => {
    const cleaned = goldenBatches('compacted').filter((blob) => readHeader(blob).deleteHorizon);
    expect(cleaned.length).toBeGreaterThan(0);
    for (const blob of cleaned) {
      const header = readHeader(blob);
      const list = decodeBatch(blob);
      const first = list[0] as StoredRecord;
      const unmarked = encodeBatch(list, { ...header, attributes: 0, baseTimestamp: first.timestamp });
      const marked = filterRecords(unmarked, () => true, { deleteHorizon: header.baseTimestamp }) as Buffer;
      expect(marked).toEqual(recompress(blob, 'none'));
    }
  });
});

function record(offset: number): StoredRecord {
  return { offset, timestamp: 1000 + offset, key: Buffer.from('k'), value: Buffer.from(`r${offset}`), headers: [] };
}
