import { describe, expect, it } from 'vitest';
import { gives, REBALANCE, SESSION, SocketScene, wishes } from '../socket-scene.ts';

const code = (fn: () => unknown) => {
  try {
    fn();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return 'nothing thrown';
};

describe('a group, as its rows have it', () => {
  it('two members share, one goes, the other has it all', () => {
    const scene = new SocketScene();
    expect(scene.two()).toBe(2);
    expect(scene.shown).toBe('classic Stable 2: a 0,1 | b 2,3');
    expect(scene.leave('b')).toBeNull();
    expect(scene.shown).toBe('classic PreparingRebalance 2: a 0,1');
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    const answer = scene.join('a');
    expect(answer).toMatchObject({ generation: 3, leader: 'a', protocolType: 'consumer', protocol: 'range' });
    const all = [0, 1, 2, 3].map((partition) => ({ topic: 't', partition }));
    expect(scene.sync('a', 3, { a: gives(all) })).toBe('t0 t1 t2 t3');
    expect(scene.shown).toBe('classic Stable 3: a 0,1,2,3');
    expect(scene.beat('a', 3)).toBeNull();
    scene.leave('a');
    expect(scene.shown).toBe('classic Empty 4: ');
  });

  it('who waits is answered when it asks again: a join when all are in, a sync when the leader has assigned (C1, C2)', () => {
    const scene = new SocketScene();
    scene.two();
    expect(scene.join('', { newId: 'c' })).toBeNull();
    expect(scene.joined('c')).toBeNull();
    expect(scene.join('a')).toBeNull();
    expect(scene.join('b')).toMatchObject({ generation: 3, leader: 'a', members: [] });
    expect(scene.joined('c')).toMatchObject({ generation: 3, memberId: 'c' });
    expect(scene.joined('a')?.members.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(scene.sync('c', 3)).toBe('waits');
    expect(scene.sync('a', 3, { c: gives([{ topic: 't', partition: 3 }]) })).toBe('nothing');
    expect(scene.synced('c', 3)).toBe('t3');
  });

  it('is told when to ask again: at the latest when others are waited for no longer, and three times a session', () => {
    const scene = new SocketScene();
    const { groups } = scene;
    scene.two();
    expect(groups.join(scene.request('a', { sessionTimeoutMs: 6000 }))).toMatchObject({ answer: null, againIn: 2000 });
    expect(groups.join(scene.request('a', { sessionTimeoutMs: 600_000 }))).toMatchObject({ againIn: REBALANCE });
    scene.clock.time += 4000;
    expect(groups.joined(scene.request('a'))).toMatchObject({ againIn: REBALANCE - 4000 });
  });

  it('says when others are to ask again, and only then', () => {
    const scene = new SocketScene();
    const changed = (fn: () => { changed: boolean }) => {
      const before = scene.groups.version('g');
      const said = fn().changed;
      expect(said).toBe(scene.groups.version('g') !== before);
      return said;
    };
    const beat = (memberId: string) =>
      scene.groups.heartbeat({ group: 'g', memberId, instanceId: null, generation: 2 });
    scene.two();
    expect(changed(() => beat('a'))).toBe(false);
    expect(changed(() => scene.groups.join(scene.request('b')))).toBe(false);
    expect(changed(() => scene.groups.join(scene.request('a')))).toBe(true);
    expect(changed(() => scene.groups.joined(scene.request('a')))).toBe(false);
    expect(changed(() => scene.groups.join(scene.request('b')))).toBe(true);
    scene.clock.time += SESSION + 1;
    beat('a');
    scene.clock.time += SESSION + 1;
    expect(changed(() => scene.groups.leave('g', [{ memberId: 'x', instanceId: null }]))).toBe(true);
  });

  it('what a leader gives that nobody can read, or that there is not, is nobody’s; what it gives twice is the first one’s', () => {
    const scene = new SocketScene();
    const places = (...numbers: number[]) => gives(numbers.map((partition) => ({ topic: 't', partition })));
    scene.two();
    scene.join('a');
    scene.join('b');
    expect(scene.sync('a', 3, { a: places(0, 1, 9), b: places(1, 2) })).toBe('t0 t1 t9');
    expect(scene.shown).toBe('classic Stable 3: a 0,1 | b 2');
    scene.join('a');
    scene.join('b');
    scene.sync('a', 4, { b: Buffer.from('?'), a: gives([{ topic: 'other', partition: 0 }]) });
    expect(scene.shown).toBe('classic Stable 4: a | b');
  });

  it('of something else than consumers is nobody’s business', () => {
    const scene = new SocketScene();
    const connect = { protocolType: 'connect', protocols: [{ name: 'sessioned', metadata: wishes(['t']) }] };
    expect(scene.join('', { newId: 'a', ...connect })).toMatchObject({
      protocolType: 'connect',
      protocol: 'sessioned',
    });
    scene.sync('a', 1, { a: gives([{ topic: 't', partition: 0 }]) });
    expect(scene.shown).toBe('classic Stable 1: a');
    expect(scene.record().members[0]?.subscription).toEqual({ names: [] });
  });

  it('an id is out until its session is over', () => {
    const scene = new SocketScene();
    expect(scene.join('', { newId: 'a', comesTwice: true })).toMatchObject({
      error: 'MEMBER_ID_REQUIRED',
      memberId: 'a',
    });
    expect(scene.shown).toBe('classic Empty 0: ');
    scene.clock.time += SESSION;
    expect(scene.join('a', { comesTwice: true })).toMatchObject({ error: null, generation: 1 });
    scene.join('', { newId: 'b', comesTwice: true });
    scene.clock.time += SESSION;
    scene.beat('a', 1);
    scene.clock.time += 1;
    scene.groups.sweep();
    expect(scene.join('b', { comesTwice: true })).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('a topic that is deleted disturbs nobody: the leader finds out by itself', () => {
    const scene = new SocketScene({ t: 4, u: 1 });
    const generation = scene.two();
    scene.broker.store.write(() => scene.broker.catalogue.remove(scene.broker.catalogue.require('t')));
    expect(scene.beat('a', generation)).toBeNull();
  });
});

describe('who is refused', () => {
  it('a name that is none, a session that is too short', () => {
    const scene = new SocketScene();
    expect(code(() => scene.join('', { group: '' }))).toBe('INVALID_GROUP_ID');
    expect(code(() => scene.join('', { sessionTimeoutMs: 99 }))).toBe('INVALID_SESSION_TIMEOUT');
    expect(scene.broker.groups.names()).toEqual([]);
  });

  it('who is no member of what is no group, which is not made by that', () => {
    const scene = new SocketScene();
    expect(scene.join('a')).toMatchObject({ error: 'UNKNOWN_MEMBER_ID', memberId: 'a' });
    expect(scene.joined('a')).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(scene.sync('a', 1)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.synced('a', 1)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.beat('a', 1)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.leave('a')).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.broker.groups.names()).toEqual([]);
  });

  it('who is no member of what has none', () => {
    const scene = new SocketScene();
    scene.join('', { comesTwice: true });
    expect(scene.sync('a', 0)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.beat('a', 0)).toBe('UNKNOWN_MEMBER_ID');
    expect(scene.leave('a')).toBe('UNKNOWN_MEMBER_ID');
  });

  it.each([
    ['a wrong generation', 'a', 1, null, 'ILLEGAL_GENERATION'],
    ['nobody', 'x', 2, null, 'UNKNOWN_MEMBER_ID'],
    ['one whose place was taken', 'x', 2, 'S', 'FENCED_INSTANCE_ID'],
    ['an instance id that nobody has', 'a', 2, 'N', 'UNKNOWN_MEMBER_ID'],
    ['a member', 'a', 2, null, null],
    ['a static member', 's', 2, 'S', null],
  ] as const)('a heartbeat of %s', (_, memberId, generation, instanceId, error) => {
    const scene = new SocketScene();
    scene.join('', { newId: 'a' });
    scene.join('', { newId: 's', instanceId: 'S' });
    scene.join('a');
    expect(scene.beat(memberId, generation, instanceId)).toBe(error);
  });
});

describe('who is not heard of', () => {
  it('goes at another’s heartbeat, or at a sweep, when its session is over', () => {
    const scene = new SocketScene();
    scene.two();
    scene.clock.time += SESSION - 1;
    expect(scene.beat('a', 2)).toBeNull();
    scene.clock.time += 2;
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.beat('b', 2)).toBe('UNKNOWN_MEMBER_ID');
    scene.join('a');
    scene.clock.time += SESSION + 1;
    scene.groups.sweep();
    expect(scene.shown).toBe('classic Empty 4: ');
    const departures = scene.record().departures.map(({ member, why, heirs }) => [member, why, heirs]);
    expect(departures).toEqual([
      ['a', 'silent', []],
      ['b', 'silent', []],
    ]);
  });

  it('stays while it commits, and while its join or its sync waits', () => {
    const scene = new SocketScene();
    scene.two();
    scene.join('', { newId: 'c' });
    for (let i = 0; i < 4; i++) {
      scene.clock.time += SESSION / 2;
      expect(scene.commit('a', 2)).toBeNull();
      expect(scene.beat('b', 2)).toBe('REBALANCE_IN_PROGRESS');
      expect(scene.joined('c')).toBeNull();
    }
    scene.join('a');
    scene.join('b');
    expect(scene.sync('c', 3)).toBe('waits');
    for (let i = 0; i < 4; i++) {
      scene.clock.time += SESSION / 2;
      for (const id of ['a', 'b']) expect(scene.beat(id, 3)).toBeNull();
      expect(scene.synced('c', 3)).toBe('waits');
    }
  });

  it('stays when nobody could have heard it', () => {
    const scene = new SocketScene();
    scene.two();
    scene.clock.time += 3_600_000;
    expect(scene.beat('b', 2)).toBeNull();
    scene.clock.time += SESSION - 1;
    expect(scene.beat('b', 2)).toBeNull();
    expect(scene.beat('a', 2)).toBeNull();
  });

  it('stays when a server has started: everybody has a fresh session, and all its time to join', () => {
    const scene = new SocketScene();
    scene.two();
    scene.join('', { newId: 'c' });
    scene.join('', { newId: 'd', comesTwice: true });
    scene.clock.time += 3_600_000;
    scene.groups.excuse();
    scene.groups.sweep();
    expect(scene.record().members.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(scene.join('d', { comesTwice: true })).toBeNull();
    for (const id of ['a', 'b', 'c']) scene.joined(id);
    expect(scene.joined('c')).toMatchObject({ generation: 3 });
  });

  it('goes when its connection was closed and it has not come back since, unless it is static', () => {
    const scene = new SocketScene();
    scene.join('', { newId: 'a' });
    scene.join('', { newId: 's', instanceId: 'S' });
    scene.join('a');
    scene.joined('s', { instanceId: 'S' });
    const closed = scene.clock.time + 10;
    scene.clock.time += 20;
    scene.beat('a', 2);
    scene.groups.drop('g', 'a', closed);
    scene.groups.drop('g', 's', closed);
    scene.groups.drop('g', 'x', closed);
    scene.groups.drop('nowhere', 'x', closed);
    expect(scene.record().members.map(({ id }) => id)).toEqual(['a', 's']);
    scene.groups.drop('g', 'a', scene.clock.time);
    expect(scene.record().members.map(({ id }) => id)).toEqual(['s']);
    expect(scene.record().departures.map(({ member, why }) => [member, why])).toEqual([['a', 'closed']]);
    scene.join('', { newId: 'd', comesTwice: true });
    scene.groups.drop('g', 'd', scene.clock.time);
    expect(scene.join('d', { comesTwice: true })).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('is waited for no longer than its time, after the clock was set back', () => {
    const scene = new SocketScene();
    scene.two();
    scene.join('a');
    scene.clock.time -= 86_400_000;
    scene.joined('a');
    scene.beat('b', 2);
    for (let left = REBALANCE; left > 0; left -= SESSION / 2) {
      expect(scene.joined('a')).toBeNull();
      scene.beat('b', 2);
      scene.clock.time += SESSION / 2;
    }
    expect(scene.joined('a')).toMatchObject({ generation: 3 });
  });
});

describe('static members', () => {
  it('one that is back goes on with what it had; the other one of that name is fenced', () => {
    const scene = new SocketScene();
    const how = { instanceId: 'S' };
    scene.join('', { newId: 's', ...how });
    scene.sync('s', 1, { s: gives([{ topic: 't', partition: 0 }]) });
    expect(scene.join('', { newId: 's2', ...how })).toMatchObject({
      generation: 1,
      leader: 's2',
      skipAssignment: true,
    });
    expect(scene.sync('s2', 1)).toBe('t0');
    expect(scene.shown).toBe('classic Stable 1: s2 0');
    expect(scene.beat('s', 1, 'S')).toBe('FENCED_INSTANCE_ID');
    expect(scene.commit('s', 1, { instanceId: 'S' })).toBe('FENCED_INSTANCE_ID');
    expect(scene.commit('s2', 1, { instanceId: 'S' })).toBeNull();
    expect(scene.record().departures).toEqual([]);
  });

  it('one whose join or sync waits is fenced too', () => {
    const scene = new SocketScene();
    scene.two();
    scene.join('', { newId: 's', instanceId: 'S' });
    scene.join('', { newId: 's2', instanceId: 'S' });
    expect(scene.joined('s', { instanceId: 'S' })).toMatchObject({ error: 'FENCED_INSTANCE_ID' });
    expect(scene.joined('s2', { instanceId: 'S' })).toBeNull();
  });
});

describe('who may commit', () => {
  it.each([
    ['a member', 'a', 2, {}, null],
    ['a member of another generation', 'a', 1, {}, 'ILLEGAL_GENERATION'],
    ['nobody', 'x', 2, {}, 'UNKNOWN_MEMBER_ID'],
    ['who does not say who it is', '', -1, {}, 'UNKNOWN_MEMBER_ID'],
    ['a transaction that does not say whose it is', '', -1, { isTransactional: true }, null],
    ['a member that says no generation', 'a', -1, {}, 'ILLEGAL_GENERATION'],
    ['another partition than it was given', 'a', 2, { partition: 3 }, null],
  ] as const)('%s', (_, memberId, generation, how, error) => {
    const scene = new SocketScene();
    scene.two();
    expect(scene.commit(memberId, generation, how)).toBe(error);
  });

  it.each([
    ['CompletingRebalance', {}, 'REBALANCE_IN_PROGRESS'],
    ['CompletingRebalance', { isTransactional: true }, null],
    ['PreparingRebalance', {}, null],
  ] as const)('while a group is %s', (phase, how, error) => {
    const scene = new SocketScene();
    scene.join('', { newId: 'a' });
    if (phase === 'PreparingRebalance') scene.join('', { newId: 'b' });
    expect(scene.record().state).toBe(phase);
    expect(scene.commit('a', 1, how)).toBe(error);
  });

  it.each([
    ['nobody in particular, which makes the group', '', -1, {}, null],
    ['a member of a generation', 'a', 3, {}, 'GROUP_ID_NOT_FOUND'],
    ['a member of a generation, in an old version', 'a', 3, { knowsEpochs: false }, 'ILLEGAL_GENERATION'],
  ] as const)('where there is no group: %s', (_, memberId, generation, how, error) => {
    const scene = new SocketScene();
    expect(scene.commit(memberId, generation, how)).toBe(error);
    expect(scene.broker.groups.names()).toEqual(error === null ? ['g'] : []);
  });

  it.each([
    ['nobody in particular', '', -1, null],
    ['a member of a generation', 'a', 0, 'UNKNOWN_MEMBER_ID'],
  ] as const)('where there are no members: %s', (_, memberId, generation, error) => {
    const scene = new SocketScene();
    scene.commit('', -1);
    expect(scene.commit(memberId, generation)).toBe(error);
  });

  it('for a partition that there is not', () => {
    const scene = new SocketScene();
    expect(scene.commit('', -1, { partition: 9 })).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('to a transaction: by its generation, whatever the group is at', () => {
    const scene = new SocketScene();
    scene.two();
    const judge = (memberId: string, generation: number, group = 'g') =>
      scene.broker.store.write(() => {
        const s = { now: scene.clock.time, isGone: () => false };
        return scene.broker.groups.rows.judge(group, { group, memberId, generation }, [{ id: 1, offset: 5 }], s)
          .results;
      });
    expect(judge('a', 2)).toEqual([{ id: 1, error: null }]);
    expect(code(() => judge('a', 1))).toBe('ILLEGAL_GENERATION');
    expect(code(() => judge('x', 2))).toBe('UNKNOWN_MEMBER_ID');
    expect(code(() => judge('a', 2, 'none'))).toBe('ILLEGAL_GENERATION');
    expect(judge('', -1, 'none')).toEqual([{ id: 1, error: null }]);
    scene.join('a');
    scene.join('b');
    expect(scene.record().state).toBe('CompletingRebalance');
    expect(judge('a', 3)).toEqual([{ id: 1, error: null }]);
  });
});
