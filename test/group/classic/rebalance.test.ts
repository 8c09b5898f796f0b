import { describe, expect, it } from 'vitest';
import { chooseProtocol } from '../../../src/group/classic/classic-group.ts';
import { decideLeave } from '../../../src/group/classic/leave.ts';
import { beginRebalance, endJoins, excuse, expire } from '../../../src/group/classic/rebalance.ts';
import { group, member, NOW, protocols, REBALANCE, SESSION, shown } from './a-group.ts';

const later = NOW + SESSION + 1;
/** All that are named by these letters are silent since the beginning. */
const silent = (before: ReturnType<typeof group>, ids: string) => ({
  ...before,
  members: before.members.map((each) => (ids.includes(each.id) ? each : { ...each, heard: later })),
  pending: before.pending.map((each) => (ids.includes(each.id) ? each : { ...each, heard: later })),
});
const went = ({ gone }: ReturnType<typeof group>) => [...gone].map(([id, why]) => `${id} ${why}`).join(' ');

describe('a session that is over', () => {
  it.each([
    ['nobody’s', group('Stable', 'a b'), '', 'Stable 3: a b', ''],
    ['a member’s: the others share anew', group('Stable', 'a b'), 'b', 'PreparingRebalance 3: a-', 'b silent'],
    ['the leader’s: another leads', group('Stable', 'a b c'), 'a', 'PreparingRebalance 3: b- c-', 'a silent'],
    ['a static member’s too', group('Stable', 'a B'), 'b', 'PreparingRebalance 3: a-', 'b silent'],
    ['the last one’s', group('Stable', 'a'), 'a', 'Empty 4: ', 'a silent'],
    ['the last one’s, while an id is out', group('Stable', 'a ?n'), 'a', 'Empty 4: ?n', 'a silent'],
    [
      'before the leader has assigned',
      group('CompletingRebalance', 'a- b'),
      'a',
      'PreparingRebalance 3: b-',
      'a silent',
    ],
    [
      'of the last that was waited for',
      group('PreparingRebalance', 'a+ b-'),
      'b',
      'CompletingRebalance 4: a-',
      'b silent',
    ],
    [
      'of one of those that are waited for',
      group('PreparingRebalance', 'a+ b- c-'),
      'b',
      'PreparingRebalance 3: a+ c-',
      'b silent',
    ],
    ['of an id that nobody came back with', group('Stable', 'a ?n'), 'n', 'Stable 3: a', ''],
    [
      'of such an id, the last that was waited for',
      group('PreparingRebalance', 'a+ ?n'),
      'n',
      'CompletingRebalance 4: a-',
      '',
    ],
    ['of both', group('PreparingRebalance', 'a+ b- ?n'), 'bn', 'CompletingRebalance 4: a-', 'b silent'],
  ] as const)('%s', (_, before, who, after, gone) => {
    const expired = expire(silent({ ...before, due: before.due && later + 5 }, who), later);
    expect([shown(expired), went(expired)]).toEqual([after, gone]);
  });

  it('is over after it, not with it', () => {
    expect(shown(expire(group('Stable', 'a'), NOW + SESSION))).toBe('Stable 3: a');
  });
});

describe('a rebalance timeout that is over (C3)', () => {
  it.each([
    [
      'for joins: who is in goes on without the others',
      group('PreparingRebalance', 'a+ b- c+'),
      'CompletingRebalance 4: a- c-',
      'b late',
    ],
    [
      'for joins: the leader is not in, another leads',
      group('PreparingRebalance', 'a- b+'),
      'CompletingRebalance 4: b-',
      'a late',
    ],
    ['for joins: static members stay', group('PreparingRebalance', 'a+ B-'), 'CompletingRebalance 4: a- B-', ''],
    [
      'for joins: a static leader that is not in leads no more',
      group('PreparingRebalance', 'A- b+'),
      'CompletingRebalance 4: b- A-',
      '',
    ],
    [
      'for joins: only static members, none of whom is in: they are waited for again',
      group('PreparingRebalance', 'A- B-'),
      'PreparingRebalance 3: A- B-',
      '',
    ],
    ['for joins: nobody is in', group('PreparingRebalance', 'a- b-'), 'Empty 4: ', 'a late b late'],
    ['for joins: ids that are out stay out', group('PreparingRebalance', 'a+ ?n'), 'CompletingRebalance 4: a- ?n', ''],
    ['for syncs: the leader’s', group('CompletingRebalance', 'a- b'), 'PreparingRebalance 3: b-', 'a late'],
    ['for syncs: a static member’s too', group('CompletingRebalance', 'a- B'), 'PreparingRebalance 3: B-', 'a late'],
    [
      'for syncs: a follower’s, after the leader has assigned',
      group('Stable', 'a b-', { due: NOW }),
      'PreparingRebalance 3: a-',
      'b late',
    ],
    ['for syncs: everybody’s', group('CompletingRebalance', 'a- b-'), 'Empty 4: ', 'a late b late'],
    ['for syncs: all have come', group('Stable', 'a b', { due: NOW }), 'Stable 3: a b', ''],
  ] as const)('%s', (_, before, after, gone) => {
    const heard = <T>(who: T, at: number) => ({ ...who, heard: at });
    const awake = (at: number) => {
      const members = before.members.map((each) => heard(each, at));
      return { ...before, members, pending: before.pending.map((each) => heard(each, at)) };
    };
    const at = before.due ?? NOW;
    expect(shown(expire(awake(at - 1), at - 1))).toBe(shown(before));
    const over = expire(awake(at), at);
    expect([shown(over), went(over)]).toEqual([after, gone]);
    expect(over.due ?? at + 1).toBeGreaterThan(at);
  });

  it('whatever is waited for has a time when it is over (C4)', () => {
    for (const who of ['A- B-', 'a- b+', 'a+ ?n'])
      expect(endJoins(group('PreparingRebalance', who), NOW).due).toBe(NOW + REBALANCE);
    expect(beginRebalance(group('Stable', 'a b'), NOW).due).toBe(NOW + REBALANCE);
  });
});

