import { describe, expect, it } from 'vitest';
import { ATTRIBUTE, readHeader, setBaseOffset } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { encodeMarker, readMarker } from '../../src/record/control.ts';
import { goldenBatches } from './golden.ts';

const markers = goldenBatches('transactions').filter((blob) => readHeader(blob).control);

describe('an end-transaction marker', () => {
  it('is made of the bytes that Kafka writes', () => {
    expect(markers.map((blob) => readMarker(blob).commit)).toContain(true);
    expect(markers.map((blob) => readMarker(blob).commit)).toContain(false);
    for (const blob of markers) {
      const { producerId, producerEpoch, maxTimestamp, baseOffset } = readHeader(blob);
      const again = encodeMarker({ producerId, producerEpoch, timestamp: maxTimestamp, ...readMarker(blob) });
      setBaseOffset(again, baseOffset);
      expect(again).toEqual(blob);
    }
  });

  it.each([true, false])('says what it was made to say: commit %j', (commit) => {
    const blob = encodeMarker({
      producerId: 2 ** 40,
      producerEpoch: 32_767,
      commit,
      coordinatorEpoch: 9,
      timestamp: 1,
    });
    expect(readMarker(blob)).toEqual({ commit, coordinatorEpoch: 9 });
    expect(readHeader(blob)).toMatchObject({
      control: true,
      transactional: true,
      producerId: 2 ** 40,
      producerEpoch: 32_767,
      baseSequence: -1,
      count: 1,
    });
  });

  it('is not seen in other batches', () => {
    const other = new BatchBuilder();
    other.append(Buffer.alloc(4), Buffer.alloc(6), [], 0);
    expect(() => readMarker(other.finish())).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }));
    const short = new BatchBuilder();
    short.append(Buffer.alloc(3), Buffer.alloc(6), [], 0);
    expect(() => readMarker(short.finish({ control: true }))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_MESSAGE' }),
    );
    const leaderChange = new BatchBuilder();
    leaderChange.append(Buffer.from([0, 0, 0, 2]), Buffer.alloc(6), [], 0);
    const blob = leaderChange.finish({ control: true });
    expect(blob.readInt16BE(21)).toBe(ATTRIBUTE.control);
    expect(() => readMarker(blob)).toThrow(expect.objectContaining({ code: 'CORRUPT_MESSAGE' }));
  });
});
