import { describe, expect, it } from 'vitest';
import type { ClassicGroup } from '../../../src/group/classic/classic-group.ts';
import { decideJoin, type JoinRequest, lookAtJoin } from '../../../src/group/classic/join.ts';
import { beginRebalance, endJoins } from '../../../src/group/classic/rebalance.ts';
import { group, joining, member, NOW, protocols, REBALANCE, shown } from './a-group.ts';

/** What a join comes to: the error, or that it waits, or `id: generation, leader, members for the leader`. */
function outcome({ group: after, answer, memberId }: ReturnType<typeof decideJoin>): [string, string] {
  if (answer === null) return [`${memberId} waits`, shown(after)];
  if (answer.error !== null) return [`${memberId || 'nobody'}: ${answer.error}`, shown(after)];
  const { generation, leader, members } = answer;
  const skips = answer.skipAssignment ? ' skips' : '';
  return [
    `${memberId}: ${generation} led by ${leader} of ${members.map(({ id }) => id).join('')}${skips}`,
    shown(after),
  ];
}

const old = { comesTwice: false };
const other = { protocols: protocols('other words') };
const same = (id: string) => ({ protocols: protocols(id) });

describe('a join (GroupMetadataManager.classicGroupJoin)', () => {
  it.each([
    // who has no id yet
    [
      'the first, of old clients',
      group('Empty', ''),
      joining('', old),
      'n: 4 led by n of n',
      'CompletingRebalance 4: n-',
    ],
    ['the first: it comes twice', group('Empty', ''), joining(''), 'n: MEMBER_ID_REQUIRED', 'Empty 3: ?n'],
    ['the first, with its id', group('Empty', '?n'), joining('n'), 'n: 4 led by n of n', 'CompletingRebalance 4: n-'],
    [
      'the first, while another has an id',
      group('Empty', '?n ?o'),
      joining('n'),
      'n waits',
      'PreparingRebalance 3: n+ ?o',
    ],
    ['another, into a stable group', group('Stable', 'a'), joining('', old), 'n waits', 'PreparingRebalance 3: a- n+'],
    [
      'another, for its id: nobody is disturbed',
      group('Stable', 'a'),
      joining(''),
      'n: MEMBER_ID_REQUIRED',
      'Stable 3: a ?n',
    ],
    [
      'the last that was waited for',
      group('PreparingRebalance', 'a+ ?n'),
      joining('n'),
      'n: 4 led by a of ',
      'CompletingRebalance 4: a- n-',
    ],
    [
      'a new one while others are waited for',
      group('PreparingRebalance', 'a+ b-'),
      joining('', old),
      'n waits',
      'PreparingRebalance 3: a+ b- n+',
    ],
    [
      'a new one while others sync: they join again',
      group('CompletingRebalance', 'a b-'),
      joining('', old),
      'n waits',
      'PreparingRebalance 3: a- b- n+',
    ],
    // who is known
    ['an id that nobody gave', group('Stable', 'a'), joining('x'), 'x: UNKNOWN_MEMBER_ID', 'Stable 3: a'],
    [
      'an id that nobody gave, into an empty group',
      group('Empty', ''),
      joining('x'),
      'x: UNKNOWN_MEMBER_ID',
      'Empty 3: ',
    ],
    ['a follower that says the same', group('Stable', 'a b'), joining('b'), 'b: 3 led by a of ', 'Stable 3: a b'],
    [
      'a follower that says something else',
      group('Stable', 'a b'),
      joining('b', other),
      'b waits',
      'PreparingRebalance 3: a- b+',
    ],
    ['the leader, whatever it says', group('Stable', 'a b'), joining('a'), 'a waits', 'PreparingRebalance 3: a+ b-'],
    ['the leader, alone', group('Stable', 'a'), joining('a'), 'a: 4 led by a of a', 'CompletingRebalance 4: a-'],
    [
      'a follower again, before the leader has assigned',
      group('CompletingRebalance', 'a b-'),
      joining('b'),
      'b: 3 led by a of ',
      'CompletingRebalance 3: a b-',
    ],
    [
      'the leader again, before it has assigned',
      group('CompletingRebalance', 'a- b-'),
      joining('a'),
      'a: 3 led by a of ab',
      'CompletingRebalance 3: a- b-',
    ],
    [
      'with something else, before the leader has assigned',
      group('CompletingRebalance', 'a- b-'),
      joining('b', other),
      'b waits',
      'PreparingRebalance 3: a- b+',
    ],
    [
      'the last that was waited for comes again',
      group('PreparingRebalance', 'a- b+'),
      joining('a', other),
      'a: 4 led by a of ab',
      'CompletingRebalance 4: a- b-',
    ],
    [
      'again while it waits',
      group('PreparingRebalance', 'a+ b-'),
      joining('a'),
      'a waits',
      'PreparingRebalance 3: a+ b-',
    ],
    // what they agree on
    [
      'of another type',
      group('Stable', 'a'),
      joining('', { protocolType: 'connect' }),
      'nobody: INCONSISTENT_GROUP_PROTOCOL',
      'Stable 3: a',
    ],
    [
      'of another type than an empty group had',
      group('Empty', ''),
      joining('', { ...old, protocolType: 'connect' }),
      'n: 4 led by n of n',
      'CompletingRebalance 4: n-',
    ],
    [
      'of no type',
      group('Empty', ''),
      joining('', { protocolType: '' }),
      'nobody: INCONSISTENT_GROUP_PROTOCOL',
      'Empty 3: ',
    ],
    [
      'with no protocol',
      group('Empty', ''),
      joining('', { protocols: [] }),
      'nobody: INCONSISTENT_GROUP_PROTOCOL',
      'Empty 3: ',
    ],
    [
      'with no protocol that all know',
      group('Stable', 'a'),
      joining('', { protocols: protocols('n', 'x') }),
      'nobody: INCONSISTENT_GROUP_PROTOCOL',
      'Stable 3: a',
    ],
    [
      'a member with no protocol that all know',
      group('Stable', 'a b'),
      joining('b', { protocols: protocols('b', 'x') }),
      'b: INCONSISTENT_GROUP_PROTOCOL',
      'Stable 3: a b',
    ],
    // static members
    [
      'a static one that is new',
      group('Stable', 'a'),
      joining('', { instanceId: 'N' }),
      'n waits',
      'PreparingRebalance 3: a- N+',
    ],
    [
      'a static one is back: nobody is disturbed',
      group('Stable', 'a B'),
      joining('', { instanceId: 'B' }),
      'n: 3 led by a of ',
      'Stable 3: a B',
    ],
    [
      'a static leader is back: it is told that all is assigned',
      group('Stable', 'A b'),
      joining('', { instanceId: 'A', ...same('a') }),
      'n: 3 led by n of nb skips',
      'Stable 3: A b',
    ],
    [
      'a static leader is back, and could not be told so',
      group('Stable', 'A b'),
      joining('', { instanceId: 'A', canSkipAssignment: false }),
      'n: 3 led by a of ',
      'Stable 3: A b',
    ],
    [
      'a static one is back and does not know the group’s protocol',
      group('Stable', 'A b', {
        members: [
          member('a', { instance: 'A', protocols: protocols('a', 'range,rr') }),
          member('b', { protocols: protocols('b', 'range,rr') }),
        ],
      }),
      joining('', { instanceId: 'A', protocols: protocols('n', 'rr') }),
      'n waits',
      'PreparingRebalance 3: A+ b-',
    ],
    [
      'a static one is back before the leader has assigned',
      group('CompletingRebalance', 'a- B-'),
      joining('', { instanceId: 'B' }),
      'n waits',
      'PreparingRebalance 3: a- B+',
    ],
    [
      'a static one is back, the last that was waited for',
      group('PreparingRebalance', 'a+ B-'),
      joining('', { instanceId: 'B' }),
      'n: 4 led by a of ',
      'CompletingRebalance 4: a- B-',
    ],
    [
      'a static one with its own id',
      group('Stable', 'a B'),
      joining('b', { instanceId: 'B' }),
      'b: 3 led by a of ',
      'Stable 3: a B',
    ],
    [
      'a static one whose place was taken',
      group('Stable', 'a B'),
      joining('x', { instanceId: 'B' }),
      'x: FENCED_INSTANCE_ID',
      'Stable 3: a B',
    ],
    [
      'an instance id that nobody has, with an id',
      group('Stable', 'a b'),
      joining('b', { instanceId: 'N' }),
      'b: UNKNOWN_MEMBER_ID',
      'Stable 3: a b',
    ],
    [
      'an id that is out, with an instance id',
      group('Stable', 'a ?n'),
      joining('n', { instanceId: 'N' }),
      'n: UNKNOWN_MEMBER_ID',
      'Stable 3: a ?n',
    ],
  ] satisfies [string, ClassicGroup, JoinRequest, string, string][])('%s', (_, before, request, said, after) => {
    expect(outcome(decideJoin(before, request, NOW))).toEqual([said, after]);
  });

  it('the member is heard, and is as it says it is', () => {
    const times = { sessionTimeoutMs: 6000, rebalanceTimeoutMs: 7000 };
    const { group: after } = decideJoin(
      group('PreparingRebalance', 'a- b-'),
      joining('b', { ...times, ...other }),
      NOW + 5,
    );
    expect(after.members[1]).toMatchObject({ heard: NOW + 5, sessionTimeout: 6000, rebalanceTimeout: 7000, ...other });
  });

  it('who takes a static member’s place comes from where it comes from, and keeps what was assigned', () => {
    const { group: after } = decideJoin(group('Stable', 'a B'), joining('', { instanceId: 'B', host: 'far' }), NOW);
    expect(after.members[1]).toMatchObject({ id: 'n', host: 'far', name: 'client', assignment: Buffer.from('for b') });
  });

  it('the answer has what was chosen; the leader is told what each says under it', () => {
    const before = group('PreparingRebalance', 'a+', {
      members: [
        member('a', { joining: true, protocols: protocols('a', 'range,rr') }),
        member('b', { protocols: protocols('b', 'rr,range') }),
        member('c', { joining: true, protocols: protocols('c', 'x,rr') }),
      ],
    });
    const { group: after } = decideJoin(before, joining('b', { protocols: protocols('b', 'rr,range') }), NOW);
    const { answer } = lookAtJoin(after, joining('a'), NOW);
    expect(answer).toMatchObject({ protocolType: 'consumer', protocol: 'rr' });
    expect(answer?.members.map(({ metadata }) => `${metadata}`)).toEqual(['rr of a', 'rr of b', 'rr of c']);
  });
});

