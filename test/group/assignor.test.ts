import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ASSIGNORS,
  type AssignableMember,
  type AssignorName,
  assign,
  chooseAssignor,
  DEFAULT_ASSIGNOR,
} from '../../src/group/assignor/index.ts';

/** Topic `t0` of three partitions has the ids 0, 1, 2; `t1` 100, 101, … */
function topics(sizes: Readonly<Record<string, number>>) {
  const all = Object.entries(sizes).map(([name, size]) => {
    const first = 100 * Number(name.slice(1));
    return { name, partitions: Array.from({ length: size }, (_, i) => first + i) };
  });
  return (...names: string[]) => all.filter(({ name }) => names.length === 0 || names.includes(name));
}

const member = (id: string, wanted: AssignableMember['topics'], instance: string | null = null): AssignableMember => ({
  id,
  instance,
  topics: wanted,
});

/** `C0: t0p0 t0p2, C1: t0p1`, each list by topic and number. */
function said(target: ReadonlyMap<number, string>): string {
  const hands = new Map<string, number[]>();
  for (const [partition, id] of target) hands.set(id, [...(hands.get(id) ?? []), partition]);
  return [...hands]
    .sort()
    .map(([id, list]) => {
      const names = list.sort((a, b) => a - b).map((p) => `t${Math.floor(p / 100)}p${p % 100}`);
      return `${id}: ${names.join(' ')}`;
    })
    .join(', ');
}

const NOTHING = new Map<number, string>();

describe('the examples of Kafka’s documentation', () => {
  const two = topics({ t0: 3, t1: 3 });
  const uneven = topics({ t0: 1, t1: 2, t2: 3 });
  const unequal = [member('C0', uneven('t0')), member('C1', uneven('t0', 't1')), member('C2', uneven())];

  it.each([
    ['range', [member('C0', two()), member('C1', two())], 'C0: t0p0 t0p1 t1p0 t1p1, C1: t0p2 t1p2'],
    ['roundrobin', [member('C0', two()), member('C1', two())], 'C0: t0p0 t0p2 t1p1, C1: t0p1 t1p0 t1p2'],
    ['roundrobin', unequal, 'C0: t0p0, C1: t1p0, C2: t1p1 t2p0 t2p1 t2p2'],
    ['sticky', unequal, 'C0: t0p0, C1: t1p0 t1p1, C2: t2p0 t2p1 t2p2'],
  ] satisfies [AssignorName, AssignableMember[], string][])('%s', (name, members, expected) => {
    expect(said(assign(name, members, NOTHING))).toBe(expected);
    expect(said(assign(name, [...members].reverse(), NOTHING))).toBe(expected);
  });

  it('sticky: when C1 goes, the others keep what they have', () => {
    const all = topics({ t0: 2, t1: 2, t2: 2, t3: 2 })();
    const members = ['C0', 'C1', 'C2'].map((id) => member(id, all));
    const before = assign('sticky', members, NOTHING);
    expect(said(before)).toBe('C0: t0p0 t1p1 t3p0, C1: t0p1 t2p0 t3p1, C2: t1p0 t2p1');
    const without = members.filter(({ id }) => id !== 'C1');
    expect(said(assign('cooperative-sticky', without, before))).toBe(
      'C0: t0p0 t1p1 t2p0 t3p0, C2: t0p1 t1p0 t2p1 t3p1',
    );
  });

  it('static members come first, by instance id; whatever their member ids are after a restart', () => {
    const all = topics({ t0: 4 })();
    const before = [member('C0', all, 'I2'), member('C1', all, 'I1'), member('A', all)];
    const after = [member('X', all, 'I1'), member('B', all, 'I2'), member('A', all)];
    expect(said(assign('range', before, NOTHING))).toBe('A: t0p3, C0: t0p2, C1: t0p0 t0p1');
    expect(said(assign('range', after, NOTHING))).toBe('A: t0p3, B: t0p2, X: t0p0 t0p1');
  });
});

