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

/** What a consumer of the cooperative protocol says, which has not given up these partitions of t. */
const owning = (...numbers: number[]) => {
  const owned = numbers.map((partition) => ({ topic: 't', partition }));
  return { protocols: [{ name: 'cooperative-sticky', metadata: wishes(['t'], owned) }] };
};

describe('one of beck’s own, or of KIP-848, joins a classic group (convertToConsumerGroup)', () => {
  const comers = [
    ['beck’s own', (scene: SocketScene) => scene.joinEmbedded('e')],
    ['KIP-848’s', (scene: SocketScene) => scene.consumer('e', 0)],
  ] as const;

  it.each(comers)('%s: who is there keeps what it has, and is sent to join again', (_, comes) => {
    const scene = new SocketScene();
    const generation = scene.two();
    comes(scene);
    expect(scene.shown).toMatch(/^consumer Reconciling 3: a \d,\d>? \| b \d,\d>? \| e$/);
    expect(scene.beat('a', generation)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.beat('a', 1)).toBe('ILLEGAL_GENERATION');
    expect(scene.commit('a', generation)).toBeNull();
  });

  it('its classic members are followers, and are given what the server assigns', () => {
    const scene = new SocketScene();
    scene.two();
    scene.joinEmbedded('e');
    const joined = scene.join('a');
    expect(joined).toMatchObject({
      error: null,
      generation: 3,
      protocolType: 'consumer',
      protocol: 'range',
      leader: '',
      members: [],
    });
    expect(scene.join('b')).toMatchObject({ generation: 3 });
    const hands = [scene.sync('a', 3), scene.sync('b', 3)].join(' ').split(' ').sort();
    const own = scene.broker.groups.membership({ group: 'g', memberId: 'e' })?.assigned.map((p) => `t${p.partition}`);
    expect([...hands, ...(own ?? [])].sort()).toEqual(['t0', 't1', 't2', 't3']);
    expect(scene.beat('a', 3)).toBeNull();
    expect(scene.beat('b', 3)).toBeNull();
  });

  it.each([
    ['joins wait', (scene: SocketScene) => scene.join('a')],
    ['syncs wait', (scene: SocketScene) => [scene.join('a'), scene.join('b')]],
  ])('while %s: they are answered', (phase, begin) => {
    const scene = new SocketScene();
    scene.two();
    begin(scene);
    if (phase === 'syncs wait') expect(scene.sync('b', 3)).toBe('waits');
    scene.joinEmbedded('e');
    if (phase === 'syncs wait') expect(scene.synced('b', 3)).toBe('REBALANCE_IN_PROGRESS');
    const generation = scene.joined('a')?.generation as number;
    expect(scene.record().epoch).toBe(generation);
    expect(scene.sync('a', generation)).toMatch(/^t\d/);
  });

  it('an id that is out is good', () => {
    const scene = new SocketScene();
    scene.two();
    scene.join('', { newId: 'c', comesTwice: true });
    scene.joinEmbedded('e');
    expect(scene.join('c', { comesTwice: true })).toMatchObject({ error: null, memberId: 'c' });
    expect(scene.record().members.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'e']);
  });

  it('who is silent by then is no member', () => {
    const scene = new SocketScene();
    scene.two();
    scene.clock.time += SESSION + 1;
    scene.joinEmbedded('e');
    expect(scene.shown).toBe('consumer Stable 4: e 0,1,2,3');
  });

  it.each(comers)('%s: not where members are no consumers, or cannot be read', (_, comes) => {
    for (const how of [
      { protocolType: 'connect', protocols: [{ name: 'x', metadata: wishes(['t']) }] },
      { protocols: [{ name: 'range', metadata: Buffer.from('?') }] },
    ]) {
      const scene = new SocketScene();
      scene.join('', { newId: 'a', ...how });
      const before = scene.shown;
      expect(code(() => comes(scene))).toBe('INCONSISTENT_GROUP_PROTOCOL');
      expect(scene.shown).toBe(before);
    }
  });
});

