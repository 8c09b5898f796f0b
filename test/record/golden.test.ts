import { describe, expect, it } from 'vitest';
import { ATTRIBUTE, FIELD, readHeader, sealChecksum, verifyChecksum } from '../../src/record/batch.ts';
import { encodeBatch } from '../../src/record/builder.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { withLogAppendTime } from '../../src/record/rewrite.ts';
import { type GoldenRecord, goldenBatches, goldenLines, toGolden } from './golden.ts';

const CLIENTS = ['java', 'librdkafka'].flatMap((client) =>
  ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `${client}-${codec}`),
);
const NAMES = [...CLIENTS, 'log-append-time', 'compacted', 'transactions'];
const UNCOMPRESSED = ['java-none', 'librdkafka-none', 'log-append-time', 'compacted', 'transactions'];

describe('what a real Kafka stored', () => {
  it.each(NAMES)('%s: every batch has a right checksum', (name) => {
    const batches = goldenBatches(name);
    expect(batches.length).toBeGreaterThan(0);
    for (const blob of batches) expect(verifyChecksum(blob)).toBe(true);
  });

  it.each(NAMES)('%s decodes to what its consumer got', (name) => {
    const expected = goldenLines<GoldenRecord & { topic: string; partition: number }>(
      name === 'transactions' ? `${name}.uncommitted` : name,
    );
    const decoded = goldenBatches(name).flatMap((blob) => {
      const header = readHeader(blob);
      return header.control ? [] : decodeBatch(blob).map((record) => toGolden(record, header.timestampType));
    });
    expect(decoded).toEqual(expected.map(({ topic: _, partition: __, ...record }) => record));
  });

  it.each(CLIENTS)('%s says its codec in the header', (name) => {
    for (const blob of goldenBatches(name)) expect(readHeader(blob).codec).toBe(name.split('-')[1]);
  });

  it.each(UNCOMPRESSED)('%s encodes again to the same bytes (I2)', (name) => {
    const batches = goldenBatches(name).filter((blob) => readHeader(blob).codec === 'none');
    expect(batches.length).toBeGreaterThan(0);
    for (const blob of batches) {
      const plain = asCreateTime(blob);
      const again = encodeBatch(decodeBatch(plain), readHeader(plain));
      const { timestampType, maxTimestamp } = readHeader(blob);
      expect(timestampType === 'LogAppendTime' ? withLogAppendTime(again, maxTimestamp) : again).toEqual(blob);
    }
  });
});

/** The same batch without the LogAppendTime bit, so that its records show the times their producer gave them. */
function asCreateTime(blob: Buffer): Buffer {
  const copy = Buffer.from(blob);
  copy.writeInt16BE(copy.readInt16BE(FIELD.attributes) & ~ATTRIBUTE.logAppendTime, FIELD.attributes);
  return sealChecksum(copy);
}
