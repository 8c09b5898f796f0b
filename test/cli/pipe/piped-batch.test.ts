import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countRecords,
  cut,
  firstOffset,
  nextOffset,
  type PipedBatch,
  placeOf,
} from '../../../src/cli/pipe/piped-batch.ts';
import type { ReadBatch } from '../../../src/client/cluster.ts';
import { offsets, offsetsOf, piece } from './pieces.ts';

function batch(...pieces: ReadBatch[]): PipedBatch {
  return { topic: 't', partition: 3, pieces, records: offsetsOf(pieces).length };
}

describe('a batch for the command', () => {
  it('has the records of its pieces that are meant', () => {
    expect(countRecords(piece(offsets(5, 4)))).toBe(4);
    expect(countRecords(piece(offsets(5, 4), { from: 6, until: 8 }))).toBe(2);
    expect(countRecords(piece([5, 9], { from: 6, until: 9 }))).toBe(0);
    expect(countRecords(piece([5, 9], { from: 0, until: 100 }))).toBe(2);
  });

  it('says where it begins and ends, over gaps too', () => {
    const one = batch(piece([5, 9], { from: 6, until: 12 }), piece([20]));
    expect([firstOffset(one), nextOffset(one), placeOf(one)]).toEqual([9, 21, 't 3, offsets 9 to 20']);
    expect(placeOf(batch(piece([7])))).toBe('t 3, offset 7');
  });

  it('is cut into two that have all of it, in its order', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.constantFrom('none' as const, 'gzip' as const), (given, at, codec) => {
        let next = 0;
        const pieces = given.map(([count, gap]) => {
          const from = next;
          next += gap + count;
          return piece(offsets(from + gap, count), { codec, from });
        });
        const all = batch(...pieces);
        fc.pre(all.records > 1);
        const count = 1 + (at % (all.records - 1));
        const [head, tail] = cut(all, count);
        expect([head.records, tail.records]).toEqual([count, all.records - count]);
        expect(offsetsOf(head.pieces)).toHaveLength(count);
        expect([...offsetsOf(head.pieces), ...offsetsOf(tail.pieces)]).toEqual(offsetsOf(pieces));
        expect(nextOffset(head)).toBeLessThanOrEqual(firstOffset(tail));
        expect(nextOffset(tail)).toBe(nextOffset(all));
      }),
    );
  });
});
