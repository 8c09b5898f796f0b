import { describe, expect, it } from 'vitest';
import type { ClassicGroup } from '../../../src/group/classic/classic-group.ts';
import { decideSync, lookAtSync, type SyncRequest } from '../../../src/group/classic/sync.ts';
import { group, NOW, shown, syncing } from './a-group.ts';

const bytes = (text: string) => Buffer.from(text);
const brings = {
  assignments: new Map([
    ['a', bytes('new a')],
    ['b', bytes('new b')],
    ['x', bytes('nobody’s')],
  ]),
};

function outcome({ group: after, answer }: ReturnType<typeof decideSync>): [string, string] {
  return [answer === null ? 'waits' : (answer.error ?? `"${answer.assignment}"`), shown(after)];
}

describe('a sync (GroupMetadataManager.classicGroupSync)', () => {
  it.each([
    [
      'a follower, before the leader',
      group('CompletingRebalance', 'a- b-'),
      syncing('b'),
      'waits',
      'CompletingRebalance 3: a- b',
    ],
    ['the leader', group('CompletingRebalance', 'a- b'), syncing('a', brings), '"new a"', 'Stable 3: a b'],
    ['the leader, first', group('CompletingRebalance', 'a- b-'), syncing('a', brings), '"new a"', 'Stable 3: a b-'],
    ['the leader, bringing nothing', group('CompletingRebalance', 'a- b'), syncing('a'), '""', 'Stable 3: a b'],
    [
      'a follower that brings something: it is not the leader',
      group('CompletingRebalance', 'a- b-'),
      syncing('b', brings),
      'waits',
      'CompletingRebalance 3: a- b',
    ],
    ['a follower, after the leader', group('Stable', 'a b-'), syncing('b'), '"for b"', 'Stable 3: a b'],
    ['again', group('Stable', 'a b'), syncing('b'), '"for b"', 'Stable 3: a b'],
    [
      'the leader again, with something else: what is done is done',
      group('Stable', 'a b'),
      syncing('a', brings),
      '"for a"',
      'Stable 3: a b',
    ],
    [
      'while all are to join',
      group('PreparingRebalance', 'a+ b-'),
      syncing('b'),
      'REBALANCE_IN_PROGRESS',
      'PreparingRebalance 3: a+ b-',
    ],
    [
      'of another generation',
      group('Stable', 'a b-'),
      syncing('b', { generation: 2 }),
      'ILLEGAL_GENERATION',
      'Stable 3: a b-',
    ],
    ['of nobody', group('Stable', 'a'), syncing('x'), 'UNKNOWN_MEMBER_ID', 'Stable 3: a'],
    ['of an id that is out', group('Stable', 'a ?n'), syncing('n'), 'UNKNOWN_MEMBER_ID', 'Stable 3: a ?n'],
    [
      'of one whose place was taken',
      group('Stable', 'a B'),
      syncing('x', { instanceId: 'B' }),
      'FENCED_INSTANCE_ID',
      'Stable 3: a B',
    ],
    [
      'under another type',
      group('Stable', 'a'),
      syncing('a', { protocolType: 'connect' }),
      'INCONSISTENT_GROUP_PROTOCOL',
      'Stable 3: a',
    ],
    [
      'under another protocol',
      group('Stable', 'a'),
      syncing('a', { protocol: 'rr' }),
      'INCONSISTENT_GROUP_PROTOCOL',
      'Stable 3: a',
    ],
    [
      'under the group’s',
      group('Stable', 'a'),
      syncing('a', { protocolType: 'consumer', protocol: 'range' }),
      '"for a"',
      'Stable 3: a',
    ],
  ] satisfies [string, ClassicGroup, SyncRequest, string, string][])('%s', (_, before, request, said, after) => {
    expect(outcome(decideSync(before, request, NOW))).toEqual([said, after]);
  });

  it('everyone is given what the leader brought, nobody something old (C2)', () => {
    const { group: after } = decideSync(group('CompletingRebalance', 'a- b- c-'), syncing('a', brings), NOW + 5);
    expect(after.members.map(({ assignment }) => assignment && `${assignment}`)).toEqual(['new a', 'new b', null]);
    expect(after.members.map(({ heard }) => heard - NOW)).toEqual([5, 5, 5]);
  });

  it('who has yet to sync is waited for until all have', () => {
    const { group: first } = decideSync(group('CompletingRebalance', 'a- b-'), syncing('a', brings), NOW);
    expect(first.due).not.toBeNull();
    expect(decideSync(first, syncing('b'), NOW).group.due).toBeNull();
  });
});

describe('a sync that waits looks again', () => {
  it.each([
    ['and waits on', group('CompletingRebalance', 'a- b'), 'waits'],
    ['when the leader has assigned', group('Stable', 'a b'), '"for b"'],
    ['when all are to join again', group('PreparingRebalance', 'a- b-'), 'REBALANCE_IN_PROGRESS'],
    [
      'when another generation waits for its leader',
      group('CompletingRebalance', 'a- b-', { generation: 4 }),
      'REBALANCE_IN_PROGRESS',
    ],
    ['when another generation has its assignment', group('Stable', 'a b', { generation: 4 }), 'REBALANCE_IN_PROGRESS'],
    ['when it was removed', group('Stable', 'a'), 'UNKNOWN_MEMBER_ID'],
  ] as const)('%s', (_, before, said) => {
    expect(outcome(lookAtSync(before, syncing('b'), NOW))).toEqual([said, shown(before)]);
  });

  it('when another took its place', () => {
    expect(outcome(lookAtSync(group('Stable', 'a B'), syncing('x', { instanceId: 'B' }), NOW))[0]).toBe(
      'FENCED_INSTANCE_ID',
    );
  });

  it('which counts as a heartbeat', () => {
    const { group: after } = lookAtSync(group('CompletingRebalance', 'a- b'), syncing('b'), NOW + 77);
    expect(after.members.map(({ heard }) => heard - NOW)).toEqual([0, 77]);
  });
});
