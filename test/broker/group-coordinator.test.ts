import { describe, expect, it, vi } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { thisProcess } from '../../src/broker/peers.ts';
import type { MemberRef } from '../../src/group/groups.ts';
import { openTestBroker, TestClock } from '../support/test-broker.ts';

const ref = (memberId: string): MemberRef => ({ group: 'g', memberId });

function setUp() {
  const clock = new TestClock();
  const broker = openTestBroker({ clock });
  broker.createTopics([{ name: 't', partitions: 2 }]);
  const touch = vi.spyOn(broker.wake, 'touch');
  const write = vi.spyOn(broker.store, 'write');
  /** How often others are woken by it, and how durably it is stored. */
  const seen = (fn: () => unknown) => {
    touch.mockClear();
    write.mockClear();
    fn();
    return [touch.mock.calls.length, write.mock.calls.map(([, durability]) => durability).join()];
  };
  return { clock, broker, seen };
}

function join({ groups }: Broker, memberId: string, process = thisProcess()) {
  const who = { ...ref(memberId), name: memberId, host: 'local', sessionTimeoutMs: 1000, process };
  return groups.join({ ...who, subscription: { names: ['t'] } });
}

describe('the doors of groups', () => {
  it('wake others for what these wait for, and for nothing else; only the last offsets outlive a power cut', () => {
    const { broker, seen } = setUp();
    const { groups } = broker;
    expect(seen(() => join(broker, 'a'))).toEqual([1, 'normal']);
    expect(seen(() => join(broker, 'b'))).toEqual([1, 'normal']);
    expect(seen(() => groups.membership(ref('a')))).toEqual([0, '']);
    expect(seen(() => groups.glance('g'))).toEqual([0, '']);
    expect(seen(() => groups.heartbeat(ref('b')))).toEqual([0, 'normal']);
    expect(seen(() => groups.commit('g', ref('a'), [{ id: 1, offset: 4 }]))).toEqual([0, 'normal']);
    expect(seen(() => groups.commit('g', ref('a'), [{ id: 1, offset: 5 }], 'full'))).toEqual([0, 'full']);
    expect(seen(() => groups.commitAndRelease(ref('a'), [], [2]))).toEqual([1, 'normal']);
    expect(seen(() => groups.removeGone('g'))).toEqual([0, 'normal']);
    expect(seen(() => groups.refresh('g'))).toEqual([0, 'normal']);
    expect(seen(() => groups.commitAndLeave(ref('a'), [{ id: 1, offset: 6 }]))).toEqual([1, 'full']);
    expect(groups.membership(ref('b'))?.assigned.map(({ committed }) => committed)).toEqual([6, null]);
    expect(groups.commitAndLeave(ref('b'), [{ id: 2, offset: 1 }])).toEqual([{ id: 2, error: null }]);
    expect(groups.membership(ref('b'))).toBeNull();
  });

  it('wake others when something was overdue, or topics changed', () => {
    const { clock, broker, seen } = setUp();
    const { groups } = broker;
    join(broker, 'a');
    join(broker, 'b');
    clock.time += 600;
    groups.heartbeat(ref('b'));
    clock.time += 600;
    expect(seen(() => groups.heartbeat(ref('b')))).toEqual([1, 'normal']);
    broker.alterTopic('t', { partitions: 3 });
    expect(seen(() => groups.refresh('g'))).toEqual([1, 'normal']);
    join(broker, 'c', { ...thisProcess(), started: 'never' });
    expect(seen(() => groups.removeGone('g'))[0]).toBe(process.platform === 'linux' ? 1 : 0);
  });

  it('commit and give up in one step: who gets the partition sees the offset', () => {
    const { broker } = setUp();
    join(broker, 'a');
    join(broker, 'b');
    expect(broker.groups.commitAndRelease(ref('a'), [{ id: 2, offset: 9 }], [2])).toEqual([{ id: 2, error: null }]);
    expect(broker.groups.membership(ref('b'))?.assigned).toMatchObject([{ partition: 1, committed: 9 }]);
  });

  it.runIf(process.platform === 'linux')('members that are gone keep nobody from changing offsets', () => {
    const { broker } = setUp();
    const { groups } = broker;
    const dead = { ...thisProcess(), started: 'never' };
    join(broker, 'a', dead);
    groups.setOffsets('g', [{ id: 1, offset: 3 }]);
    join(broker, 'b', dead);
    expect(groups.deleteOffsets('g', [1, 2])).toBe(1);
    join(broker, 'c', dead);
    groups.deleteGroups(['g', 'g']);
    expect(groups.names()).toEqual([]);
  });
});
