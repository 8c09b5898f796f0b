import { describe, expect, it } from 'vitest';
import type { Committing } from '../../src/group/offsets/commit-offsets.ts';
import type { TransactionRef } from '../../src/txn/transaction.ts';
import { give, refused, sealed, seen, TxnScene } from './txn-scene.ts';

const MEMBER = { group: 'g', memberId: 'm' };

/** A client's TxnOffsetCommit, by a member or by nobody. */
function send(
  scene: TxnScene,
  ref: TransactionRef,
  offsets: readonly Committing[],
  member: typeof MEMBER | null = null,
) {
  return scene.write((transactions, now) => {
    transactions.addOffsets(ref, 'g', now);
    return transactions.pend(ref, { group: 'g', member, offsets }, scene.around);
  });
}

/** What beck's own does: offsets and commit in one. */
function commitWith(scene: TxnScene, ref: TransactionRef, offsets: readonly Committing[], memberId = 'm') {
  const member = { group: 'g', memberId };
  scene.write((transactions) => transactions.commitWith(ref, { group: 'g', member, offsets }, scene.around));
}

describe('offsets that wait for the end of a transaction', () => {
  it('become the group’s when it commits, and not before', () => {
    const scene = new TxnScene();
    const { transactions } = scene.broker;
    const me = scene.init();
    const [a, b] = [scene.source(0), scene.source(1)];
    expect(
      send(scene, me, [
        { id: a, offset: 5 },
        { id: b, offset: 7 },
      ]),
    ).toEqual([
      { id: a, error: null },
      { id: b, error: null },
    ]);
    send(scene, me, [{ id: a, offset: 6, metadata: 'later', leaderEpoch: 3 }]);
    expect(scene.committed()).toEqual({});
    expect([
      transactions.hasPending('g', a),
      transactions.hasPending('g', scene.source(2)),
      transactions.hasPending('h', a),
    ]).toEqual([true, false, false]);
    expect(transactions.describe(['x'])[0]?.offsets).toEqual([
      { id: a, topic: 'u', partition: 0, group: 'g', offset: 6 },
      { id: b, topic: 'u', partition: 1, group: 'g', offset: 7 },
    ]);
    scene.end(me, true);
    expect(scene.committed()).toEqual({ 0: 6, 1: 7 });
    expect(transactions.hasPending('g', a)).toBe(false);
    const [record] = scene.broker.groups.records(['g']);
    expect(record?.offsets[0]).toMatchObject({ metadata: 'later', leaderEpoch: 3, committed: scene.clock.time });
  });

  it('are nothing when it aborts, by whoever', () => {
    const scene = new TxnScene();
    const me = scene.init();
    send(scene, me, [{ id: scene.source(0), offset: 5 }]);
    scene.end(me, false);
    send(scene, me, [{ id: scene.source(0), offset: 6 }]);
    scene.clock.time += 1001;
    scene.sweep();
    expect(scene.committed()).toEqual({});
    expect(scene.broker.transactions.hasPending('g', scene.source(0))).toBe(false);
  });

  it('are judged when they come, each by itself, as a commit is', () => {
    const scene = new TxnScene();
    scene.join();
    scene.share();
    const me = scene.init();
    const all = [0, 1, 2].map((number) => ({ id: scene.source(number), offset: 1 }));
    const refusals = send(scene, me, [...all, { id: 999, offset: 1 }], MEMBER).map(({ error }) => error);
    expect(refusals).toContain('STALE_MEMBER_EPOCH');
    expect(refusals.at(-1)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const long = [{ id: scene.source(0), offset: 1, metadata: 'x'.repeat(5000) }];
    expect(send(scene, me, long)[0]?.error).toBe('OFFSET_METADATA_TOO_LARGE');
    expect(refused(() => send(scene, me, all, { group: 'g', memberId: 'z' }))).toBe('UNKNOWN_MEMBER_ID');
    scene.end(me, true);
    expect(Object.keys(scene.committed())).toHaveLength(refusals.filter((error) => error === null).length);
  });

  it('go with the group that they are for', () => {
    const scene = new TxnScene();
    const me = scene.init();
    send(scene, me, [{ id: scene.source(0), offset: 5 }]);
    scene.broker.groups.deleteGroups(['g']);
    scene.end(me, true);
    expect(scene.broker.groups.names()).toEqual([]);
  });

  it('and with the partition that they are for', () => {
    const scene = new TxnScene();
    const me = scene.init();
    send(scene, me, [{ id: scene.source(0), offset: 5 }]);
    give(scene.broker, sealed(me, ['a']));
    scene.broker.store.write(() => scene.broker.catalogue.remove(scene.broker.topic('u')));
    scene.end(me, true);
    expect(seen(scene.broker)).toEqual(['a']);
    expect(scene.broker.groups.records(['g'])[0]?.offsets).toEqual([]);
  });

  it('come from nobody into a group with members, as in Kafka', () => {
    const scene = new TxnScene();
    scene.join();
    const me = scene.init();
    expect(send(scene, me, [{ id: scene.source(0), offset: 5 }])[0]?.error).toBeNull();
    scene.end(me, true);
    expect(scene.committed()).toEqual({ 0: 5 });
  });
});

describe('offsets and commit in one step', () => {
  it('are stored with what was written, or alone where nothing was', () => {
    const scene = new TxnScene();
    scene.join();
    const me = scene.initProcess(1);
    give(scene.broker, sealed(me, ['a']));
    commitWith(scene, me, [{ id: scene.source(0), offset: 1 }]);
    expect([seen(scene.broker), scene.committed()]).toEqual([['a'], { 0: 1 }]);
    commitWith(scene, me, [{ id: scene.source(0), offset: 2 }]);
    expect([seen(scene.broker), scene.committed()]).toEqual([['a'], { 0: 2 }]);
    expect(scene.row()).toMatchObject({ group: 'g', member: 'm', isMember: true });
  });

  it.each([
    ['another member has one of them', 'STALE_MEMBER_EPOCH', /another member of g has u \d by now/],
    ['one of them is gone', 'UNKNOWN_TOPIC_OR_PARTITION', /there is no topic/],
    ['its member is gone', 'UNKNOWN_MEMBER_ID', /m is no member of g/],
    ['metadata are too long', 'OFFSET_METADATA_TOO_LARGE', /5 000 bytes, over the limit of 4 096/],
    ['it was fenced', 'PRODUCER_FENCED', /x has gone on without this producer/],
  ])('are refused together: %s', (_, code, sentence) => {
    const scene = new TxnScene();
    scene.join();
    const me = scene.initProcess(1);
    give(scene.broker, sealed(me, ['a']));
    const metadata = code === 'OFFSET_METADATA_TOO_LARGE' ? 'x'.repeat(5000) : '';
    const offsets: Committing[] = [0, 1, 2].map((number) => ({ id: scene.source(number), offset: 1, metadata }));
    if (code === 'STALE_MEMBER_EPOCH') scene.share();
    if (code === 'UNKNOWN_TOPIC_OR_PARTITION') offsets.push({ id: 999, offset: 1 });
    if (code === 'UNKNOWN_MEMBER_ID') scene.leave();
    if (code === 'PRODUCER_FENCED') scene.initProcess(2);
    const commit = () => commitWith(scene, me, offsets);
    expect(commit).toThrow(sentence);
    expect(refused(commit)).toBe(code);
    expect(scene.committed()).toEqual({});
    scene.initProcess(1);
    expect(seen(scene.broker)).toEqual([]);
  });
});
