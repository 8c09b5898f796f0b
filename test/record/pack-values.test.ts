import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { BATCH_OVERHEAD, FIELD, sealChecksum, setBaseOffset } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import { type Ends, packValues } from '../../src/record/pack-values.ts';
import { withLogAppendTime } from '../../src/record/rewrite.ts';
import { CODECS, type Codec, type Header, type StoredRecord } from '../../src/types.ts';
import { plainRecords, records } from './arbitraries.ts';
import { goldenBatches } from './golden.ts';

const NEWLINE = Buffer.from('\n');
const BEFORE = Buffer.from('what was there before');

function build(list: readonly StoredRecord[], codec: Codec = 'none'): Buffer {
  const builder = new BatchBuilder({ codec });
  for (const { key, value, headers, timestamp, offset } of list) builder.append(key, value, headers, timestamp, offset);
  return builder.finish();
}

/** What lies in the memory afterwards, up to the answer, and what is noted; undefined where the answer is -1. */
function pack(batch: Buffer, delimiter = NEWLINE): { text: Buffer; ends: number[] } | undefined {
  const out = Buffer.alloc(BEFORE.length + batch.length + 50, 0xff);
  out.set(BEFORE);
  const ends: Ends = { list: [BEFORE.length, 99], count: 1 };
  const end = packValues(batch, delimiter, out, BEFORE.length, ends);
  expect(out.subarray(0, BEFORE.length)).toEqual(BEFORE);
  expect(out.subarray(BEFORE.length + batch.length).every((byte) => byte === 0xff)).toBe(true);
  if (end >= 0) return { text: out.subarray(BEFORE.length, end), ends: ends.list.slice(1, ends.count) };
  expect([end, ends.count]).toEqual([-1, 1]);
  return undefined;
}

/** The same, record by record. */
function walk(batch: Buffer, delimiter = NEWLINE): { text: Buffer; ends: number[] } {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let end = BEFORE.length;
  for (const cursor = new RecordCursor(batch); cursor.next(); ends.push(end)) {
    const value = cursor.value();
    if (value === null) throw new Error('a null was packed');
    parts.push(Buffer.from(value), delimiter);
    end += value.length + delimiter.length;
  }
  return { text: Buffer.concat(parts), ends };
}

const delimiters = fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes));
const dense = (record: Partial<StoredRecord>[]): StoredRecord[] =>
  record.map((each, offset) => ({
    offset,
    timestamp: 1_700_000_000_000,
    key: null,
    value: Buffer.from('v'),
    headers: [],
    ...each,
  }));

describe('values that are packed', () => {
  it('are those of a walk, whatever the records are', () => {
    fc.assert(
      fc.property(records, delimiters, fc.constantFrom(...CODECS), (list, delimiter, codec) => {
        const batch = build(list, codec);
        const packed = pack(batch, delimiter);
        if (packed !== undefined) expect(packed).toEqual(walk(batch, delimiter));
      }),
      { numRuns: 500 },
    );
  });

  it('are all those of plain batches, wherever they begin', () => {
    fc.assert(
      fc.property(plainRecords, delimiters, fc.nat(), (list, delimiter, base) => {
        const batch = build(list);
        setBaseOffset(batch, base);
        const copy = Buffer.from(batch);
        expect(pack(batch, delimiter)).toEqual(delimiter.length > 7 ? undefined : walk(batch, delimiter));
        expect(batch).toEqual(copy);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be long, and many', () => {
    const lists = [63, 64, 8191, 8192, 500_000].map((length) => {
      const record = { key: Buffer.alloc(length, 'k'), value: Buffer.alloc(length, 'v') };
      return [record, record];
    });
    const many = Array.from({ length: 20_000 }, (_, i) => ({ value: Buffer.from(`${i}`) }));
    for (const list of [...lists, many]) {
      const batch = build(dense(list));
      const [packed, walked] = [pack(batch), walk(batch)];
      expect(packed?.text.equals(walked.text)).toBe(true);
      expect(packed?.ends.join()).toBe(walked.ends.join());
    }
  });

  it('are those of a batch under the broker’s time', () => {
    const batch = withLogAppendTime(build(dense([{}, {}])), 1_800_000_000_000);
    expect(pack(batch)).toEqual(walk(batch));
  });

  it('are those that Kafka stored', () => {
    const batches = ['java-none', 'log-append-time', 'transactions', 'compacted'].flatMap((name) =>
      goldenBatches(name),
    );
    const plain = batches.filter((batch) => pack(batch) !== undefined);
    expect(plain.length).toBeGreaterThan(0);
    for (const batch of plain) expect(pack(batch)).toEqual(walk(batch));
  });
});

const header: Header = { name: Buffer.from('h'), value: null };

describe('left to a cursor', () => {
  const last = (record: Partial<StoredRecord>) => dense([{}, {}, record]);
  it.each<[string, Buffer]>([
    ['a null', build(last({ value: null }))],
    ['a header', build(last({ headers: [header] }))],
    ['a gap', build(last({ offset: 3 }))],
    ['a first record that is gone', build(dense([{ offset: 1 }]))],
    ['a time half a year away', build(last({ timestamp: 1_700_000_000_000 + 2 ** 35 }))],
    ['a value of 1 MiB', build(last({ value: Buffer.alloc(1 << 20) }))],
    ...CODECS.slice(1).map((codec): [string, Buffer] => [codec, build(dense([{}]), codec)]),
  ])('is a batch with %s', (_, batch) => {
    expect(pack(batch)).toBeUndefined();
  });

  it.each<[string, (batch: Buffer) => void]>([
    ['fewer records', (batch) => batch.writeInt32BE(2, FIELD.count)],
    ['more records', (batch) => batch.writeInt32BE(4, FIELD.count)],
    ['no records', (batch) => batch.writeInt32BE(0, FIELD.count)],
    ['a smaller last offset', (batch) => batch.writeInt32BE(1, FIELD.lastOffsetDelta)],
  ])('is a batch whose header speaks of %s', (_, change) => {
    const batch = build(dense([{}, {}, {}]));
    change(batch);
    expect(pack(sealChecksum(batch))).toBeUndefined();
    expect(() => walk(batch)).toThrow(BrokerError);
  });

  it('is whatever makes no sense: no damage is packed that a walk would not give', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(plainRecords, damage, (list, changes) => {
        const batch = build(list);
        const room = batch.length - FIELD.lastOffsetDelta;
        for (const [where, byte] of changes) batch[FIELD.lastOffsetDelta + (where % room)] = byte;
        let packed: ReturnType<typeof pack>;
        try {
          packed = pack(batch);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokerError);
        }
        if (packed !== undefined) expect(packed).toEqual(walk(batch));
      }),
      { numRuns: 5000 },
    );
  });

  it('is a batch that was cut off and made to fit', () => {
    const batch = build(dense([{}, {}, { value: Buffer.from('long enough to be cut') }]));
    for (let length = BATCH_OVERHEAD; length < batch.length; length++) {
      const copy = Buffer.from(batch.subarray(0, length));
      copy.writeInt32BE(length - FIELD.leaderEpoch, FIELD.length);
      expect(pack(copy)).toBeUndefined();
    }
  });
});
