import { describe, expect, it } from 'vitest';
import { append } from '../support/test-broker.ts';
import { DEAD, NOW, Shop } from './group-support.ts';

describe('group list', () => {
  it('says where there is none what makes one', async () => {
    const shop = new Shop();
    expect(await shop.run('group list', { tty: true })).toMatchObject({
      code: 0,
      stderr: 'no groups yet; `beck consume TOPIC -g GROUP` makes one\n',
    });
    expect(await shop.run('group list --json')).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('shows all of them by name', async () => {
    const shop = new Shop();
    shop.commit('trial', { 'orders 0': 4 });
    shop.join('billing', '4712', ['orders', 'users']);
    const { stdout } = await shop.run('group list', { tty: true });
    expect(stdout).toBe(
      `GROUP    STATE   GENERATION  MEMBERS  PARTITIONS  LAG
billing  Stable           1        1           4    6
trial    Empty            0        0           1    0
`,
    );
  });
});

describe('group describe', () => {
  it('shows who has what, how far behind, and for how long', async () => {
    const shop = new Shop();
    shop.commit('billing', { 'orders 0': 2 });
    shop.join('billing', '4712');
    const { stdout } = await shop.run('group describe billing', { tty: true, now: NOW + 60_000 });
    expect(stdout).toBe(
      `billing: Stable, generation 1, 1 member, lag 3

TOPIC   PARTITION  COMMITTED  END  LAG  BEHIND  LAST COMMIT  MEMBER
orders          0          2    4    2     2 h        1 min  4712
orders          1          –    1    1     1 h            –  4712
orders          2          –    0    0       –            –  4712
`,
    );
  });

  it('says of a batch how old its record is at which the group goes on', async () => {
    const shop = new Shop();
    append(
      shop.broker,
      'users',
      0,
      [9000, 5000, 3000].map((age) => ({ value: 'x', timestamp: NOW - age })),
    );
    shop.commit('billing', { 'users 0': 2 });
    const [group] = JSON.parse((await shop.run('group describe billing --json')).stdout);
    expect(group.partitionList[0]).toMatchObject({ committed: 2, end: 4, lag: 2, behind: 5000, lastCommit: NOW });
  });

  it('counts from the log start where what was committed is gone, and not below zero', async () => {
    const shop = new Shop();
    shop.commit('billing', { 'orders 0': 1, 'orders 1': 9 });
    await shop.run('topic trim orders --before 3 -p 0 --yes');
    const [group] = JSON.parse((await shop.run('group describe billing --json')).stdout);
    expect(group.partitionList).toMatchObject([
      { committed: 1, start: 3, lag: 1, behind: 3_600_000 },
      { committed: 9, end: 1, lag: 0, behind: null },
    ]);
  });

  it('takes out whose process has ended, and says so', async () => {
    const shop = new Shop();
    shop.join('billing', '4701', ['orders'], DEAD);
    shop.join('billing', '4712');
    const { stdout } = await shop.run('group describe billing --members', { tty: true });
    expect(stdout).toMatch(/^billing: Stable, generation \d, 1 member, lag 5\n/);
    expect(stdout).toMatch(/\n4701 died 0 ms ago \(its process is gone\)/);
    expect(stdout).toMatch(/\n4712 {4}box .* orders 0, 1, 2\n/);
  });

  it('takes several names, each once, or all', async () => {
    const shop = new Shop();
    for (const name of ['c', 'a', 'b']) shop.commit(name, { 'orders 0': 1 });
    const names = async (line: string) =>
      JSON.parse((await shop.run(line)).stdout).map(({ group }: { group: string }) => group);
    expect(await names('group describe c a c --json')).toEqual(['c', 'a']);
    expect(await names('group describe --all --json')).toEqual(['a', 'b', 'c']);
  });

  it('offers a choice on a terminal', async () => {
    const shop = new Shop();
    shop.commit('billing', { 'orders 0': 1 });
    const { asked, stdout } = await shop.run('group describe', { tty: true, answers: ['billing'] });
    expect(asked).toEqual(['Which group?']);
    expect(stdout).toMatch(/^billing: Empty/);
  });

  it.each([
    ['group describe', 2, 'GROUP is missing'],
    ['group describe --all billing', 2, '--all and names of groups exclude each other'],
    ['group describe biling', 3, "did you mean 'billing'?"],
    ['group describe billing nobody', 3, "there is no group 'nobody'"],
    ['group describe nobody --watch', 3, "there is no group 'nobody'"],
  ])('%s exits %d', async (line, code, sentence) => {
    const shop = new Shop();
    shop.commit('billing', { 'orders 0': 1 });
    expect(await shop.run(line)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
  });

  it('watches until nobody reads it any more, a line a change', async () => {
    const shop = new Shop();
    shop.join('billing', '4712');
    const running = shop.run('group describe billing --watch', { readerLeavesAfter: 100 });
    setTimeout(() => shop.join('billing', '4790'));
    const { code, stdout } = await running;
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.replace(/^[\d:.]+ /, ''));
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^billing: \w+, generation \d, \d members?, lag 5$/),
      expect.stringMatching(/^billing: (4790 joined|4712 has orders|Reconciling)/),
    ]);
  });

  it('watches until Ctrl-C', async () => {
    const shop = new Shop();
    shop.join('billing', '4712');
    const interrupt = AbortSignal.timeout(50);
    expect(await shop.run('group describe billing --watch', { interrupt })).toMatchObject({ code: 130 });
  });
});

