/** `consume -g` as people see it: its flags, and what it says. */
import { describe, expect, it } from 'vitest';
import { type GivenGroup, groupOptions } from '../../src/cli/consume/group-flags.ts';
import { leaveLine, tellNews } from '../../src/cli/consume/member-report.ts';
import type { GroupNews } from '../../src/client/cluster.ts';

const OPTIONS = {
  topics: { names: ['orders'] },
  from: { at: 'start' },
  follow: false,
  isolation: 'read_committed',
} as const;
const range = {
  topic: 'orders',
  partition: 0,
  start: 5,
  end: null,
  logStart: 5,
  highWatermark: 9,
  lastStable: 9,
  heldBack: 0,
};

function options(flags: Partial<GivenGroup>) {
  return groupOptions(OPTIONS, { 'at-most-once': false, ...flags });
}

function told(news: Partial<GroupNews>): { said: string[]; warned: string[] } {
  const [said, warned]: [string[], string[]] = [[], []];
  const row: GroupNews = { kind: 'assigned', members: ['4712'], partitions: [], begun: [], ...news };
  tellNews('billing', '4712', [row], { say: (line) => said.push(line), warn: (line) => warned.push(line) });
  return { said, warned };
}

const at = (topic: string, ...partitions: number[]) => partitions.map((partition) => ({ topic, partition }));

describe('the flags', () => {
  it('ask the group for what they say', () => {
    expect(options({})).toBeUndefined();
    expect(options({ group: 'g', 'session-timeout': '500ms', 'instance-id': 'a', assignor: 'range' })).toEqual({
      ...OPTIONS,
      group: 'g',
      sessionTimeoutMs: 500,
      instanceId: 'a',
      assignor: 'range',
    });
  });

  it.each(['partition', 'tail', 'until'] as const)('refuse --%s, which the group decides', (name) => {
    expect(() => options({ group: 'g', [name]: name === 'partition' ? [1] : 1 })).toThrow(/group/);
  });

  it.each([
    { 'at-most-once': true },
    { 'instance-id': 'a' },
    { assignor: 'range' },
    { 'session-timeout': '1s' },
  ] as const)('refuse %j without a group', (flags) => {
    expect(() => options(flags)).toThrow(/group/);
  });
});

describe('the sentences', () => {
  it.each<[Partial<GroupNews>, string]>([
    [{ partitions: at('orders', 0, 1, 2) }, 'billing: member 4712 has orders 0, 1, 2'],
    [{ partitions: [...at('a', 0), ...at('b', 0, 2)] }, 'billing: member 4712 has a 0, b 0, 2'],
    [{}, 'billing: member 4712 has no partition and stands by'],
    [
      { kind: 'joined', members: ['4790'], partitions: at('orders', 0, 1) },
      'billing: member 4790 joined; 4712 keeps orders 0, 1',
    ],
    [
      { kind: 'left', members: ['1', '2'], partitions: at('orders', 0) },
      'billing: members 1, 2 left; 4712 has orders 0',
    ],
    [
      { kind: 'left', members: ['\x1b[2J'], partitions: at('orders', 0) },
      'billing: member \\x1b[2J left; 4712 has orders 0',
    ],
    [{ kind: 'gone', members: ['1'] }, 'billing: member 1 died; 4712 has no partition'],
    [
      { kind: 'silent', members: ['1'], partitions: at('orders', 0) },
      'billing: member 1 was silent for too long; 4712 has orders 0',
    ],
    [{ kind: 'closed', members: ['1'] }, 'billing: member 1 lost its connection; 4712 has no partition'],
    [{ kind: 'late', members: ['1'] }, 'billing: member 1 did not rejoin in time; 4712 has no partition'],
  ])('%j', (news, line) => {
    expect(told(news)).toEqual({ said: [line], warned: [] });
  });

  it('are warnings where records are missing, or come again', () => {
    expect(told({ kind: 'fenced', partitions: at('orders', 0) }).warned).toEqual([
      'billing: member 4712 was silent for too long, and others have orders 0 by now; what was not committed comes again',
    ]);
    expect(told({ kind: 'fenced' }).warned).toEqual([
      'billing: member 4712 was silent for too long, and it joins again',
    ]);
    expect(told({ begun: [{ ...range, lost: 3, beyond: null }] }).warned).toEqual([
      'orders 0: 3 offsets before 5 are gone (retention, trim); reading from there',
    ]);
    expect(told({ begun: [{ ...range, lost: 0, beyond: 1200 }] }).warned).toEqual([
      'orders 0: 1 200 was committed, which is behind its end 9; reading from 5',
    ]);
  });

  it('end with what is committed', () => {
    const committed = [
      { topic: 'orders', partition: 0, offset: 14 },
      { topic: 'orders', partition: 1, offset: 9 },
    ];
    expect(leaveLine('billing', committed)).toBe('billing: committed up to orders 0:14, 1:9; left');
    expect(leaveLine('billing', [])).toBe('billing: nothing committed; left');
  });
});
