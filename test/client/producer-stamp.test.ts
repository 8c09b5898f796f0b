import { expect, it } from 'vitest';
import { ProducerStamp } from '../../src/client/producer-stamp.ts';

const sequences = (stamp: ProducerStamp, ...batches: [topic: string, partition: number, records: number][]) =>
  batches.map((batch) => stamp.stamp(...batch).baseSequence);

it('counts the records of each partition of each topic by itself', () => {
  const stamp = new ProducerStamp({ producerId: 7, epoch: 2 }, true);
  expect(stamp.stamp('a', 0, 3)).toEqual({ producerId: 7, producerEpoch: 2, baseSequence: 0, transactional: true });
  expect(sequences(stamp, ['a', 0, 2], ['a', 0, 1], ['a', 9, 5], ['b', 0, 1], ['a', 9, 1])).toEqual([3, 5, 0, 0, 5]);
});

it('goes on at 0 behind 2^31 - 1, in the middle of a batch too', () => {
  const stamp = new ProducerStamp({ producerId: 1, epoch: 0 }, false);
  const last = 2 ** 31 - 1;
  expect(sequences(stamp, ['t', 0, last], ['t', 0, 1], ['t', 0, 1])).toEqual([0, last, 0]);
  expect(sequences(stamp, ['t', 1, last - 1], ['t', 1, 5], ['t', 1, 1])).toEqual([0, last - 1, 3]);
});

it('begins at 0 again in a new epoch', () => {
  const stamp = new ProducerStamp({ producerId: 1, epoch: 0 }, true);
  stamp.stamp('t', 0, 4);
  stamp.renew({ producerId: 1, epoch: 1 });
  expect(stamp.stamp('t', 0, 4)).toMatchObject({ producerEpoch: 1, baseSequence: 0 });
});
