import { describe, expect, it } from 'vitest';
import { REBALANCE, SESSION, SocketScene } from '../socket-scene.ts';

const code = (fn: () => unknown) => {
  try {
    fn();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return 'nothing thrown';
};

/** `2: t0,t1`: the epoch, and what it was told; `2: as it was`. */
function told({ memberEpoch, assigned }: ReturnType<SocketScene['consumer']>): string {
  return `${memberEpoch}: ${assigned?.map(({ topic, partition }) => `${topic}${partition}`).join() ?? 'as it was'}`;
}

describe('members of KIP-848 behind sockets (GroupMetadataManager.consumerGroupHeartbeat)', () => {
  it('one comes, another one comes: each learns by its heartbeats, and the first gives up before the second has', () => {
    const scene = new SocketScene();
    expect(told(scene.consumer('a', 0))).toBe('1: t0,t1,t2,t3');
    expect(told(scene.consumer('a', 1))).toBe('1: as it was');
    expect(told(scene.consumer('b', 0))).toBe('2: ');
    expect(told(scene.consumer('a', 1))).toBe('1: t0,t1');
    expect(told(scene.consumer('a', 1))).toBe('1: as it was');
    expect(told(scene.consumer('b', 2))).toBe('2: as it was');
    expect(told(scene.consumer('a', 1, { owned: scene.ids(0, 1, 2, 3) }))).toBe('1: as it was');
    expect(told(scene.consumer('a', 1, { owned: scene.ids(0, 1) }))).toBe('2: as it was');
    expect(told(scene.consumer('b', 2))).toBe('2: t2,t3');
    expect(told(scene.consumer('b', 2))).toBe('2: as it was');
    expect(scene.shown).toBe('consumer Stable 2: a 0,1 | b 2,3');
  });

  it('who asks fully is told fully', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    const full = { rebalanceTimeoutMs: REBALANCE, names: ['t'], owned: scene.ids(0, 1, 2, 3) };
    expect(told(scene.consumer('a', 1, full))).toBe('1: t0,t1,t2,t3');
  });

  it('one goes, and the others have what it had', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    scene.consumer('b', 0);
    expect(scene.consumer('a', -1)).toMatchObject({ memberEpoch: -1, assigned: null });
    expect(told(scene.consumer('b', 2))).toBe('3: t0,t1,t2,t3');
    expect(scene.record().departures.map(({ member, why, heirs }) => [member, why, heirs])).toEqual([
      ['a', 'left', ['client']],
    ]);
  });

  it('the epoch before its epoch is good, since it may not have heard of the new one', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    scene.consumer('b', 0);
    expect(told(scene.consumer('a', 1, { owned: scene.ids(0, 1) }))).toBe('2: t0,t1');
    const again = () => scene.consumer('a', 1, { owned: scene.ids(0, 1) });
    expect(told(again())).toBe('2: as it was');
    expect(code(() => scene.consumer('a', 1))).toBe('FENCED_MEMBER_EPOCH');
    expect(code(() => scene.consumer('a', 1, { owned: scene.ids(0, 1, 2) }))).toBe('FENCED_MEMBER_EPOCH');
    expect(code(() => scene.consumer('a', 3))).toBe('FENCED_MEMBER_EPOCH');
    scene.consumer('a', 2);
    scene.consumer('b', -1);
    scene.consumer('a', 2);
    expect(code(again)).toBe('FENCED_MEMBER_EPOCH');
  });

  it('one that has lost everything joins again under its id, and has what it had', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    scene.consumer('b', 0);
    expect(told(scene.consumer('a', 0))).toBe('2: t0,t1');
    expect(told(scene.consumer('b', 2))).toBe('2: t2,t3');
  });

  it('what it wants else is another target; the same again is not', () => {
    const scene = new SocketScene({ t: 4, u: 1 });
    scene.consumer('a', 0);
    expect(told(scene.consumer('a', 1, { names: ['t'], assignor: null }))).toBe('1: as it was');
    expect(told(scene.consumer('a', 1, { names: ['t', 'u'] }))).toBe('2: t0,t1,t2,t3,u0');
    expect(told(scene.consumer('a', 2, { rebalanceTimeoutMs: 5 }))).toBe('2: as it was');
    expect(scene.record().members[0]?.socket?.rebalanceTimeout).toBe(5);
    scene.consumer('a', 2, { assignor: 'range' });
    expect(scene.record()).toMatchObject({ epoch: 3, assignor: 'range' });
  });

  it('a pattern means the topics whose whole names match, also those to come, and names beside it', () => {
    const scene = new SocketScene({ 'a-1': 1, b: 1, 'xa-1': 1, t: 1 });
    expect(told(scene.consumer('a', 0, { names: null, pattern: 'a-.*' }))).toBe('1: a-10');
    scene.broker.createTopics([{ name: 'a-2' }]);
    expect(told(scene.consumer('a', 1))).toBe('2: a-10,a-20');
    expect(told(scene.consumer('a', 2, { names: ['b', 'a-1'] }))).toBe('3: a-10,a-20,b0');
    expect(told(scene.consumer('a', 3, { pattern: '' }))).toBe('3: a-10,b0');
    expect(code(() => scene.consumer('a', 3, { pattern: '(' }))).toBe('INVALID_REGULAR_EXPRESSION');
  });

  it('one that does not give up in its time is no member any more', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    scene.consumer('b', 0);
    expect(told(scene.consumer('a', 1))).toBe('1: t0,t1');
    for (let i = 0; i < 3; i++) {
      for (const [id, epoch] of [
        ['a', 1],
        ['b', 2],
      ] as const)
        scene.consumer(id, epoch);
      scene.clock.time += SESSION;
    }
    scene.consumer('a', 1);
    scene.consumer('b', 2);
    scene.clock.time += 1;
    expect(told(scene.consumer('b', 2))).toBe('3: t0,t1,t2,t3');
    expect(code(() => scene.consumer('a', 1))).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.record().departures.map(({ member, why }) => [member, why])).toEqual([['a', 'late']]);
    expect(told(scene.consumer('a', 0))).toBe('4: ');
  });

  it('one that gives up at the last moment stays', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0, { rebalanceTimeoutMs: 500 });
    scene.consumer('b', 0);
    scene.consumer('a', 1);
    scene.clock.time += 501;
    expect(told(scene.consumer('a', 1, { owned: scene.ids(0, 1) }))).toBe('2: as it was');
    scene.clock.time += 501;
    expect(told(scene.consumer('a', 2))).toBe('2: as it was');
  });

  it('one that is silent goes, and one whose connection was closed', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0);
    scene.consumer('b', 0);
    scene.groups.drop('g', 'b', scene.clock.time - 1);
    expect(scene.record().members).toHaveLength(2);
    scene.groups.drop('g', 'b', scene.clock.time);
    expect(scene.record().members).toHaveLength(1);
    scene.clock.time += SESSION + 1;
    scene.groups.sweep();
    expect(scene.shown).toBe('consumer Empty 4: ');
  });
});

