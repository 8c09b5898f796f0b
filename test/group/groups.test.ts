import { describe, expect, it } from 'vitest';
import { GroupScene } from './group-scene.ts';

describe('members come and go', () => {
  it('the first member gets all; the second gets its half when the first has given it up (G1, G2)', () => {
    const scene = new GroupScene();
    expect(scene.join('a').assigned.map(({ topic, partition }) => `${topic} ${partition}`)).toEqual([
      't 0',
      't 1',
      't 2',
      't 3',
    ]);
    expect(scene.join('b')).toMatchObject({ assigned: [], pending: 2, groupEpoch: 2 });
    expect(scene.hand('a')).toBe('0,1 -2,3 +0');
    scene.release('a');
    expect([scene.hand('a'), scene.hand('b')]).toEqual(['0,1 - +0', '2,3 - +0']);
    scene.leave('a');
    expect([scene.hand('a'), scene.hand('b')]).toEqual(['no member', '0,1,2,3 - +0']);
  });
});

describe('who is refused', () => {
  const code = (fn: () => unknown) => {
    try {
      fn();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return 'nothing thrown';
  };

  it('a name that is none, a session that is too short', () => {
    const scene = new GroupScene();
    expect(code(() => scene.join('a', { group: '' }))).toBe('INVALID_GROUP_ID');
    expect(code(() => scene.join('a', { group: 'a\nb' }))).toBe('INVALID_GROUP_ID');
    expect(code(() => scene.join('a', { sessionTimeoutMs: 99 }))).toBe('INVALID_SESSION_TIMEOUT');
    expect(code(() => scene.join('a', { sessionTimeoutMs: Number.NaN }))).toBe('INVALID_SESSION_TIMEOUT');
  });

  it('who is no member, or no more', () => {
    const scene = new GroupScene();
    expect(code(() => scene.beat('a'))).toBe('UNKNOWN_MEMBER_ID');
    scene.join('a');
    scene.leave('a');
    for (const act of [() => scene.beat('a'), () => scene.leave('a'), () => scene.commit('a', 1, 5)])
      expect(code(act)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('a commit for what is another’s by now, for no partition, with too much to say (G5)', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('b');
    scene.release('a');
    expect(scene.commit('a', 1, 5)).toBeNull();
    expect(scene.commit('a', 3, 5)).toBe('STALE_MEMBER_EPOCH');
    expect(scene.commit('b', 3, 7)).toBeNull();
    expect(scene.commit('b', 99, 7)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const long = [{ id: 1, offset: 6, metadata: 'x'.repeat(4097) }];
    const commit = () => scene.groups.commit('g', scene.ref('a'), long, scene.around);
    expect(scene.write(commit)).toEqual([{ id: 1, error: 'OFFSET_METADATA_TOO_LARGE' }]);
    expect(scene.view('a')?.assigned[0]?.committed).toBe(5);
  });

  it('a commit by nobody, while there are members', () => {
    const scene = new GroupScene();
    expect(scene.commit(null, 1, 3)).toBeNull();
    scene.join('a');
    expect(code(() => scene.commit(null, 1, 4))).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.view('a')?.assigned[0]?.committed).toBe(3);
  });

  it('the instance id of a member that is here; and that member, when another took its place', () => {
    const scene = new GroupScene();
    scene.join('a', { instanceId: 'one' });
    expect(code(() => scene.join('b', { instanceId: 'one' }))).toBe('UNRELEASED_INSTANCE_ID');
    scene.ended.add(100);
    expect(scene.join('c', { instanceId: 'one' }).assigned).toHaveLength(4);
    expect(code(() => scene.beat('a'))).toBe('UNKNOWN_MEMBER_ID');
    const named = { ...scene.ref('a'), instanceId: 'one' };
    expect(code(() => scene.write(() => scene.groups.heartbeat(named, scene.around)))).toBe('FENCED_INSTANCE_ID');
  });
});

describe('a member that is not heard of', () => {
  it('loses what it has after its session, at another’s heartbeat, and is no member when it wakes up', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('b');
    scene.now += 6000;
    expect(scene.beat('b')).toEqual({ changed: false });
    scene.now += 6000;
    expect(scene.beat('b')).toEqual({ changed: true });
    expect([scene.hand('a'), scene.hand('b')]).toEqual(['no member', '0,1,2,3 - +0']);
    expect(scene.commit.bind(scene, 'a', 1, 5)).toThrow(expect.objectContaining({ code: 'UNKNOWN_MEMBER_ID' }));
  });

  it('keeps it while it commits', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('b');
    for (let i = 0; i < 4; i++) {
      scene.now += 6000;
      expect(scene.beat('b')).toEqual({ changed: false });
      expect(scene.commit('a', 1, i)).toBeNull();
    }
  });

  it.each([
    ['a heartbeat', (scene: GroupScene) => scene.beat('a')],
    ['a commit, then a heartbeat', (scene: GroupScene) => [scene.commit('a', 1, 5), scene.beat('a')]],
    ['a release, then a heartbeat', (scene: GroupScene) => [scene.release('a'), scene.beat('a')]],
  ])('keeps it when the whole machine slept, and another one wakes up first, with %s', (_, wake) => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('b');
    scene.now += 3_600_000;
    wake(scene);
    expect(scene.beat('b')).toEqual({ changed: false });
    scene.now += 6000;
    scene.beat('a');
    expect(scene.hand('b')).not.toBe('no member');
    scene.now += 6000;
    expect(scene.beat('a')).toEqual({ changed: true });
    expect(scene.hand('b')).toBe('no member');
  });

  it('is waited for no longer than a session after the clock was set back', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('b');
    scene.now -= 86_400_000;
    scene.beat('b');
    scene.now += 9000;
    scene.beat('b');
    expect(scene.hand('a')).not.toBe('no member');
    scene.now += 2000;
    expect(scene.beat('b')).toEqual({ changed: true });
    expect(scene.hand('a')).toBe('no member');
  });
});

