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

it('a range that is removed gives nothing more, one that comes back begins anew, and positions stand behind what was seen', () => {
  const broker = openTestBroker();
  broker.createTopics([{ name: 't', partitions: 2 }]);
  for (const partition of [0, 1, 0, 1]) append(broker, 't', partition, [{ value: 'v' }, { value: 'w' }]);
  const [a = 0, b = 0] = broker.topic('t').partitions.map(({ id }) => id);
  const lane = (partition: number, from: number) => ({ partition, from, until: Number.MAX_SAFE_INTEGER });
  const read = broker.store.read(
    () => new MergedRead(broker.store, broker.rows, [lane(a, 0), lane(b, 1)], 'read_committed'),
  );
  expect(read.next(1).map(({ row, from, until }) => [row.partition, from, until])).toEqual([[a, 0, 2]]);
  expect([read.position(a), read.position(b)]).toEqual([2, 1]);
  read.remove(a);
  expect(read.position(a)).toBeUndefined();
  append(broker, 't', 0, [{ value: 'x' }]);
  expect(read.isBehind).toBe(true);
  broker.store.read(() => read.refresh());
  expect(read.isBehind).toBe(false);
  expect(batchesUntilDry(() => read.next(1)).map(({ row, from }) => [row.partition, from])).toEqual([
    [b, 1],
    [b, 2],
  ]);
  broker.store.read(() => read.add(lane(a, 3)));
  expect(batchesUntilDry(() => read.next(1)).map(({ row, from }) => [row.partition, from])).toEqual([
    [a, 3],
    [a, 4],
  ]);
});

function batchesUntilDry(next: () => ScannedBatch[]): ScannedBatch[] {
  const some = next();
  return some.length === 0 ? [] : [...some, ...batchesUntilDry(next)];
}
