import { describe, expect, it } from 'vitest';
import { groupDescriptionDocument, groupLine, groupPage } from '../../../src/cli/pages/group-describe.ts';
import { deletedGroupLine, deleteGroupsQuestion } from '../../../src/cli/pages/group-lines.ts';
import { groupDocument, groupListPage } from '../../../src/cli/pages/group-list.ts';
import { noteLines, plannedDocument, planPage, setLine, setQuestion } from '../../../src/cli/pages/offset-plan.ts';
import { partitionWords } from '../../../src/cli/pages/partition-words.ts';
import type { PlannedOffset } from '../../../src/client/cluster.ts';
import { memoryIo } from '../memory-io.ts';
import { departure, group, member, NOW, partition } from './some-group.ts';

const terminal = (columns = 80) => memoryIo({ tty: true, columns, now: () => NOW, env: { NO_COLOR: '1' } }).io;
const pipe = memoryIo({ now: () => NOW }).io;

const billing = group({
  members: [
    member('4712', { partitions: [{ topic: 'orders', partition: 0 }] }),
    member('4790', {
      partitions: [{ topic: 'orders', partition: 1 }],
      instanceId: 'left',
      host: 'box',
      heard: NOW - 200,
    }),
  ],
  partitions: [
    partition(0, { committed: 4100, end: 4100, committedAt: NOW - 2000, member: '4712' }),
    partition(1, { committed: 3000, end: 4288, committedAt: NOW - 40_000, behindMs: 41_000, member: '4790' }),
    partition(2, { committed: null, end: 12, behindMs: 3000, member: null }),
  ],
  departures: [
    departure('4701', { why: 'silent', partitions: 2, heirs: ['4790'] }),
    departure('4699', { why: 'gone', at: NOW - 60_000, partitions: 1, heirs: ['4701', '4712'] }),
    departure('4698', { why: 'left', at: NOW - 3_600_000, partitions: 0 }),
    departure('4697', { why: 'left', at: NOW - 3_700_000, partitions: 0 }),
  ],
});

describe('group describe', () => {
  it('says on a terminal who has what, who is behind, who went', async () => {
    expect(await groupPage([billing], { members: false }, terminal())).toBe(
      `billing: Stable, generation 7, 2 members, lag 1 300

TOPIC   PARTITION  COMMITTED    END    LAG  BEHIND  LAST COMMIT  MEMBER
orders          0      4 100  4 100      0       –          2 s  4712
orders          1      3 000  4 288  1 288    41 s         40 s  4790
orders          2          –     12     12     3 s            –  nobody

4701 was removed 12 s ago (silent for 10 s); its 2 partitions went to 4790
4699 died 1 min ago (its process is gone); its partition went to 4701, 4712
4698 left 1 h ago
`,
    );
  });

  it('has tabs and nothing cut in a pipe', async () => {
    const page = await groupPage([billing], { members: true }, pipe);
    expect(page.split('\n').slice(0, 6)).toEqual([
      'billing: Stable, generation 7, 2 members, lag 1 300',
      '',
      'MEMBER\tHOST\tGENERATION\tJOINED\tHEARD\tASSIGNOR\tHAS',
      '4712\tlocalhost\t7\t3 min\t1 s\t–\torders 0',
      '4790 (left)\tbox\t7\t3 min\t200 ms\t–\torders 1',
      '',
    ]);
    expect(page).toContain('orders\t1\t3 000\t4 288\t1 288\t41 s\t40 s\t4790\n');
  });

  it('loses columns on a narrow terminal, and never who has what', async () => {
    const page = await groupPage([billing], { members: false }, terminal(48));
    expect(page).toContain('TOPIC   PARTITION  COMMITTED    LAG  MEMBER\n');
  });

  it('says what changes hands, who is away, and that nobody is there', async () => {
    const moving = group({
      state: 'Reconciling',
      members: [member('1'), member('2', { away: NOW - 1000, instanceId: 'b' })],
      partitions: [partition(0, { member: '1', next: '2' })],
    });
    const page = await groupPage([moving], { members: true }, terminal());
    expect(page).toContain('1 → 2\n');
    expect(page).toMatch(/^2 \(b\) away /m);
    const empty = group({ state: 'Empty', emptySince: NOW - 180_000, departures: [departure('9', { partitions: 1 })] });
    expect(await groupPage([empty], { members: true }, terminal())).toBe(
      'billing: Empty, generation 7, no members for 3 min, lag 0\n\n9 left 12 s ago; nobody was there to take its partition\n',
    );
  });

  it('says which groups have a leader among their members', () => {
    const line = (rest: Parameters<typeof group>[0]) => groupLine(group(rest), NOW);
    const classic = { type: 'classic', members: [member('4712')] } as const;
    expect(line(classic)).toBe('billing: Stable (classic), generation 7, 1 member, lag 0');
    expect(line({ ...classic, state: 'PreparingRebalance' })).toContain(': PreparingRebalance (classic), ');
    expect(line({ type: 'classic', state: 'Empty', emptySince: NOW - 3000 })).toContain(': Empty, ');
  });

  it('says of clients behind sockets why they went', async () => {
    const departures = [departure('app', { why: 'closed' }), departure('app', { why: 'late' })];
    const page = await groupPage([group({ departures })], { members: false }, pipe);
    expect(page).toContain(
      'app went 12 s ago (its connection was closed)\napp was removed 12 s ago (it did not rejoin in time)\n',
    );
  });

  it('puts an empty line between two groups', async () => {
    const page = await groupPage([group({ name: 'a' }), group({ name: 'b' })], { members: false }, terminal());
    expect(page.split('\n').map((line) => line.split(':')[0])).toEqual(['a', '', 'b', '']);
  });

  it('is exact as a document', () => {
    const { memberList, partitionList, departures, ...rest } = groupDescriptionDocument(billing);
    expect(rest).toEqual({
      group: 'billing',
      type: 'consumer',
      state: 'Stable',
      generation: 7,
      members: 2,
      partitions: 3,
      lag: 1300,
      assignor: 'range',
      emptySince: null,
    });
    expect(memberList[1]).toEqual({
      member: '4790',
      id: 'beck-4790',
      instanceId: 'left',
      host: 'box',
      generation: 7,
      assignor: null,
      joined: NOW - 180_000,
      heard: NOW - 200,
      sessionTimeout: 10_000,
      pid: 4790,
      away: null,
      subscription: { names: ['orders'] },
      partitions: [{ topic: 'orders', partition: 1 }],
    });
    expect(partitionList[1]).toEqual({
      topic: 'orders',
      partition: 1,
      committed: 3000,
      lastCommit: NOW - 40_000,
      metadata: '',
      start: 0,
      end: 4288,
      lag: 1288,
      behind: 41_000,
      member: '4790',
      next: null,
      since: NOW - 180_000,
    });
    expect(departures[0]).toEqual({
      member: '4701',
      why: 'silent',
      at: NOW - 12_000,
      heard: NOW - 22_000,
      partitions: 2,
      heirs: ['4790'],
    });
  });
});

