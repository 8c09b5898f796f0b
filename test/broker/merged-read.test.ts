import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MergedRead, type ScannedBatch } from '../../src/broker/merged-read.ts';
import { decodeBatch } from '../../src/record/cursor.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

/** Every batch of every range in the order of the commits, whatever the ranges and however much is taken at once. */
it('C3: merges any ranges of any partitions by commit, each offset at most once, nothing twice after a refresh', () => {
  const batches = fc.array(fc.record({ partition: fc.nat(4), size: fc.integer({ min: 1, max: 3 }) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      batches,
      batches,
      fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
      fc.integer({ min: 1, max: 500 }),
      (first, second, starts, maxBytes) => {
        const broker = openTestBroker();
        broker.createTopics([{ name: 't', partitions: 5 }]);
        const committed: { partition: number; offset: number }[] = [];
        const commit = ({ partition, size }: { partition: number; size: number }) => {
          const { baseOffset } = append(
            broker,
            't',
            partition,
            Array.from({ length: size }, () => ({ value: 'v' })),
          );
          for (let i = 0; i < size; i++) committed.push({ partition, offset: baseOffset + i });
        };
        first.forEach(commit);
        const ids = broker.topic('t').partitions.map(({ id }) => id);
        const ranges = ids.map((partition, i) => ({ partition, from: starts[i] ?? 0, until: Number.MAX_SAFE_INTEGER }));
        const read = broker.store.read(() => new MergedRead(broker.store, broker.rows, ranges, 'read_committed'));
        const seen: { partition: number; offset: number }[] = [];
        const drain = () => {
          const all = batchesUntilDry(() => read.next(maxBytes));
          for (const { row, blob, from, until } of all) {
            const inside = decodeBatch(blob).filter(({ offset }) => offset >= from && offset < until);
            seen.push(...inside.map(({ offset }) => ({ partition: ids.indexOf(row.partition), offset })));
          }
        };
        drain();
        second.forEach(commit);
        broker.store.read(() => read.refresh());
        drain();
        expect(seen).toEqual(committed.filter(({ partition, offset }) => offset >= (starts[partition] ?? 0)));
      },
    ),
    { numRuns: 60 },
  );
});

function batchesUntilDry(next: () => ScannedBatch[]): ScannedBatch[] {
  const some = next();
  return some.length === 0 ? [] : [...some, ...batchesUntilDry(next)];
}