describe('a classic client joins a consumer group (classicGroupJoinToConsumerGroup)', () => {
  it('and is given its share when that is given up', () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e');
    const answer = scene.join('', { newId: 'a', comesTwice: true });
    expect(answer).toMatchObject({ error: 'MEMBER_ID_REQUIRED', memberId: 'a' });
    expect(scene.join('a', { comesTwice: true })).toMatchObject({ generation: 2, leader: '', protocol: 'range' });
    expect(scene.sync('a', 2)).toBe('');
    expect(scene.beat('a', 2)).toBeNull();
    const { revoked } = scene.broker.groups.membership({ group: 'g', memberId: 'e' }) ?? { revoked: [] };
    scene.broker.groups.commitAndRelease(
      { group: 'g', memberId: 'e' },
      [],
      revoked.map(({ id }) => id),
    );
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.join('a')).toMatchObject({ generation: 2 });
    expect(scene.sync('a', 2)).toBe('t2 t3');
    expect(scene.beat('a', 2)).toBeNull();
  });

  it.each([
    ['no consumer', { protocolType: 'connect' }],
    ['one that cannot be read', { protocols: [{ name: 'range', metadata: Buffer.alloc(0) }] }],
  ])('not %s', (_, how) => {
    const scene = new SocketScene();
    scene.joinEmbedded('e');
    expect(scene.join('', how)).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL', memberId: '' });
  });

  it('not one that has no protocol in common with the classic ones that are there', () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e');
    scene.join('', { newId: 'a' });
    expect(scene.join('', owning())).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL' });
  });

  it('gives up at its next join what it does not name as its own; an eager one all, at once', () => {
    const scene = new SocketScene();
    expect(scene.consumer('k', 0).memberEpoch).toBe(1);
    scene.join('', { newId: 'a', ...owning() });
    expect(scene.consumer('k', 1, { owned: scene.ids(0, 1) }).memberEpoch).toBe(2);
    scene.join('a', owning());
    expect(scene.sync('a', 2)).toBe('t2 t3');
    scene.join('', { newId: 'b', ...owning() });
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.join('a', owning(2, 3))).toMatchObject({ generation: 2 });
    const [kept] = /\d/.exec(scene.sync('a', 2)) ?? [];
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.join('a', owning(Number(kept)))).toMatchObject({ generation: 3 });
    expect(scene.sync('a', 3)).toBe(`t${kept}`);
    expect(scene.beat('a', 3)).toBeNull();
    expect(scene.join('a', owning())).toMatchObject({ generation: 3 });
    expect(scene.sync('a', 3)).toBe(`t${kept}`);
  });

  it('with one of beck’s own of the same instance id: that one is fenced', () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e', 'S');
    scene.joinEmbedded('f');
    expect(scene.join('', { newId: 'a', instanceId: 'S' })).toMatchObject({ error: null });
    expect(scene.shown).toMatch(/^consumer .*: a \S+ \| f/);
    const ref = { group: 'g', memberId: 'e', instanceId: 'S' };
    expect(code(() => scene.broker.groups.heartbeat(ref))).toBe('FENCED_INSTANCE_ID');
  });

  it('of an empty group: that becomes classic', () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e');
    scene.broker.groups.commitAndLeave({ group: 'g', memberId: 'e' }, []);
    expect(scene.shown).toBe('consumer Empty 2: ');
    expect(scene.join('', { newId: 'a' })).toMatchObject({ generation: 3, leader: 'a' });
    expect(scene.shown).toBe('classic CompletingRebalance 3: a');
  });
});

describe('the last one that is not classic goes (convertToClassicGroup)', () => {
  const mixed = () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e');
    scene.join('', { newId: 'a' });
    const { revoked } = scene.broker.groups.membership({ group: 'g', memberId: 'e' }) ?? { revoked: [] };
    scene.broker.groups.commitAndRelease(
      { group: 'g', memberId: 'e' },
      [],
      revoked.map(({ id }) => id),
    );
    scene.join('a');
    scene.sync('a', 2);
    return scene;
  };

  it('the others have what they know of, and share anew', () => {
    const scene = mixed();
    scene.broker.groups.commitAndLeave({ group: 'g', memberId: 'e' }, []);
    expect(scene.shown).toBe('classic PreparingRebalance 2: a 2,3');
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.commit('a', 2)).toBeNull();
    expect(scene.join('a')).toMatchObject({ generation: 3, leader: 'a' });
    expect(scene.sync('a', 3, { a: gives([{ topic: 't', partition: 1 }]) })).toBe('t1');
  });

  it('by its silence, at the heartbeat of another', () => {
    const scene = mixed();
    scene.clock.time += SESSION - 1;
    expect(scene.beat('a', 2)).toBeNull();
    scene.clock.time += 2;
    expect(scene.beat('a', 2)).toBe('REBALANCE_IN_PROGRESS');
    expect(scene.shown).toBe('classic PreparingRebalance 2: a 2,3');
  });

  it('as a static member of the same instance id, which is classic', () => {
    const scene = new SocketScene();
    scene.joinEmbedded('e', 'S');
    scene.join('', { newId: 'a' });
    expect(scene.join('', { newId: 's', instanceId: 'S' })).toBeNull();
    expect(scene.shown).toMatch(/^classic PreparingRebalance 2: a \| s/);
    expect(scene.join('a')).toMatchObject({ generation: 3 });
    expect(scene.joined('s', { instanceId: 'S' })).toMatchObject({ generation: 3 });
  });
});