it('group list has a group a line', async () => {
  const groups = [
    { name: 'billing', type: 'consumer', state: 'Stable', epoch: 7, members: 2, partitions: 3, lag: 1300 },
    { name: 'trial', type: 'classic', state: 'Empty', epoch: 0, members: 0, partitions: 0, lag: 0 },
  ] as const;
  expect(await groupListPage(groups, terminal())).toBe(
    `GROUP    STATE   GENERATION  MEMBERS  PARTITIONS    LAG
billing  Stable           7        2           3  1 300
trial    Empty            0        0           0      0
`,
  );
  expect(groups.map(groupDocument)[0]).toEqual({
    group: 'billing',
    type: 'consumer',
    state: 'Stable',
    generation: 7,
    members: 2,
    partitions: 3,
    lag: 1300,
  });
});

const planned = (partition: number, rest: Partial<PlannedOffset>): PlannedOffset => ({
  topic: 'orders',
  partition,
  before: 10,
  after: 4,
  metadata: '',
  start: 2,
  end: 12,
  note: null,
  ...rest,
});

describe('the plan of a reset', () => {
  const plan = [
    planned(0, {}),
    planned(1, { before: null, after: 12, note: 'after-last' }),
    planned(2, { after: 12, note: 'after-last' }),
    planned(3, { after: 2, note: 'below-start' }),
    planned(4, { before: null, after: null, note: 'nothing-committed' }),
    planned(5, { before: 12, after: 12 }),
  ];

  it('shows before and after', async () => {
    expect(await planPage(plan, terminal())).toBe(
      `TOPIC   PARTITION  BEFORE  AFTER  END  LAG
orders          0      10      4   12    8
orders          1       –     12   12    0
orders          2      10     12   12    0
orders          3      10      2   12   10
orders          4       –      –   12   10
orders          5      12     12   12    0
`,
    );
    expect(plan.map(plannedDocument)[4]).toEqual({
      topic: 'orders',
      partition: 4,
      before: null,
      after: null,
      start: 2,
      end: 12,
      lag: 10,
      note: 'nothing-committed',
    });
  });

  it('says what is not as it was asked for, once a reason', () => {
    expect(noteLines(plan)).toEqual([
      'orders 3: that is before the first offset there is; it becomes the start',
      'orders 1, 2: no record is of that time or later; it becomes the end',
      'orders 4: nothing is committed there to go by; it stays as it is',
    ]);
  });

  it('asks about what changes, and says it when it is done', () => {
    expect(setQuestion('billing', plan)).toBe('billing goes on elsewhere in 4 partitions. Set its offsets?');
    expect(setLine('billing', plan)).toBe('billing set in 4 partitions, lag 28');
    expect(setLine('billing', plan.slice(5))).toBe('billing: all offsets are there already');
  });
});

it('words for partitions name each topic once', () => {
  expect(
    partitionWords([
      { topic: 'orders', partition: 0 },
      { topic: 'orders', partition: 1 },
      { topic: 'users', partition: 2 },
    ]),
  ).toBe('orders 0, 1, users 2');
});

it('what is asked before a group is deleted, and said after', () => {
  const trial = group({ name: 'trial' });
  expect(deleteGroupsQuestion([billing])).toBe('billing has offsets in 2 partitions. Delete it for good?');
  expect(deleteGroupsQuestion([billing, trial])).toBe(
    'billing, trial have offsets in 2 partitions. Delete all 2 for good?',
  );
  expect(deletedGroupLine(billing)).toBe('billing deleted: offsets in 2 partitions');
});
