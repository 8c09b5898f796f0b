import { describe, expect, it } from 'vitest';
import type { AssignableTopic } from '../../src/group/assignor/index.ts';
import {
  type Assignment,
  admit,
  comingOf,
  dismiss,
  type GroupState,
  type Member,
  release,
  retarget,
  stateName,
  stepAway,
  verdictOn,
} from '../../src/group/membership.ts';

const HERE = { pid: 1, started: '1', namespace: 'here' };
const NOW = 50_000;
const TOPIC: AssignableTopic = { name: 't', partitions: [1, 2, 3, 4] };
const around = (ended: boolean) => ({ now: NOW, isGone: () => ended });

function member(id: string, how: Partial<Member> = {}): Member {
  const who = { id, instance: null, name: id, host: 'local', epoch: 3, process: HERE };
  const wish = { subscription: { names: ['t'] }, assignor: null };
  return { ...who, ...wish, sessionTimeout: 1000, joined: 0, heard: NOW, away: null, socket: null, ...how };
}

/** `1a` a has 1 and keeps it; `2a>b` b shall have it; `3a>` nobody wants it any more. */
function rows(text: string): Assignment[] {
  return text.split(' ').flatMap((word) => {
    const [, partition, owner = '', arrow, target] = /^(\d)(\w)(>?)(\w?)$/.exec(word) ?? [];
    if (partition === undefined) return [];
    return [{ partition: Number(partition), owner, target: arrow === '' ? owner : target || null, since: 0 }];
  });
}

function shown(assignments: readonly Assignment[]): string {
  const words = assignments.map(({ partition, owner, target }) =>
    owner === target ? `${partition}${owner}` : `${partition}${owner}>${target ?? ''}`,
  );
  return words.sort().join(' ');
}

function state(members: readonly Member[], assignments = ''): GroupState {
  return { epoch: 3, assignor: 'sticky', members, assignments: rows(assignments) };
}

describe('whose time is over', () => {
  it.each([
    ['it lives', {}, false, null],
    ['heard of for the last time exactly a session ago', { heard: NOW - 1000 }, false, null],
    ['silent for longer', { heard: NOW - 1001 }, false, 'silent'],
    ['its process ended', {}, true, 'gone'],
    ['its process ended, and it was silent', { heard: 0 }, true, 'gone'],
    ['a socket’s, of no process', { process: null }, true, null],
    ['a socket’s that is silent', { process: null, heard: 0 }, true, 'silent'],
    ['static: its process ended, but its session did not', { instance: 'i' }, true, null],
    ['static: its process ended, and its session', { instance: 'i', heard: 0 }, true, 'gone'],
    ['static: it hangs', { instance: 'i', heard: 0 }, false, 'silent'],
    ['static: it has left, but its session did not end', { instance: 'i', away: NOW - 5 }, true, null],
    ['static: it has left, and its session ended', { instance: 'i', away: 5, heard: 0 }, true, 'left'],
    ['heard of in the future, since the clock was set back', { heard: NOW + 9999 }, false, null],
  ] satisfies [string, Partial<Member>, boolean, string | null][])('%s', (_, how, ended, verdict) => {
    expect(verdictOn(member('a', how), around(ended))).toBe(verdict);
  });
});

describe('who comes', () => {
  const group = state([member('a'), member('s', { instance: 'i' }), member('w', { instance: 'j', away: 1 })]);

  it.each([
    ['nobody knows it', { id: 'b', instance: null }, false, 'new', undefined],
    ['an instance id that nobody has', { id: 'b', instance: 'k' }, false, 'new', undefined],
    ['a member again', { id: 'a', instance: null }, false, 'known', 'a'],
    ['a static member itself', { id: 's', instance: 'i' }, false, 'known', 's'],
    ['an instance id of one that is here', { id: 'b', instance: 'i' }, false, 'rival', 's'],
    ['an instance id of one whose process ended', { id: 'b', instance: 'i' }, true, 'back', 's'],
    ['an instance id of one that has left', { id: 'b', instance: 'j' }, false, 'back', 'w'],
  ] as const)('%s', (_, ids, ended, as, whose) => {
    const coming = comingOf(group, { ...ids, socket: null }, around(ended));
    expect([coming.as, 'member' in coming ? coming.member.id : undefined]).toEqual([as, whose]);
  });

  it('an instance id of a socket that is here: its process says nothing', () => {
    const socket = state([member('s', { instance: 'i', process: null })]);
    expect(comingOf(socket, { id: 'b', instance: 'i', socket: null }, around(true)).as).toBe('rival');
  });
});

