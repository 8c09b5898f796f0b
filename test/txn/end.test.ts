import { expect, it } from 'vitest';
import { trimTopicSteps } from '../../src/broker/retention-run.ts';
import { readHeader } from '../../src/record/batch.ts';
import { readMarker } from '../../src/record/control.ts';
import { give, sealed, seen, TxnScene } from './txn-scene.ts';

it.each([true, false])('ends with a marker in every partition, as Kafka writes it (commit: %s)', (commit) => {
  const scene = new TxnScene();
  const { broker, clock } = scene;
  const me = scene.init({ current: scene.init() });
  scene.addPartitions(me, 0, 2);
  give(broker, sealed(me, ['a']), { origin: 'client' });
  clock.time += 500;
  scene.end(me, commit);
  for (const [number, base] of [
    [0, 1],
    [2, 0],
  ] as const) {
    const [id] = scene.partitions(number) as [number];
    const [row] = broker.rows.batches(id, base, base + 1, 1);
    const blob = broker.rows.data(row?.seq ?? -1) as Buffer;
    expect(readHeader(blob)).toMatchObject({
      attributes: 0x30,
      producerId: me.producerId,
      producerEpoch: 1,
      baseSequence: -1,
      count: 1,
      baseOffset: base,
      maxTimestamp: clock.time,
    });
    expect(readMarker(blob)).toEqual({ commit, coordinatorEpoch: 0 });
  }
  expect(scene.broker.rows.partition(scene.partitions(1)[0] ?? -1)?.nextOffset).toBe(0);
});

it('whose topic was deleted ends in the others', () => {
  const scene = new TxnScene();
  const { broker } = scene;
  const me = scene.init();
  give(broker, sealed(me, ['a']));
  give(broker, sealed(me, ['b']), { topic: 'u' });
  broker.store.write(() => broker.catalogue.remove(broker.topic('u')));
  expect(broker.transactions.describe(['x'])[0]?.partitions).toHaveLength(1);
  scene.end(me, true);
  expect(seen(broker)).toEqual(['a']);
});

it('whose only topic was deleted ends', () => {
  const scene = new TxnScene();
  const me = scene.init();
  give(scene.broker, sealed(me, ['b']), { topic: 'u' });
  scene.broker.store.write(() => scene.broker.catalogue.remove(scene.broker.topic('u')));
  scene.end(me, true);
  expect(scene.row()?.state).toBe('CompleteCommit');
});

it('goes on into partitions that came later', () => {
  const scene = new TxnScene();
  const { broker } = scene;
  const me = scene.init();
  give(broker, sealed(me, ['a']));
  broker.alterTopic('t', { partitions: 4 });
  give(broker, sealed(me, ['b']), { partition: 3 });
  expect(seen(broker, 3)).toEqual(['…']);
  scene.end(me, true);
  expect([seen(broker), seen(broker, 3)]).toEqual([['a'], ['b']]);
});

it('whose first records were trimmed away ends with the rest, and holds nobody back below the log start', () => {
  const scene = new TxnScene();
  const { broker } = scene;
  const me = scene.init();
  give(broker, sealed(me, ['a', 'b']));
  give(broker, sealed(me, ['c'], { sequence: 2 }));
  const [id] = scene.partitions(0) as [number];
  const trim = { before: { at: 'offset', offset: 2 } as const, partitions: [{ id, number: 0 }], dryRun: false };
  for (const steps = trimTopicSteps(broker, broker.topic('t'), trim); steps.next().done !== true; );
  expect(broker.rows.partition(id)).toMatchObject({ logStart: 2, lastStable: 2 });
  scene.end(me, true);
  expect(seen(broker)).toEqual(['c']);
});

it('is described with what it has touched, and whom it holds back', () => {
  const scene = new TxnScene();
  const { broker } = scene;
  const me = scene.init();
  const other = scene.initProcess(1, { transactionalId: 'y' });
  give(broker, sealed(other, ['a']));
  give(broker, sealed(me, ['b', 'c']));
  scene.addPartitions(me, 1);
  const [zero, one] = scene.partitions(0, 1);
  const description = broker.transactions.describe();
  expect(description.map(({ transactionalId }) => transactionalId)).toEqual(['x', 'y']);
  expect(description[0]).toMatchObject({ state: 'Ongoing', timeout: 1000, started: scene.clock.time, process: null });
  expect(description[0]?.partitions).toEqual([
    { id: zero, topic: 't', partition: 0, first: 1, lastStable: 0, highWatermark: 3 },
    { id: one, topic: 't', partition: 1, first: null, lastStable: 0, highWatermark: 0 },
  ]);
  expect(broker.transactions.producers(zero ?? -1)).toEqual([
    { producerId: 1, epoch: 0, lastSequence: 1, lastTimestamp: scene.clock.time, firstOffset: 1 },
    { producerId: 2, epoch: 0, lastSequence: 0, lastTimestamp: scene.clock.time, firstOffset: 0 },
  ]);
});