it('when nobody could be heard, nobody’s time is over', () => {
  const at = NOW + 10 * REBALANCE;
  const before = group('PreparingRebalance', 'a+ b- ?n');
  expect(shown(expire(excuse(before, at), at))).toBe(shown(before));
  expect(excuse(before, at).due).toBe(at + REBALANCE);
  expect(excuse(group('Stable', 'a'), at).due).toBeNull();
});

it.each(['Stable', 'CompletingRebalance'] as const)('a rebalance takes nothing away (%s)', (state) => {
  const { members } = beginRebalance(group(state, 'a b'), NOW);
  expect(members.map(({ assignment }) => `${assignment}`)).toEqual(['for a', 'for b']);
});

describe('who leaves (GroupMetadataManager.classicGroupLeave)', () => {
  const leaves = (memberId: string, instanceId: string | null = null) => ({ memberId, instanceId });

  it.each([
    ['a member', group('Stable', 'a b'), [leaves('b')], [null], 'PreparingRebalance 3: a-'],
    ['the last member', group('Stable', 'a'), [leaves('a')], [null], 'Empty 4: '],
    [
      'while all are to join, the last that was waited for',
      group('PreparingRebalance', 'a+ b-'),
      [leaves('b')],
      [null],
      'CompletingRebalance 4: a-',
    ],
    [
      'before the leader has assigned',
      group('CompletingRebalance', 'a- b'),
      [leaves('b')],
      [null],
      'PreparingRebalance 3: a-',
    ],
    ['an id that is out', group('PreparingRebalance', 'a+ ?n'), [leaves('n')], [null], 'CompletingRebalance 4: a-'],
    ['an id that is out, of a stable group', group('Stable', 'a ?n'), [leaves('n')], [null], 'Stable 3: a'],
    ['a static member', group('Stable', 'a B'), [leaves('b', 'B')], [null], 'PreparingRebalance 3: a-'],
    [
      'a static member, by an administrator',
      group('Stable', 'a B'),
      [leaves('', 'B')],
      [null],
      'PreparingRebalance 3: a-',
    ],
    [
      'several, and one of them twice: the others share anew once',
      group('Stable', 'a B c'),
      [leaves('', 'B'), leaves('b', 'B'), leaves('c')],
      [null, null, null],
      'PreparingRebalance 3: a-',
    ],
    [
      'one that is known, one that is not',
      group('Stable', 'a b'),
      [leaves('x'), leaves('b')],
      ['UNKNOWN_MEMBER_ID', null],
      'PreparingRebalance 3: a-',
    ],
    [
      'nobody',
      group('Stable', 'a'),
      [leaves('x'), leaves(''), leaves('', 'X')],
      ['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'],
      'Stable 3: a',
    ],
    ['one whose place was taken', group('Stable', 'a B'), [leaves('x', 'B')], ['FENCED_INSTANCE_ID'], 'Stable 3: a B'],
  ] as const)('%s', (_, before, leaving, refusals, after) => {
    const decision = decideLeave(before, leaving, NOW);
    expect([decision.refusals, shown(decision.group)]).toEqual([refusals, after]);
    for (const why of decision.group.gone.values()) expect(why).toBe('left');
  });
});

describe('the protocol of a generation (ClassicGroup.selectProtocol)', () => {
  it.each([
    ['what all know', ['a', 'a'], 'a'],
    ['what most put first, of what all know', ['b,a', 'a,b', 'a,b'], 'a'],
    ['what some do not know is nobody’s vote', ['x,b,a', 'x,a,b', 'a,b'], 'a'],
    ['of equals what was voted for first', ['b,a', 'a,b'], 'b'],
    ['nothing, where they have nothing in common', ['a', 'b'], null],
  ] as const)('is %s', (_, offers, chosen) => {
    const members = offers.map((names, i) => member(`${i}`, { protocols: protocols(`${i}`, names) }));
    expect(chooseProtocol(members)).toBe(chosen);
  });
});
