import fc from 'fast-check';
import type { Header, StoredRecord } from '../../src/types.ts';

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const nullable = (max: number) => fc.oneof(fc.constant(null), fc.constant(Buffer.alloc(0)), bytes(max));

const header: fc.Arbitrary<Header> = fc.record({
  name: fc.oneof(
    fc.constantFrom('a', 'a', '').map((s) => Buffer.from(s)),
    bytes(8),
  ),
  value: nullable(8),
});

/** Times near each other and far apart, before 1970 and beyond 32 bits of difference. */
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_200 }),
  fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
  fc.constantFrom(-1, 0, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 51),
);

/** Records with what Kafka tells apart: null, empty, any bytes, repeated and empty-named headers. Offsets may have gaps. */
export const records: fc.Arbitrary<StoredRecord[]> = fc
  .array(
    fc.record({
      gap: fc.constantFrom(1, 1, 1, 2, 70, 20_000),
      timestamp,
      key: nullable(40),
      value: nullable(300),
      headers: fc.array(header, { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) => {
    let offset = -1;
    return list.map(({ gap, ...record }) => {
      offset += offset < 0 ? 1 : gap;
      return { ...record, offset };
    });
  });

/** As most are: dense, near each other in time, with values and perhaps keys, and nothing else. */
export const plainRecords: fc.Arbitrary<StoredRecord[]> = fc
  .array(
    fc.record({
      timestamp: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_000 + 2 ** 33 }),
      key: nullable(100),
      value: fc.oneof(bytes(20), bytes(300)),
    }),
    { minLength: 1, maxLength: 100 },
  )
  .map((list) => list.map((record, offset) => ({ ...record, offset, headers: [] })));
