import { describe, expect, it } from 'vitest';
import { changeLines } from '../../../src/cli/group/change-lines.ts';
import { judgeLag, lagLine } from '../../../src/cli/group/lag.ts';
import { watchGroups } from '../../../src/cli/group/watch.ts';
import type { GroupAdministration, GroupDescription } from '../../../src/client/cluster.ts';
import { memoryIo, type Surroundings } from '../memory-io.ts';
import { departure, group, member, NOW, partition } from '../pages/some-group.ts';

const one = group({
  members: [member('1')],
  partitions: [partition(0, { member: '1', end: 4 }), partition(1, { member: '1' })],
});
const two = group({
  epoch: 8,
  members: [member('1'), member('2')],
  partitions: [partition(0, { member: '1', end: 4 }), partition(1, { member: '2' })],
});
const none = group({
  epoch: 9,
  state: 'Empty',
  emptySince: NOW,
  partitions: [partition(0, { end: 4 }), partition(1)],
  departures: [
    departure('2', { why: 'gone', partitions: 1, heirs: [] }),
    departure('1', { partitions: 1, heirs: ['2'] }),
  ],
});

describe('what changed between two looks', () => {
  it.each<[string, GroupDescription | undefined, GroupDescription, string[]]>([
    ['the first', undefined, one, ['billing: Stable, generation 7, 1 member, lag 4']],
    ['nothing', one, one, []],
    [
      'one came',
      one,
      two,
      ['billing: 2 joined', 'billing: 2 has orders 1 now', 'billing: Stable, generation 8, 2 members, lag 4'],
    ],
    [
      'all went',
      two,
      none,
      [
        'billing: 1 left now; its partition went to 2',
        'billing: 2 died now (its process is gone); nobody was there to take its partition',
        'billing: nobody has orders 0, 1 now',
        'billing: Empty, generation 9, no members for 0 ms, lag 4',
      ],
    ],
    [
      'a client with a strange name',
      group(),
      group({ members: [member('1', { name: '\x1b[2J' })], departures: [departure('a\nb')] }),
      ['billing: a\\nb left now', 'billing: \\x1b[2J joined'],
    ],
    ['lag', one, { ...one, lag: 3 }, ['billing: Stable, generation 7, 1 member, lag 3']],
  ])('%s', (_, before, after, lines) => expect(changeLines(before, after, NOW)).toEqual(lines));
});

/** Answers each look with the next of these, and is interrupted when there is none. */
function scripted(looks: readonly GroupDescription[]): { groups: GroupAdministration; signal: AbortSignal } {
  const left = [...looks];
  const controller = new AbortController();
  const groups = {
    describe: async () => {
      const next = left.shift();
      if (left.length === 0) controller.abort();
      return [next];
    },
    changed: async () => undefined,
  } as unknown as GroupAdministration;
  return { groups, signal: controller.signal };
}

async function watched(looks: readonly GroupDescription[], surroundings: Surroundings, json = false): Promise<string> {
  const { io, stdout } = memoryIo({ now: () => NOW, env: { NO_COLOR: '1' }, ...surroundings });
  const { groups, signal } = scripted(looks);
  await watchGroups(groups, io, { names: ['billing'], members: false, json, signal });
  return stdout.text();
}

describe('--watch', () => {
  it('draws again in place on a terminal, and only what changed', async () => {
    const screen = await watched([one, one, two], { tty: true });
    expect(screen.split('\x1b[5A\x1b[J').map((page) => page.split('\n')[0])).toEqual([
      'billing: Stable, generation 7, 1 member, lag 4',
      'billing: Stable, generation 8, 2 members, lag 4',
    ]);
  });

  it('counts lines that the terminal breaks', async () => {
    const name = 'b'.repeat(60);
    const screen = await watched(
      [
        { ...one, name },
        { ...two, name },
      ],
      { tty: true, columns: 60 },
    );
    expect(screen).toContain('\x1b[6A\x1b[J');
  });

  it('ends where the screen does', async () => {
    const long = group({ partitions: Array.from({ length: 50 }, (_, i) => partition(i)) });
    const lines = (await watched([long], { tty: true, rows: 12 })).split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[10]).toBe('… and 43 lines more');
  });

  it('prints a line a change in a pipe, and on a terminal that cannot go back', async () => {
    const lines = await watched([one, one, two], {});
    expect(lines.replace(/^[\d:.]{12}/gm, 'T')).toBe(
      'T billing: Stable, generation 7, 1 member, lag 4\nT billing: 2 joined\nT billing: 2 has orders 1 now\nT billing: Stable, generation 8, 2 members, lag 4\n',
    );
    expect(await watched([one, one, two], { tty: true, env: { TERM: 'dumb' } })).toBe(lines);
  });

  it('prints a document a change with --json', async () => {
    const documents = (await watched([one, one, two], { tty: true }, true)).trim().split('\n');
    expect(documents.map((text) => JSON.parse(text).generation)).toEqual([7, 8]);
  });
});

describe('the verdict on a lag', () => {
  const late = group({
    partitions: [
      partition(0, { end: 12, behindMs: 3000 }),
      partition(1, { end: 1288, behindMs: 41_000 }),
      partition(2),
    ],
  });

  it.each([
    [0, null, false, 'billing: lag 1 300 is over 0 (orders 1 is 1 288 behind)'],
    [1299, null, false, 'billing: lag 1 300 is over 1 299 (orders 1 is 1 288 behind)'],
    [1300, null, true, 'billing: lag 1 300, 41 s behind'],
    [null, 41_000, true, 'billing: lag 1 300, 41 s behind'],
    [null, 40_999, false, 'billing: a record has waited for 41 s, over 41 s (orders 1 is 1 288 behind)'],
    [
      1000,
      30_000,
      false,
      'billing: lag 1 300 is over 1 000; a record has waited for 41 s, over 30 s (orders 1 is 1 288 behind)',
    ],
  ])('at most %s offsets and %s ms: %s', (maxLag, maxAge, ok, line) => {
    const verdict = judgeLag(late, { maxLag, maxAge });
    expect([verdict.ok, lagLine(verdict)]).toEqual([ok, line]);
    expect(verdict).toMatchObject({ group: 'billing', lag: 1300, behind: 41_000, worst: { partition: 1, lag: 1288 } });
  });

  it('is fine where there is nothing to read', () => {
    const verdict = judgeLag(group(), { maxLag: 0, maxAge: 0 });
    expect(verdict).toEqual({
      group: 'billing',
      exists: true,
      lag: 0,
      behind: null,
      maxLag: 0,
      maxAge: 0,
      ok: true,
      worst: null,
    });
    expect(lagLine(verdict)).toBe('billing: lag 0');
  });
});