describe('a member whose process has ended', () => {
  it('goes as soon as anybody looks, and who comes instead has its partitions at once', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.ended.add(100);
    expect(scene.join('b')).toMatchObject({ groupEpoch: 2, memberEpoch: 2, pending: 0 });
    expect(scene.hand('b')).toBe('0,1,2,3 - +0');
    scene.ended.add(101);
    expect(scene.removeGone()).toEqual(['b']);
    expect(scene.removeGone()).toEqual([]);
  });

  it('may come again under its own id', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.ended.add(100);
    expect(scene.join('a', { process: null }).assigned).toHaveLength(4);
    expect(scene.groups.departures('g')).toEqual([]);
  });

  it('is written down: why, when, what it had, and who has it now; the last twenty are kept', () => {
    const scene = new GroupScene();
    const join = scene.now;
    for (const id of ['a', 'b', 'c']) scene.join(id, { name: id.toUpperCase() });
    scene.now += 500;
    scene.ended.add(100);
    scene.removeGone();
    const gone = { member: 'a', name: 'A', why: 'gone', at: scene.now, heard: join, partitions: 4, heirs: ['B', 'C'] };
    expect(scene.groups.departures('g')).toEqual([gone]);
    scene.leave('b');
    expect(scene.groups.departures('g')[0]).toMatchObject({ why: 'left', partitions: 2, heirs: ['C'] });
    for (let i = 0; i < 30; i++) {
      scene.join(`x${i}`);
      scene.leave(`x${i}`);
    }
    const last = scene.groups.departures('g');
    expect([last.length, last[0]?.member, last[19]?.member]).toEqual([20, 'x29', 'x10']);
    expect(scene.groups.departures('nobody')).toEqual([]);
  });
});

describe('static members', () => {
  it('leave without a change, and come back to what they had; their old self commits no more', () => {
    const scene = new GroupScene();
    scene.join('a', { instanceId: 'one' });
    scene.join('b');
    scene.release('a');
    scene.leave('a');
    const { version } = scene.groups.glance('g') ?? {};
    expect([scene.hand('a'), scene.hand('b')]).toEqual(['no member', '2,3 - +0']);
    scene.now += 9000;
    scene.beat('b');
    expect(scene.join('c', { instanceId: 'one' })).toMatchObject({ groupEpoch: 2, memberEpoch: 2 });
    expect([scene.hand('c'), scene.hand('b')]).toEqual(['0,1 - +0', '2,3 - +0']);
    expect(scene.groups.glance('g')?.version).toBeGreaterThan(version ?? 0);
    expect(scene.commit.bind(scene, 'a', 1, 5)).toThrow(expect.objectContaining({ code: 'UNKNOWN_MEMBER_ID' }));
  });

  it('lose it when their session ends before they are back', () => {
    const scene = new GroupScene();
    scene.join('a', { instanceId: 'one' });
    scene.join('b');
    scene.leave('a');
    scene.now += 6000;
    scene.beat('b');
    scene.now += 6000;
    expect(scene.beat('b')).toEqual({ changed: true });
    expect(scene.hand('b')).toBe('0,1,2,3 - +0');
    expect(scene.groups.departures('g')).toMatchObject([{ name: 'a', why: 'left', heirs: ['b'] }]);
  });

  it('a fenced one is told so at whatever it does', () => {
    const scene = new GroupScene();
    scene.join('a', { instanceId: 'one' });
    scene.leave('a');
    scene.join('b', { instanceId: 'one' });
    const ref = { ...scene.ref('a'), instanceId: 'one' };
    const acts = [
      () => scene.groups.heartbeat(ref, scene.around),
      () => scene.groups.release(ref, [], scene.around),
      () => scene.groups.leave(ref, scene.around),
      () => scene.groups.commit('g', ref, [{ id: 1, offset: 1 }], scene.around),
    ];
    for (const act of acts)
      expect(() => scene.write(act)).toThrow(expect.objectContaining({ code: 'FENCED_INSTANCE_ID' }));
  });
});