describe('the group’s assignor', () => {
  it.each([
    [[], DEFAULT_ASSIGNOR],
    [[null, null], 'cooperative-sticky'],
    [[null, null, 'range'], 'range'],
    [['sticky', 'range', 'sticky'], 'sticky'],
    [['cooperative-sticky', 'roundrobin'], 'roundrobin'],
  ] satisfies [(AssignorName | null)[], AssignorName][])('of %j is %s', (wishes, expected) => {
    expect(chooseAssignor(wishes)).toBe(expected);
  });
});

describe('whatever members want, and have', () => {
  const SIZES = { t0: 5, t1: 3, t2: 1, t3: 8 };
  const some = fc.subarray(Object.keys(SIZES), { minLength: 1 });
  const groups = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{1,3}$/), names: some }), {
    selector: ({ id }) => id,
    minLength: 1,
    maxLength: 8,
  });
  const membersOf = (group: { id: string; names: string[] }[]) =>
    group.map(({ id, names }) => member(id, topics(SIZES)(...names)));
  /** Any holders, also of partitions that are gone, also members that are. */
  const held = fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 100, 101, 102, 200, 300, 307, 999), fc.nat(9)));
  const holdersOf = (list: [number, number][], members: readonly AssignableMember[]) =>
    new Map(list.map(([partition, i]) => [partition, members[i]?.id ?? 'gone']));

  it.each(ASSIGNORS)(
    '%s gives every partition that is wanted to one who wants it, whatever the order of members',
    (name) => {
      fc.assert(
        fc.property(groups, held, (group, list) => {
          const members = membersOf(group);
          const holders = holdersOf(list, members);
          const target = assign(name, members, holders);
          const wanted = new Set(members.flatMap((one) => one.topics.flatMap(({ partitions }) => partitions)));
          expect(new Set(target.keys())).toEqual(wanted);
          for (const [partition, id] of target) {
            const takes = members
              .find((one) => one.id === id)
              ?.topics.some(({ partitions }) => partitions.includes(partition));
            expect(takes).toBe(true);
          }
          expect(said(assign(name, [...members].reverse(), holders))).toBe(said(target));
        }),
      );
    },
  );

  it('sticky leaves nobody with a partition that somebody with two fewer could have', () => {
    fc.assert(
      fc.property(groups, held, (group, list) => {
        const members = membersOf(group);
        const target = assign('sticky', members, holdersOf(list, members));
        const load = (id: string) => [...target.values()].filter((other) => other === id).length;
        for (const [partition, id] of target)
          for (const other of members)
            if (other.topics.some(({ partitions }) => partitions.includes(partition)))
              expect(load(id) - load(other.id)).toBeLessThan(2);
      }),
    );
  });

  it('sticky moves the least where all want the same: only what is over the fair share, and nothing a second time', () => {
    const loads = fc.array(fc.nat(6), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(loads, fc.nat(5), (counts, newcomers) => {
        const size = counts.reduce((sum, n) => sum + n, 0);
        const ids = Array.from({ length: counts.length + newcomers }, (_, i) => `m${i}`);
        const all = [{ name: 't0', partitions: Array.from({ length: size }, (_, i) => i) }];
        const members = ids.map((id) => member(id, all));
        const owners = counts.flatMap((n, i) => Array.from({ length: n }, () => `m${i}`));
        const holders = new Map(owners.map((id, partition) => [partition, id]));
        const target = assign('sticky', members, holders);
        const floor = Math.floor(size / ids.length);
        const larger = size % ids.length;
        const over = [...counts].sort((a, b) => b - a).map((n, i) => Math.max(0, n - floor - (i < larger ? 1 : 0)));
        const moved = [...target].filter(([partition, id]) => holders.get(partition) !== id).length;
        expect(moved).toBe(over.reduce((sum, n) => sum + n, 0));
        expect(assign('sticky', members, target)).toEqual(target);
      }),
    );
  });
});
