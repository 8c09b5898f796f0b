import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { BATCH_OVERHEAD, FIELD, readHeader, splitBatches, verifyChecksum } from '../../src/record/batch.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import { filterRecords } from '../../src/record/rewrite.ts';
import { goldenBatches } from './golden.ts';

const NAMES = [
  'java-none',
  'java-gzip',
  'java-snappy',
  'java-lz4',
  'java-zstd',
  'librdkafka-none',
  'librdkafka-snappy',
  'librdkafka-lz4',
  'compacted',
  'transactions',
];
const SOURCES = NAMES.flatMap((name) => goldenBatches(name));

/**
 * The invariants of a reader (I3, I4, I6): it ends; it throws nothing but a BrokerError; it gives no more records than the
 * header says, at strictly rising offsets within the batch; every part lies within the bytes it walks.
 */
function walk(blob: Buffer): void {
  try {
    const cursor = new RecordCursor(blob);
    const { baseOffset, lastOffset, count } = cursor.header;
    let records = 0;
    for (let before = baseOffset - 1; cursor.next(); before = cursor.offset) {
      records++;
      expect(cursor.offset).toBeGreaterThan(before);
      expect(cursor.offset).toBeLessThanOrEqual(lastOffset);
      expect(cursor.end).toBeLessThanOrEqual(cursor.bytes.length);
      const { key, value, headers } = cursor.record();
      expect([key?.length ?? -1, value?.length ?? -1, headers.length]).toEqual([
        cursor.keyLength,
        cursor.valueLength,
        cursor.headerCount,
      ]);
      for (const header of headers) expect(header.name).toBeInstanceOf(Buffer);
    }
    expect(records).toBe(count);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
  }
}

const source = fc.nat(SOURCES.length - 1).map((i) => SOURCES[i] as Buffer);
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damage = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 4 });

describe('a damaged batch', () => {
  it('with bytes changed in its records gives records or a BrokerError', () => {
    fc.assert(
      fc.property(source, damage, (blob, changes) => {
        const copy = Buffer.from(blob);
        for (const [where, byte] of changes)
          copy[BATCH_OVERHEAD + Math.floor(where * (copy.length - BATCH_OVERHEAD))] = byte;
        walk(copy);
      }),
      { numRuns: 5000 },
    );
  });

  it('with bytes changed anywhere gives records or a BrokerError', () => {
    fc.assert(
      fc.property(source, damage, (blob, changes) => {
        const copy = Buffer.from(blob);
        for (const [where, byte] of changes) copy[Math.floor(where * copy.length)] = byte;
        walk(copy);
      }),
      { numRuns: 3000 },
    );
  });

  it('cut short anywhere is CORRUPT_MESSAGE', () => {
    const blob = SOURCES[0] as Buffer;
    for (let length = 0; length < blob.length; length++)
      expect(() => readHeader(blob.subarray(0, length))).toThrow(BrokerError);
  });

  it('with its end cut off and its length made to fit gives records or a BrokerError', () => {
    fc.assert(
      fc.property(source, place, (blob, where) => {
        const copy = Buffer.from(blob.subarray(0, BATCH_OVERHEAD + Math.floor(where * (blob.length - BATCH_OVERHEAD))));
        copy.writeInt32BE(copy.length - FIELD.leaderEpoch, FIELD.length);
        walk(copy);
      }),
      { numRuns: 2000 },
    );
  });

  it('of one flipped bit behind the epoch has a wrong checksum', () => {
    fc.assert(
      fc.property(source, place, fc.nat(7), (blob, where, bit) => {
        const copy = Buffer.from(blob);
        const at = FIELD.attributes + Math.floor(where * (copy.length - FIELD.attributes));
        copy[at] = (copy[at] as number) ^ (1 << bit);
        expect(verifyChecksum(copy)).toBe(false);
      }),
    );
  });

  it('of random bytes gives records or a BrokerError, and a segment with them is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const blob = Buffer.from(bytes);
        walk(blob);
        if (blob.length >= 17) blob[FIELD.magic] = 2;
        walk(blob);
        expect(() => splitBatches(Buffer.concat([SOURCES[0] as Buffer, blob, Buffer.from([0])]))).toThrow(BrokerError);
      }),
    );
  });

  it('is no batch for compaction either', () => {
    const copy = Buffer.from(goldenBatches('java-none')[0] as Buffer);
    copy[BATCH_OVERHEAD] = 0x7f;
    expect(() => filterRecords(copy, () => true)).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }));
  });
});

describe('the header', () => {
  const whole = () => Buffer.from(SOURCES[0] as Buffer);
  it.each<[string, (blob: Buffer) => void, string]>([
    ['another magic', (blob) => blob.writeInt8(1, FIELD.magic), 'CORRUPT_MESSAGE'],
    ['a length below the header', (blob) => blob.writeInt32BE(48, FIELD.length), 'CORRUPT_MESSAGE'],
    ['a negative length', (blob) => blob.writeInt32BE(-1, FIELD.length), 'CORRUPT_MESSAGE'],
    ['a length beyond the bytes', (blob) => blob.writeInt32BE(blob.length, FIELD.length), 'CORRUPT_MESSAGE'],
    ['a negative count', (blob) => blob.writeInt32BE(-1, FIELD.count), 'CORRUPT_MESSAGE'],
    ['a negative last offset delta', (blob) => blob.writeInt32BE(-1, FIELD.lastOffsetDelta), 'CORRUPT_MESSAGE'],
    ['a timestamp beyond 2^53 (I6)', (blob) => blob.writeInt32BE(0x7fffffff, FIELD.maxTimestamp), 'CORRUPT_MESSAGE'],
    ['a codec that does not exist', (blob) => blob.writeInt16BE(5, FIELD.attributes), 'UNSUPPORTED_COMPRESSION_TYPE'],
  ])('with %s is refused', (_, change, code) => {
    const blob = whole();
    change(blob);
    expect(() => readHeader(blob)).toThrow(expect.objectContaining({ code }));
  });
});
