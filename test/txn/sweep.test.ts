import { describe, expect, it } from 'vitest';
import { UNSEEN_PROCESS_MS } from '../../src/settings.ts';
import { give, processOf, refused, sealed, seen, TxnScene } from './txn-scene.ts';

describe('a process', () => {
  it('that has ended leaves nothing: its transaction is aborted, its id and what partitions know of it forgotten (X6)', () => {
    const scene = new TxnScene();
    const { broker } = scene;
    const me = scene.initProcess(1);
    give(broker, sealed(me, ['a']));
    give(broker, sealed(me, ['b']), { partition: 1 });
    give(broker, sealed(scene.initProcess(2, { transactionalId: 'y' }), ['c']));
    expect(scene.sweep()).toBe(0);
    scene.ended.add(1);
    expect(scene.sweep()).toBe(1);
    expect([seen(broker), seen(broker, 1)]).toEqual([['…'], []]);
    expect(broker.transactions.list().map(({ transactionalId }) => transactionalId)).toEqual(['y']);
    expect(scene.partitions(0, 1).map((id) => broker.transactions.producers(id).map((p) => p.producerId))).toEqual([
      [2],
      [],
    ]);
    expect(scene.sweep()).toBe(0);
  });

  it('that has ended after its commit leaves what it has committed', () => {
    const scene = new TxnScene();
    const me = scene.initProcess(1);
    give(scene.broker, sealed(me, ['a']));
    scene.end(me, true);
    scene.ended.add(1);
    expect(scene.sweep()).toBe(0);
    expect(scene.row()).toBeUndefined();
    expect(seen(scene.broker)).toEqual(['a']);
  });

  it('that cannot be seen is given so much time after its last write, and is fenced then', () => {
    const scene = new TxnScene();
    const { broker, clock } = scene;
    scene.unseen.add(1);
    const me = scene.initProcess(1);
    give(broker, sealed(me, ['a']));
    clock.time += UNSEEN_PROCESS_MS;
    give(broker, sealed(me, ['b'], { sequence: 1 }));
    clock.time += UNSEEN_PROCESS_MS;
    expect(scene.sweep()).toBe(0);
    clock.time += 1;
    expect(scene.sweep()).toBe(1);
    expect(scene.row()).toMatchObject({ epoch: 1, state: 'CompleteAbort' });
    expect(give(broker, sealed(me, ['c'], { sequence: 2 }))).toBe('INVALID_PRODUCER_EPOCH');
    expect(seen(broker)).toEqual([]);
  });
});

describe('a group member', () => {
  it.each([
    ['before it has sent offsets', false],
    ['after it has', true],
  ])('that is one no more, %s, cannot commit what it has open: nobody waits for it', (_, before) => {
    const scene = new TxnScene();
    const { broker } = scene;
    scene.join();
    const member = { group: 'g', memberId: 'm' };
    const me = scene.initProcess(1, before ? {} : { member });
    const commit = () =>
      scene.write((transactions) =>
        transactions.commitWith(
          me,
          { group: 'g', member, offsets: [{ id: scene.source(0), offset: 1 }] },
          scene.around,
        ),
      );
    if (before) commit();
    give(broker, sealed(me, ['a']));
    expect(scene.sweep()).toBe(0);
    scene.leave();
    expect(scene.sweep()).toBe(1);
    expect(refused(commit)).toBe('PRODUCER_FENCED');
    expect(seen(broker)).toEqual([]);
    expect(scene.committed()).toEqual(before ? { 0: 1 } : {});
  });

  it('of a client may go: its offsets were taken while it was one (KIP-447)', () => {
    const scene = new TxnScene();
    scene.join();
    const me = scene.init();
    const offsets = [{ id: scene.source(0), offset: 1 }];
    scene.write((transactions, now) => transactions.addOffsets(me, 'g', now));
    scene.write((t) => t.pend(me, { group: 'g', member: { group: 'g', memberId: 'm' }, offsets }, scene.around));
    scene.leave();
    expect(scene.sweep()).toBe(0);
    scene.end(me, true);
    expect(scene.committed()).toEqual({ 0: 1 });
  });
});

describe('a clock that was set back', () => {
  it('does not let a transaction be waited for until the time is that again', () => {
    const scene = new TxnScene();
    const me = scene.init();
    give(scene.broker, sealed(me, ['a']));
    scene.clock.time -= 1_000_000;
    expect(scene.sweep()).toBe(0);
    scene.clock.time += 1001;
    expect(scene.sweep()).toBe(1);
  });
});

describe('the broker', () => {
  it('settles nothing that was put right between the look and the write', () => {
    const scene = new TxnScene();
    const me = scene.init();
    give(scene.broker, sealed(me, ['a']));
    scene.clock.time += 1001;
    const [late] = scene.broker.store.read(() => scene.transactions.overdue(scene.around));
    scene.end(me, true);
    expect(scene.write((transactions) => transactions.settle(`${late}`, scene.around))).toBe(false);
    expect(scene.write((transactions) => transactions.settle('nobody', scene.around))).toBe(false);
    expect(seen(scene.broker)).toEqual(['a']);
  });

  it('forgets one that comes back under another process not', () => {
    const scene = new TxnScene();
    scene.initProcess(1);
    scene.ended.add(1);
    const me = scene.initProcess(2);
    give(scene.broker, sealed(me, ['a']));
    expect(scene.sweep()).toBe(0);
    expect(scene.row()).toMatchObject({ process: processOf(2), state: 'Ongoing' });
  });
});
