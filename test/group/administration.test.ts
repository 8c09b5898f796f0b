import { describe, expect, it } from 'vitest';
import { GroupAdministration } from '../../src/group/administration/administration.ts';
import { Topics } from '../../src/topic/topics.ts';
import { GroupScene } from './group-scene.ts';

class AdministrationScene extends GroupScene {
  readonly administration = new GroupAdministration(this.broker.store, new Topics(this.broker.store));

  record(name = 'g') {
    return this.broker.store.read(() => this.administration.records([name])[0]);
  }

  set(offsets: Record<number, number>, group = 'g') {
    const list = Object.entries(offsets).map(([id, offset]) => ({ id: Number(id), offset }));
    this.write(() => this.administration.setOffsets(group, list, this.now));
  }

  offsets(name = 'g') {
    return Object.fromEntries(this.record(name)?.offsets.map(({ partition, offset }) => [partition, offset]) ?? []);
  }
}

describe('offsets from outside', () => {
  it('are set all at once, and the group is made; a second time they go back', () => {
    const scene = new AdministrationScene();
    scene.set({ 1: 5, 2: 6 });
    scene.set({ 1: 3 });
    expect(scene.record()).toMatchObject({ state: 'Empty', epoch: 0, assignor: null, emptySince: scene.now });
    expect(scene.offsets()).toEqual({ 1: 3, 2: 6 });
  });

  it('are refused, all of them, while the group has members, who are named', () => {
    const scene = new AdministrationScene();
    scene.join('a');
    expect(() => scene.set({ 1: 5 })).toThrow(/^g is active: member a$/);
    scene.join('b');
    expect(() => scene.set({ 1: 5 })).toThrow(expect.objectContaining({ code: 'NON_EMPTY_GROUP' }));
    expect(() => scene.write(() => scene.administration.deleteGroups(['g']))).toThrow(/^g is active: members a, b$/);
    expect(scene.offsets()).toEqual({});
  });

  it('one that cannot be stored leaves nothing behind, not even the group', () => {
    const scene = new AdministrationScene();
    expect(() => scene.set({ 1: 5, 99: 1 })).toThrow(expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION' }));
    expect(() => scene.record()).toThrow(expect.objectContaining({ code: 'GROUP_ID_NOT_FOUND' }));
  });

  it('are forgotten one by one, but not for a topic that a member reads', () => {
    const scene = new AdministrationScene({ t: 2, u: 1 });
    scene.set({ 1: 5, 2: 6, 3: 7 });
    scene.join('a');
    const forget = (ids: number[]) => scene.write(() => scene.administration.deleteOffsets('g', ids));
    expect(() => forget([3, 1])).toThrow(expect.objectContaining({ code: 'GROUP_SUBSCRIBED_TO_TOPIC' }));
    expect(scene.offsets()).toEqual({ 1: 5, 2: 6, 3: 7 });
    expect([forget([3]), forget([3])]).toEqual([1, 0]);
  });
});

describe('looking', () => {
  it('at many groups says what looking at each one says', () => {
    const scene = new AdministrationScene({ t: 3 });
    const names = Array.from({ length: 30 }, (_, i) => `g${i}`);
    for (const [i, name] of names.entries()) {
      if (i % 3 !== 0 || i % 2 !== 0) scene.set({ 1: i, 2: 2 * i }, name);
      if (i % 2 === 0) scene.join(`m${i}`, { group: name });
      if (i % 4 === 0) scene.join(`n${i}`, { group: name });
      if (i % 8 === 0) scene.write(() => scene.groups.leave({ group: name, memberId: `m${i}` }, scene.around));
    }
    const look = (list?: string[]) => scene.broker.store.read(() => scene.administration.records(list));
    const each = names.flatMap((name) => look([name]));
    expect(look(names)).toMatchObject(each);
    expect(look().map(({ name }) => name)).toEqual([...names].sort());
    expect(scene.broker.store.read(() => scene.administration.names())).toEqual([...names].sort());
    expect(new Set(each.map(({ state }) => state))).toEqual(new Set(['Empty', 'Stable', 'Reconciling', 'Assigning']));
  });

  it('for a group that is not there names the one that was meant', () => {
    const scene = new AdministrationScene();
    scene.set({ 1: 1 }, 'billing');
    expect(() => scene.record('biling')).toThrow(
      expect.objectContaining({ code: 'GROUP_ID_NOT_FOUND', hint: expect.stringContaining("'billing'") }),
    );
  });
});

describe('groups end', () => {
  it('when they are deleted, all of them or none', () => {
    const scene = new AdministrationScene();
    scene.set({ 1: 1 }, 'g1');
    scene.set({ 1: 1 }, 'g2');
    const remove = (names: string[]) => scene.write(() => scene.administration.deleteGroups(names));
    expect(() => remove(['g1', 'g3'])).toThrow(expect.objectContaining({ code: 'GROUP_ID_NOT_FOUND' }));
    expect(scene.offsets('g1')).toEqual({ 1: 1 });
    remove(['g1', 'g2']);
    expect(scene.administration.names()).toEqual([]);
  });

  it('when they have had no members, and their offsets were old, for the whole retention', () => {
    const scene = new AdministrationScene();
    const expire = (ms: number) => scene.write(() => scene.administration.expire(scene.now - ms));
    scene.set({ 1: 1 });
    scene.join('a');
    scene.now += 5000;
    expect(expire(1000)).toEqual({ offsets: 0, groups: 0 });
    scene.leave('a');
    scene.now += 500;
    scene.set({ 2: 2 });
    scene.now += 700;
    expect(scene.administration.hasExpired(scene.now - 1000)).toBe(true);
    expect(expire(1000)).toEqual({ offsets: 1, groups: 0 });
    expect(scene.offsets()).toEqual({ 2: 2 });
    scene.now += 400;
    expect(expire(1000)).toEqual({ offsets: 1, groups: 1 });
    expect(scene.administration.hasExpired(scene.now - 1000)).toBe(false);
    expect(scene.administration.names()).toEqual([]);
  });

  it('with members, only old offsets of what nobody is subscribed to go', () => {
    const scene = new AdministrationScene({ t: 1, u: 1 });
    scene.set({ 1: 1, 2: 2 });
    scene.join('a');
    scene.now += 5000;
    expect(scene.write(() => scene.administration.expire(scene.now - 1000))).toEqual({ offsets: 1, groups: 0 });
    expect(scene.offsets()).toEqual({ 1: 1 });
  });
});
