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
