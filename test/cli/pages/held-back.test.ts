import { expect, it } from 'vitest';
import { heldBackBy, heldBackLines } from '../../../src/cli/pages/held-back.ts';
import type { TransactionDescription } from '../../../src/client/cluster.ts';

/** As far as this page looks. */
function transaction(transactionalId: string, firsts: Readonly<Record<number, number | null>>): TransactionDescription {
  const partitionList = Object.entries(firsts).map(([partition, first]) => ({
    topic: 't',
    partition: Number(partition),
    first,
  }));
  return { transactionalId, since: 0, process: null, partitionList } as unknown as TransactionDescription;
}

const held = (partition: number, lastStable: number, heldBack: number) => ({
  topic: 't',
  partition,
  lastStable,
  heldBack,
});

it('whoever has the first record is who holds a partition back, not those behind it', () => {
  const [early, late] = [transaction('early', { 0: 5, 1: 9 }), transaction('late', { 0: 7, 1: 3, 2: null })];
  expect(heldBackBy([held(0, 5, 4), held(1, 3, 8), held(2, 1, 1)], [late, early])).toEqual([
    { by: late, partitions: [held(1, 3, 8)] },
    { by: early, partitions: [held(0, 5, 4)] },
    { by: null, partitions: [held(2, 1, 1)] },
  ]);
});

it('more than eight partitions are counted, and one offset is one', () => {
  const many = Array.from({ length: 9 }, (_, i) => held(i, 0, 200));
  const firsts = Object.fromEntries(many.map(({ partition }) => [partition, 0]));
  expect(heldBackLines(heldBackBy(many, [transaction('a', firsts)]), 61_000)[0]).toBe(
    '1 800 offsets of 9 partitions are held back by a (a client, open for 1 min)',
  );
  expect(heldBackLines(heldBackBy([held(0, 0, 1)], []), 0)[0]).toBe(
    '1 offset of t 0 was held back by a transaction that has ended since',
  );
  expect(heldBackLines([], 0)).toEqual([]);
});