describe('who is refused', () => {
  it.each([
    ['no name', 'a', 0, { group: '' }, 'INVALID_GROUP_ID'],
    ['no rebalance timeout', 'a', 0, { rebalanceTimeoutMs: null }, 'INVALID_REQUEST'],
    ['no subscription', 'a', 0, { names: null }, 'INVALID_REQUEST'],
    ['no list of what it has', 'a', 0, { owned: null }, 'INVALID_REQUEST'],
    ['something that it has already', 'a', 0, { owned: [1] }, 'INVALID_REQUEST'],
    ['an assignor that there is not', 'a', 0, { assignor: 'sticky' }, 'UNSUPPORTED_ASSIGNOR'],
    ['a bad pattern', 'a', 0, { pattern: '[' }, 'INVALID_REGULAR_EXPRESSION'],
    ['an epoch where there is no group', 'a', 1, {}, 'GROUP_ID_NOT_FOUND'],
    ['goodbye where there is no group', 'a', -1, {}, 'GROUP_ID_NOT_FOUND'],
  ] as const)('who says %s', (_, memberId, epoch, how, error) => {
    const scene = new SocketScene();
    expect(code(() => scene.consumer(memberId, epoch, how))).toBe(error);
    expect(scene.broker.groups.names()).toEqual([]);
  });

  it('who is no member, or one of another kind', () => {
    const scene = new SocketScene();
    scene.consumer('k', 0);
    scene.joinEmbedded('e');
    scene.join('', { newId: 'a' });
    for (const id of ['x', 'e', 'a']) {
      expect(code(() => scene.consumer(id, 1))).toBe('UNKNOWN_MEMBER_ID');
      expect(code(() => scene.consumer(id, -1))).toBe('UNKNOWN_MEMBER_ID');
    }
    expect(code(() => scene.consumer('k', -2))).toBe('INVALID_REQUEST');
  });

  it('who speaks of a classic group', () => {
    const scene = new SocketScene();
    scene.two();
    expect(code(() => scene.consumer('a', 2))).toBe('GROUP_ID_NOT_FOUND');
  });
});