describe('the epoch grows', () => {
  const before = state([member('a'), member('s', { instance: 'i' })], '1a 2a>s 3s 4s');
  const back = { as: 'back', member: before.members[1] as Member } as const;
  const known = { as: 'known', member: before.members[0] as Member } as const;

  it('with a new member', () => {
    const after = admit(before, member('b'), { as: 'new' });
    expect([after.epoch, after.members.map(({ id }) => id)]).toEqual([4, ['a', 's', 'b']]);
  });

  it('not with a static one that is back: it takes over what it had, and what it was to have', () => {
    const after = admit(before, member('z', { instance: 'i', epoch: 0, joined: 77 }), back);
    expect(shown(after.assignments)).toBe('1a 2a>z 3z 4z');
    expect(after.members[1]).toMatchObject({ id: 'z', epoch: 3, joined: 77 });
    expect(after.epoch).toBe(3);
  });

  it('with a static one that is back and wants something else', () => {
    expect(admit(before, member('z', { instance: 'i', subscription: { names: ['u'] } }), back).epoch).toBe(4);
    expect(admit(before, member('z', { instance: 'i', assignor: 'range' }), back).epoch).toBe(4);
  });

  it('with a member that wants something else, not with one that says the same again', () => {
    const again = admit(before, member('a', { joined: 77 }), known);
    expect([again.epoch, again.members[0]?.joined, again.assignments]).toEqual([3, 0, before.assignments]);
    expect(admit(before, member('a', { subscription: { pattern: 't' } }), known).epoch).toBe(4);
  });

  it('when members go, not when none does', () => {
    expect(dismiss(before, new Map([['a', 'left']]))).toMatchObject({ epoch: 4, members: [before.members[1]] });
    expect(dismiss(before, new Map())).toBe(before);
  });
});

describe('what becomes of each partition under a new target', () => {
  const resolve = (subscription: Member['subscription']) =>
    'names' in subscription && subscription.names[0] === 't' ? [TOPIC] : [];
  const [a, b] = [member('a'), member('b')];
  const elsewhere = member('a', { subscription: { names: ['u'] } });

  it.each([
    ['nobody had them: they are the targets’ at once', [a, b], '', '1a 2b 3a 4b'],
    ['their owners keep them until they give them up', [a, b], '1a 2a 3a 4a', '1a 2a 3a>b 4a>b'],
    ['their owners are no members: they are the targets’ at once', [b], '1a 2a 3b 4b', '1b 2b 3b 4b'],
    ['they were on their way to one that is no member', [a], '1a 2a 3a>x 4a>x', '1a 2a 3a 4a'],
    ['they were on their way, and still are', [a, b], '1a 2a 3a>b 4a>b', '1a 2a 3a>b 4a>b'],
    ['their owner does not want them: another shall have them', [elsewhere, b], '1a 2a 3b 4b', '1a>b 2a>b 3b 4b'],
    ['nobody wants them: their owner is to give them up', [elsewhere], '1a 2a', '1a> 2a>'],
    ['nobody wants them, and their owner is no member', [elsewhere], '1x 2x', ''],
    [
      'their owner is away: what it keeps it keeps, the rest is the targets’ at once',
      [{ ...a, away: 1 }, b],
      '1a 2a 3a 4a',
      '1a 2a 3b 4b',
    ],
    ['their owner is away, and nobody wants them', [{ ...elsewhere, away: 1 }], '1a 2a', ''],
    ['nobody is there', [], '1a 2a 3b>a', ''],
    [
      'more members than partitions: the others stand by',
      [a, b, member('c'), member('d'), member('e')],
      '',
      '1a 2b 3c 4d',
    ],
  ] as const)('%s', (_, members, before, after) => {
    const made = retarget(state(members, before), resolve, NOW);
    expect(shown(made.assignments)).toBe(after);
    for (const row of made.assignments)
      expect(row.since).toBe(
        rows(before).some(({ partition, owner }) => partition === row.partition && owner === row.owner) ? 0 : NOW,
      );
  });

  it('the last member’s assignor stays written down; the next ones choose anew', () => {
    expect(retarget(state([]), resolve, NOW).assignor).toBe('sticky');
    expect(retarget(state([member('a', { assignor: 'range' })]), resolve, NOW).assignor).toBe('range');
  });
});

describe('giving up', () => {
  it.each([
    ['what another shall have is the other’s at once', '1a>b 2b', [1], '1b 2b'],
    ['what nobody wants is nobody’s', '1a> 2b', [1], '2b'],
    ['what it shall keep it keeps', '1a 2a', [1, 2], '1a 2a'],
    ['what it did not say it keeps for now', '1a>b 2a>b', [2], '1a>b 2b'],
    ['what another has is not its to give', '1b>c 2b', [1, 2], '1b>c 2b'],
    ['what nobody knows of is nothing', '1a', [7], '1a'],
  ] as const)('%s', (_, before, partitions, after) => {
    const made = release(state([member('a'), member('b'), member('c')], before), 'a', new Set(partitions), NOW);
    expect(shown(made.assignments)).toBe(after);
    expect(made.epoch).toBe(3);
  });
});

it('a static member that leaves gives up what it shall not keep', () => {
  const left = stepAway(state([member('a', { instance: 'i' }), member('b')], '1a 2a>b 3a> 4b'), 'a', NOW);
  expect([shown(left.assignments), left.members[0]?.away, left.epoch]).toEqual(['1a 2b 4b', NOW, 3]);
});

describe('the word for it', () => {
  const [here, behind] = [member('a', { epoch: 3 }), member('b', { epoch: 2 })];

  it.each([
    ['Empty', [], ''],
    ['Stable', [here], '1a 2a'],
    ['Assigning', [here, behind], '1a 2b'],
    ['Stable', [here, { ...behind, instance: 'i', away: 1 }], '1a 2b'],
    ['Reconciling', [here, behind], '1a>b'],
    ['Reconciling', [here], '1a>'],
  ] as const)('%s', (word, members, assignments) => {
    expect(stateName(state(members, assignments))).toBe(word);
  });
});