describe('classic members of a consumer group', () => {
  const scene = () => {
    const it = new SocketScene();
    it.joinEmbedded('e');
    it.join('', { newId: 'a' });
    it.join('', { newId: 's', instanceId: 'S' });
    return it;
  };

  it.each([
    ['nobody', 'x', null, 'UNKNOWN_MEMBER_ID'],
    ['one that does not speak so', 'e', null, 'UNKNOWN_MEMBER_ID'],
    ['one whose place was taken', 'x', 'S', 'FENCED_INSTANCE_ID'],
    ['an instance id that nobody has', 'a', 'N', 'UNKNOWN_MEMBER_ID'],
  ] as const)('%s is not heard', (_, memberId, instanceId, error) => {
    expect(scene().beat(memberId, 3, instanceId)).toBe(error);
    expect(scene().leave(memberId, instanceId)).toBe(error);
    expect(scene().groups.sync({ ...syncOf(memberId, 3), instanceId }).answer?.error).toBe(error);
  });

  it('sync under what they joined with', () => {
    const mixed = scene();
    mixed.join('a');
    const error = (how: object) => mixed.groups.sync({ ...syncOf('a', 3), ...how }).answer?.error;
    expect(error({ protocolType: 'connect' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(error({ protocol: 'sticky' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(error({ generation: 2 })).toBe('ILLEGAL_GENERATION');
    expect(error({ protocolType: 'consumer', protocol: 'range' })).toBeNull();
  });

  it('are sent to join again when the group has changed before they sync', () => {
    const mixed = scene();
    const { generation } = mixed.join('a') ?? { generation: 0 };
    mixed.join('', { newId: 'b' });
    expect(mixed.sync('a', generation)).toBe('REBALANCE_IN_PROGRESS');
  });

  it('leave by their ids, and static ones for good', () => {
    const mixed = scene();
    expect(mixed.leave('a')).toBeNull();
    expect(mixed.leave('', 'S')).toBeNull();
    expect(mixed.shown).toBe('consumer Assigning 5: e 0,1,2,3');
  });

  it('go with their connections, but for static ones', () => {
    const mixed = scene();
    for (const id of ['a', 's', 'e', 'x']) mixed.groups.drop('g', id, mixed.clock.time);
    expect(mixed.record().members.map(({ id }) => id)).toEqual(['e', 's']);
  });

  it('are no members any more when they do not join, or do not sync, in their time', () => {
    const mixed = scene();
    const go = (ms: number) => {
      mixed.clock.time += ms;
      mixed.broker.groups.heartbeat({ group: 'g', memberId: 'e' });
    };
    const { generation } = mixed.join('a') ?? { generation: 0 };
    mixed.sync('a', generation);
    mixed.join('', { newId: 'b' });
    for (let i = 0; i < 3; i++) {
      mixed.beat('a', generation);
      go(SESSION - 1);
    }
    expect(mixed.record().members.map(({ id }) => id)).toEqual(['a', 'e']);
    mixed.beat('a', generation);
    go(5);
    expect(mixed.record().members.map(({ id }) => id)).toEqual(['e']);
    expect(mixed.record().departures.map(({ member, why }) => [member, why])).toEqual([
      ['a', 'late'],
      ['s', 'silent'],
      ['b', 'silent'],
    ]);
    expect(REBALANCE).toBe(3 * SESSION);
  });

  it('commit what is theirs, in their generation', () => {
    const mixed = scene();
    const { generation } = mixed.join('a') ?? { generation: 0 };
    expect(mixed.commit('a', generation)).toBe('ILLEGAL_GENERATION');
    expect(mixed.commit('a', generation - 1)).toBe('ILLEGAL_GENERATION');
    const { revoked } = mixed.broker.groups.membership({ group: 'g', memberId: 'e' }) ?? { revoked: [] };
    mixed.broker.groups.commitAndRelease(
      { group: 'g', memberId: 'e' },
      [],
      revoked.map(({ id }) => id),
    );
    const [own] = mixed.broker.groups.membership({ group: 'g', memberId: 'a' })?.assigned ?? [];
    expect(mixed.commit('a', generation, { partition: own?.partition as number, knowsEpochs: false })).toBeNull();
  });
});

function syncOf(memberId: string, generation: number) {
  return {
    group: 'g',
    memberId,
    instanceId: null,
    generation,
    protocolType: null,
    protocol: null,
    assignments: new Map(),
  };
}