describe('static members', () => {
  it('keep what they have while they are away; another one of that name has to wait until then', () => {
    const scene = new SocketScene();
    const how = { instanceId: 'S' };
    scene.consumer('a', 0, how);
    expect(code(() => scene.consumer('b', 0, how))).toBe('UNRELEASED_INSTANCE_ID');
    expect(scene.consumer('a', -2, how)).toMatchObject({ memberEpoch: -2 });
    expect(code(() => scene.consumer('a', 1, how))).toBe('UNKNOWN_MEMBER_ID');
    expect(told(scene.consumer('b', 0, how))).toBe('1: t0,t1,t2,t3');
    expect(code(() => scene.consumer('a', 1, how))).toBe('FENCED_INSTANCE_ID');
    expect(scene.record().members.map(({ id }) => id)).toEqual(['b']);
  });

  it('go for good when they say so, not with their connections', () => {
    const scene = new SocketScene();
    scene.consumer('a', 0, { instanceId: 'S' });
    scene.groups.drop('g', 'a', scene.clock.time);
    expect(scene.record().members).toHaveLength(1);
    scene.consumer('a', -1, { instanceId: 'S' });
    expect(scene.record().members).toEqual([]);
  });
});

describe('offsets of a consumer group', () => {
  const scene = () => {
    const made = new SocketScene();
    made.consumer('a', 0);
    made.consumer('b', 0);
    made.consumer('a', 1, { owned: made.ids(0, 1) });
    return made;
  };

  it.each([
    ['by its owner', 'a', 2, {}, null],
    ['by its owner, which has not heard of the newest epoch', 'a', 1, {}, null],
    ['by one that knows more than there is', 'a', 3, {}, 'STALE_MEMBER_EPOCH'],
    ['by one that says no epoch', 'a', -1, {}, 'STALE_MEMBER_EPOCH'],
    ['for what is another’s', 'a', 2, { partition: 3 }, 'STALE_MEMBER_EPOCH'],
    ['in a version that knows nothing of this', 'a', 2, { knowsEpochs: false }, 'UNSUPPORTED_VERSION'],
    ['for a transaction, in any version', 'a', 2, { knowsEpochs: false, isTransactional: true }, null],
    ['by nobody', 'x', 2, {}, 'UNKNOWN_MEMBER_ID'],
    ['by somebody', '', -1, {}, 'UNKNOWN_MEMBER_ID'],
  ] as const)('a commit %s', (_, memberId, epoch, how, error) => {
    expect(scene().commit(memberId, epoch, how)).toBe(error);
  });

  it.each([
    ['a member', 'a', 2, null],
    ['a member of another epoch', 'a', 1, 'STALE_MEMBER_EPOCH'],
    ['nobody', 'x', 2, 'UNKNOWN_MEMBER_ID'],
    ['who says nothing', null, -1, null],
  ] as const)('are told to %s', (_, memberId, epoch, error) => {
    expect(scene().groups.refusalOfFetch('g', memberId, epoch)).toBe(error);
  });

  it('are told to members of classic groups, whatever they say', () => {
    const classic = new SocketScene();
    classic.two();
    expect(classic.groups.refusalOfFetch('g', 'x', 9)).toBeNull();
    expect(classic.groups.refusalOfFetch('nowhere', 'x', 9)).toBeNull();
    classic.joinEmbedded('e');
    expect(classic.groups.refusalOfFetch('g', 'a', 1)).toBe('ILLEGAL_GENERATION');
    expect(classic.groups.refusalOfFetch('g', 'a', 2)).toBeNull();
  });

  it('are there by name and number', () => {
    const made = scene();
    made.commit('a', 2, { partition: 1, offset: 7 });
    made.commit('b', 2, { partition: 3, offset: 9 });
    made.commit('a', 2, { partition: 0, offset: 5 });
    const found = made.groups.committed('g').map(({ topic, partition, offset, leaderEpoch, metadata }) => ({
      ...{ at: `${topic}${partition}`, offset, leaderEpoch, metadata },
    }));
    const nothing = { leaderEpoch: -1, metadata: '' };
    expect(found).toEqual([
      { at: 't0', offset: 5, ...nothing },
      { at: 't1', offset: 7, ...nothing },
      { at: 't3', offset: 9, ...nothing },
    ]);
    expect(made.groups.committed('nowhere')).toEqual([]);
  });
});
