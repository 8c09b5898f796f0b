import { describe, expect, it } from 'vitest';
import { Gather } from '../../../src/cli/pipe/gather.ts';
import type { ReadBatch } from '../../../src/client/cluster.ts';
import { offsets, offsetsOf, piece } from './pieces.ts';

const MIB = 1 << 20;

function gather(most: number, ...pieces: ReadBatch[]): Gather {
  const gathered = new Gather(most);
  for (const each of pieces) gathered.add(each, 0);
  return gathered;
}

/** A batch of one record that takes 3 MiB. */
function large(offset: number, partition = 0): ReadBatch {
  const small = piece([offset], { partition });
  return { ...small, blob: Buffer.concat([small.blob], 3 * MIB) };
}

/** Everything that is due, as partition and offsets. */
function due(gathered: Gather, now: number, lingerMs: number): [number, number[]][] {
  const all: [number, number[]][] = [];
  for (let batch = gathered.take(now, lingerMs); batch !== undefined; batch = gathered.take(now, lingerMs)) {
    expect(offsetsOf(batch.pieces)).toHaveLength(batch.records);
    all.push([batch.partition, offsetsOf(batch.pieces)]);
  }
  return all;
}

describe('what is gathered', () => {
  it('is a batch of one partition, in its order, when there is enough of it', () => {
    const other = { partition: 1 };
    const pieces = [piece([0, 1]), piece([0, 1, 2], other), piece([2, 3, 4]), piece([3], other)];
    const gathered = gather(4, ...pieces);
    expect(due(gathered, 0, 1000)).toEqual([
      [0, [0, 1, 2, 3]],
      [1, [0, 1, 2, 3]],
    ]);
    expect(due(gathered, 999, 1000)).toEqual([]);
    expect([gathered.isEmpty, gathered.dueIn(999, 1000)]).toEqual([false, 1]);
    expect(due(gathered, 1000, 1000)).toEqual([[0, [4]]]);
    expect([gathered.isEmpty, gathered.dueIn(1000, 1000)]).toEqual([true, null]);
  });

  it('goes in the order in which it was read', () => {
    const late = piece([0], { partition: 1, seq: 9 });
    expect(due(gather(1, late, piece([0], { partition: 2, seq: 4 })), 0, 0)).toEqual([
      [2, [0]],
      [1, [0]],
    ]);
  });

  it('is run as it has come where nobody waits', () => {
    expect(due(gather(10_000, piece([1]), piece([2])), 0, 0)).toEqual([[0, [1, 2]]]);
  });

  it('is cut where a batch of the log has more than one run is given', () => {
    expect(due(gather(2, piece(offsets(10, 5))), 0, 0)).toEqual([
      [0, [10, 11]],
      [0, [12, 13]],
      [0, [14]],
    ]);
  });

  it('waits anew from when something of it was run', () => {
    const gathered = gather(2, piece([0, 1, 2]));
    expect(gathered.take(500, 1000)?.records).toBe(2);
    expect(gathered.dueIn(500, 1000)).toBe(1000);
  });

  it('is full by its bytes too', () => {
    const gathered = gather(10_000, large(0), large(1), large(2));
    expect(gathered.take(0, 1000)?.records).toBe(2);
    expect(gathered.take(0, 1000)).toBeUndefined();
    expect(gathered.take(1000, 1000)?.records).toBe(1);
  });

  it('does not wait when there is much of it in many partitions', () => {
    const gathered = gather(10_000, ...offsets(0, 10).map((partition) => large(0, partition)));
    expect(gathered.take(0, 1000)).toBeUndefined();
    gathered.add(large(0, 10), 0);
    expect(gathered.take(0, 1000)?.partition).toBe(0);
    expect(gathered.take(0, 1000)).toBeUndefined();
  });

  it('forgets what is of an earlier stay of the partition', () => {
    const gathered = gather(10, piece(offsets(0, 5)), piece([3, 4], { tenure: 1 }), piece([0], { partition: 1 }));
    expect(due(gathered, 0, 0)).toEqual([
      [0, [3, 4]],
      [1, [0]],
    ]);
    expect(gathered.isEmpty).toBe(true);
  });

  it('may be no record at all', () => {
    expect(gather(1, piece([5, 9], { from: 6, until: 9 })).take(0, 0)).toMatchObject({ records: 0 });
  });
});