describe('group lag', () => {
  const shop = () => {
    const made = new Shop();
    made.commit('billing', { 'orders 0': 1, 'users 0': 0 });
    return made;
  };

  it.each([
    ['', 1, 'billing: lag 4 is over 0 (orders 0 is 3 behind)'],
    ['--max-lag 3', 1, 'billing: lag 4 is over 3 (orders 0 is 3 behind)'],
    ['--max-lag 4', 0, 'billing: lag 4, 3 h behind'],
    ['--max-age 3h', 0, 'billing: lag 4, 3 h behind'],
    ['--max-age 2h', 1, 'billing: a record has waited for 3 h, over 2 h (orders 0 is 3 behind)'],
    ['--max-lag 4 --max-age 2h', 1, 'billing: a record has waited for 3 h, over 2 h (orders 0 is 3 behind)'],
    ['--max-lag 4 --wait', 0, 'billing: lag 4, 3 h behind'],
    ['--wait --timeout 10ms', 124, 'billing: lag 4 is over 0 (orders 0 is 3 behind)'],
  ])('billing %s exits %d', async (flags, code, line) => {
    expect(await shop().run(`group lag billing ${flags}`.trim())).toEqual({
      code,
      stdout: `${line}\n`,
      stderr: '',
      asked: [],
    });
  });

  it('is exact as a document', async () => {
    const { code, stdout } = await shop().run('group lag billing --max-lag 3 --max-age 1d --json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      group: 'billing',
      exists: true,
      lag: 4,
      behind: 3 * 3_600_000,
      maxLag: 3,
      maxAge: 24 * 3_600_000,
      ok: false,
      worst: { topic: 'orders', partition: 0, lag: 3 },
    });
  });

  it('waits for a group that comes, until it has read everything', async () => {
    const made = new Shop();
    const running = made.run('group lag billing --wait');
    setTimeout(() => made.commit('billing', { 'orders 0': 1 }), 60);
    setTimeout(() => made.commit('billing', { 'orders 0': 4 }), 120);
    expect(await running).toMatchObject({ code: 0, stdout: 'billing: lag 0\n' });
  });

  it('says that it is not there when the time is up', async () => {
    expect(await shop().run('group lag nobody --wait --timeout 10ms')).toMatchObject({
      code: 124,
      stdout: "there is no group 'nobody' yet\n",
    });
  });

  it('ends with 130 on Ctrl-C', async () => {
    const controller = new AbortController();
    const running = shop().run('group lag billing --wait', { interrupt: controller.signal });
    setTimeout(() => controller.abort(), 60);
    expect((await running).code).toBe(130);
  });

  it.each([
    ['group lag nobody', 3, "there is no group 'nobody'"],
    ['group lag billing --timeout 1s', 2, '--timeout goes with --wait'],
    ['group lag billing --max-age soon', 2, "'soon' is no duration"],
    ['group lag billing --max-lag -1', 2, 'wants a whole number from 0'],
  ])('%s exits %d', async (line, code, sentence) => {
    expect(await shop().run(line)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
  });
});