describe('when topics change', () => {
  const refresh = (scene: GroupScene) => scene.write(() => scene.groups.refresh('g', scene.around));

  it('new partitions and new topics are noticed, by name and by pattern, and nothing else is', () => {
    const scene = new GroupScene({ 'a-1': 1 });
    scene.join('a', { subscription: { names: ['a-1', 'later'] } });
    scene.join('b', { subscription: { pattern: 'a-.*' } });
    expect(scene.groups.glance('g')).toMatchObject({ outdated: false });
    scene.broker.createTopics([{ name: 'other' }]);
    expect([scene.groups.glance('g')?.outdated, refresh(scene), scene.groups.glance('g')?.outdated]).toEqual([
      true,
      false,
      false,
    ]);
    scene.broker.createTopics([{ name: 'later' }, { name: 'a-2' }]);
    expect([refresh(scene), refresh(scene)]).toEqual([true, false]);
    const names = (id: string) => scene.view(id)?.assigned.map(({ topic }) => topic);
    expect([names('a'), names('b')]).toEqual([['a-1', 'later'], ['a-2']]);
    scene.broker.alterTopic('a-2', { partitions: 2 });
    expect(scene.beat('b')).toEqual({ changed: true });
    expect(names('b')).toEqual(['a-2', 'a-2']);
  });

  it('a deleted topic takes its assignments and offsets with it; made again, it begins anew', () => {
    const scene = new GroupScene({ t: 2, u: 1 });
    scene.join('a', { subscription: { names: ['t', 'u'] } });
    scene.commit('a', 1, 5);
    scene.commit('a', 3, 7);
    const before = scene.groups.glance('g')?.version ?? 0;
    scene.broker.store.write(() => scene.broker.catalogue.remove(scene.broker.catalogue.require('t')));
    expect(scene.groups.glance('g')?.version).toBeGreaterThan(before);
    expect(scene.view('a')?.assigned.map(({ topic, committed }) => [topic, committed])).toEqual([['u', 7]]);
    expect(scene.commit('a', 1, 6)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    scene.broker.createTopics([{ name: 't' }]);
    refresh(scene);
    expect(scene.view('a')?.assigned.map(({ topic, committed }) => [topic, committed])).toEqual([
      ['t', null],
      ['u', 7],
    ]);
  });

  it('a pattern that is none is refused, and nothing is left of who came with it', () => {
    const scene = new GroupScene();
    expect(() => scene.join('a', { subscription: { pattern: '(' } })).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
    expect(scene.groups.glance('g')).toBeNull();
    expect(refresh(scene)).toBe(false);
  });
});

describe('what a member sees', () => {
  it('the version moves when a partition changes hands, the epoch does not; the epoch is taken up with nothing to give up', () => {
    const scene = new GroupScene();
    scene.join('a');
    const b = scene.join('b');
    expect(b).toMatchObject({ groupEpoch: 2, memberEpoch: 2, pending: 2 });
    scene.beat('a');
    expect(scene.view('a')).toMatchObject({ groupEpoch: 2, memberEpoch: 1 });
    expect(scene.release('a')).toMatchObject({ groupEpoch: 2, memberEpoch: 2 });
    expect(scene.groups.glance('g')?.version).toBeGreaterThan(b.version);
    expect(scene.view('b')).toMatchObject({ groupEpoch: 2, pending: 0 });
  });

  it('who else is there, and what they have', () => {
    const scene = new GroupScene({ t: 2 });
    scene.join('a', { name: '4712' });
    scene.join('b', { name: '4790' });
    scene.release('a');
    expect(scene.view('b')?.members).toMatchObject([
      { id: 'a', name: '4712', partitions: [{ topic: 't', partition: 0 }] },
      { id: 'b', name: '4790', partitions: [{ topic: 't', partition: 1 }] },
    ]);
  });

  it('groups are independent', () => {
    const scene = new GroupScene();
    scene.join('a');
    scene.join('a', { group: 'h' });
    expect(scene.hand('a')).toBe('0,1,2,3 - +0');
    scene.commit('a', 1, 5);
    const other = { group: 'h', memberId: 'a' };
    expect(scene.broker.store.read(() => scene.groups.membership(other))?.assigned[0]?.committed).toBeNull();
  });
});