describe('a join that waits looks again', () => {
  it.each([
    ['and waits on', group('PreparingRebalance', 'a+ b-'), 'a waits', 'PreparingRebalance 3: a+ b-'],
    ['when all are in', group('CompletingRebalance', 'b- a-'), 'a: 3 led by b of ', 'CompletingRebalance 3: b- a-'],
    [
      'when all are in, and it leads',
      group('CompletingRebalance', 'a- b-'),
      'a: 3 led by a of ab',
      'CompletingRebalance 3: a- b-',
    ],
    ['when the leader has assigned already', group('Stable', 'b a-'), 'a: 3 led by b of ', 'Stable 3: b a-'],
    [
      'when its generation is over by now: it is in the next one',
      group('PreparingRebalance', 'a- b-'),
      'a waits',
      'PreparingRebalance 3: a+ b-',
    ],
    [
      'when its generation is over by now, and all others are in',
      group('PreparingRebalance', 'a- b+'),
      'a: 4 led by a of ab',
      'CompletingRebalance 4: a- b-',
    ],
    ['when it was removed', group('Stable', 'b'), 'a: UNKNOWN_MEMBER_ID', 'Stable 3: b'],
  ] as const)('%s', (_, before, said, after) => {
    expect(outcome(lookAtJoin(before, joining('a'), NOW))).toEqual([said, after]);
  });

  it('when another took its place', () => {
    const looks = lookAtJoin(group('PreparingRebalance', 'b+ A-'), joining('x', { instanceId: 'A' }), NOW);
    expect(outcome(looks)).toEqual(['x: FENCED_INSTANCE_ID', 'PreparingRebalance 3: b+ A-']);
  });

  it('which counts as a heartbeat', () => {
    const { group: after } = lookAtJoin(group('PreparingRebalance', 'a+ b-'), joining('a'), NOW + 77);
    expect(after.members.map(({ heard }) => heard - NOW)).toEqual([77, 0]);
  });
});

describe('how long others are waited for (C4)', () => {
  it('as long as the slowest member asks for', () => {
    const members = [member('a'), member('b', { rebalanceTimeout: 2 * REBALANCE })];
    expect(beginRebalance(group('Stable', '', { members }), NOW).due).toBe(NOW + 2 * REBALANCE);
    expect(
      endJoins(group('PreparingRebalance', '', { members: members.map((each) => ({ ...each, joining: true })) }), NOW)
        .due,
    ).toBe(NOW + 2 * REBALANCE);
  });

  it('in a first rebalance a second, for those who were given an id', () => {
    expect(decideJoin(group('Empty', '?n ?o'), joining('n'), NOW).group.due).toBe(NOW + 1000);
    const quick = joining('n', { rebalanceTimeoutMs: 300 });
    expect(decideJoin(group('Empty', '?n ?o'), quick, NOW).group.due).toBe(NOW + 300);
  });
});
