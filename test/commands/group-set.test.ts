import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beck } from '../cli/memory-io.ts';
import { DEAD, NOW, Shop } from './group-support.ts';

/** A shop whose group has read `orders` 0 up to 2, `orders` 1 to the end, and `users` not at all. */
function shopWithBilling(): Shop {
  const shop = new Shop();
  shop.commit('billing', { 'orders 0': 2, 'orders 1': 1 }, 'note');
  return shop;
}

describe('group reset', () => {
  it.each([
    ['--topic orders --to start', { 'orders 0': 0, 'orders 1': 0, 'orders 2': 0 }],
    ['--topic orders --to end', { 'orders 0': 4, 'orders 1': 1, 'orders 2': 0 }],
    ['--topic orders:0 --to 3', { 'orders 0': 3, 'orders 1': 1 }],
    ['--topic orders:0,1 --to -1', { 'orders 0': 3, 'orders 1': 0 }],
    ['--topic orders:0 --to +1', { 'orders 0': 1, 'orders 1': 1 }],
    ['--topic orders:0 --topic users --to start', { 'orders 0': 0, 'orders 1': 1, 'users 0': 0 }],
    [`--topic orders:0 --to @${NOW - 3 * 3_600_000}`, { 'orders 0': 1, 'orders 1': 1 }],
    ['--topic orders:0 --to @-150m', { 'orders 0': 2, 'orders 1': 1 }],
    ['--topic orders:0 --to @-90m', { 'orders 0': 3, 'orders 1': 1 }],
    ['--all-topics --to start', { 'orders 0': 0, 'orders 1': 0 }],
    ['--all-topics --shift -1', { 'orders 0': 1, 'orders 1': 0 }],
    ['--topic orders:0 --shift +1', { 'orders 0': 3, 'orders 1': 1 }],
    ['--topic orders:0 --shift=1', { 'orders 0': 3, 'orders 1': 1 }],
    ['--to-group other', { 'orders 0': 4, 'orders 1': 1, 'users 0': 1 }],
    ['--to-group other --topic users', { 'orders 0': 2, 'orders 1': 1, 'users 0': 1 }],
  ])('%s', async (flags, committed) => {
    const shop = shopWithBilling();
    shop.commit('other', { 'orders 0': 4, 'users 0': 1 });
    const { code, stderr } = await shop.run(`group reset billing ${flags} --yes`);
    expect([code, stderr]).toEqual([0, '']);
    expect(await shop.committed('billing')).toEqual(committed);
    expect(await shop.committed('other')).toEqual({ 'orders 0': 4, 'users 0': 1 });
  });

  it('shows before and after, asks, and then does that', async () => {
    const shop = shopWithBilling();
    const page = `TOPIC   PARTITION  BEFORE  AFTER  END  LAG
orders          0       2      0    4    4
orders          1       1      0    1    1
orders          2       –      0    0    0
`;
    const line = 'group reset billing --topic orders --to start';
    const question = 'billing goes on elsewhere in 3 partitions. Set its offsets?';
    expect(await shop.run(line, { tty: true, answers: [false] })).toEqual({
      code: 1,
      stdout: page,
      stderr: 'nothing was changed\n',
      asked: [question],
    });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
    expect(await shop.run(line, { tty: true, answers: [true] })).toEqual({
      code: 0,
      stdout: page,
      stderr: 'billing set in 3 partitions, lag 5\n',
      asked: [question],
    });
    expect(await shop.run(line, { tty: true })).toMatchObject({ stderr: 'billing: all offsets are there already\n' });
  });

  it('wants --yes where nobody can be asked, after the plan', async () => {
    const shop = shopWithBilling();
    expect(await shop.run('group reset billing --topic orders:0 --to end')).toMatchObject({
      code: 2,
      stdout: 'TOPIC\tPARTITION\tBEFORE\tAFTER\tEND\tLAG\norders\t0\t2\t4\t4\t0\n',
      stderr: expect.stringContaining('--yes says that you mean it'),
    });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
  });

  it('changes nothing with --dry-run, and is exact as a document', async () => {
    const shop = shopWithBilling();
    const rows = [
      { topic: 'orders', partition: 0, before: 2, after: 4, start: 0, end: 4, lag: 0, note: 'above-end' },
      { topic: 'orders', partition: 1, before: 1, after: 1, start: 0, end: 1, lag: 0, note: 'above-end' },
    ];
    const line = 'group reset billing --topic orders:0,1 --to 9';
    const dry = await shop.run(`${line} --dry-run --json`);
    expect([dry.code, JSON.parse(dry.stdout)]).toEqual([0, rows]);
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
    expect(JSON.parse((await shop.run(`${line} --yes --json`)).stdout)).toEqual(rows);
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 4, 'orders 1': 1 });
  });

  it.each([
    ['--topic orders:0,2 --to @-30m', 'orders 0: no record is of that time or later; it becomes the end\n'],
    ['--topic orders:0 --to 9', 'orders 0: that is beyond the end; it becomes the end\n'],
    ['--topic orders:0 --shift -9', 'orders 0: that is before the first offset there is; it becomes the start\n'],
    ['--topic orders --shift 0', 'orders 2: nothing is committed there to go by; it stays as it is\n'],
  ])('%s warns, also in a pipe', async (flags, warning) => {
    expect(await shopWithBilling().run(`group reset billing ${flags} --yes`)).toMatchObject({
      code: 0,
      stderr: warning,
    });
  });

  it('makes the group, and a commit is then of now', async () => {
    const shop = new Shop();
    expect(await shop.run('group reset trial --topic users --to end --yes')).toMatchObject({ code: 0 });
    const [group] = JSON.parse((await shop.run('group describe trial --json')).stdout);
    expect(group).toMatchObject({ state: 'Empty', members: 0, lag: 0, partitionList: [{ committed: 1 }] });
    expect(group.partitionList[0].lastCommit).toBeGreaterThan(NOW);
  });

  it('is refused while the group is active, naming its members, and changes nothing', async () => {
    const shop = shopWithBilling();
    shop.join('billing', '4712');
    shop.join('billing', '4790');
    for (const flags of ['--yes', '--dry-run'])
      expect(await shop.run(`group reset billing --topic orders --to start ${flags}`)).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringMatching(/^billing is active: members 4712, 4790 \(NON_EMPTY_GROUP\)\nstop them/),
      });
    const { stdout } = await shop.run('group reset billing --topic orders --to start --yes --json');
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'NON_EMPTY_GROUP',
      message: 'billing is active: members 4712, 4790',
      exitCode: 4,
    });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
  });

  it('works straight after its members were killed', async () => {
    const shop = shopWithBilling();
    shop.join('billing', '4701', ['orders'], DEAD);
    expect(await shop.run('group reset billing --topic orders:0 --to end --yes')).toMatchObject({ code: 0 });
  });

  it('is refused when somebody came while one was thinking', async () => {
    const shop = shopWithBilling();
    const { cluster, close } = await shop.cluster();
    const plan = await cluster.groups.planOffsets({
      group: 'billing',
      scope: [{ topic: 'orders', partitions: [0] }],
      to: { kind: 'position', position: { at: 'end' } },
    });
    shop.join('billing', '4712');
    await expect(cluster.groups.setOffsets('billing', plan)).rejects.toThrow('billing is active: member 4712');
    await close();
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
  });

  it.each([
    ['group reset', 2, 'one of --from-file, --shift, --to, --to-group is wanted'],
    ['group reset billing --topic orders', 2, 'one of --from-file, --shift, --to, --to-group is wanted'],
    ['group reset billing --topic orders --to start --shift 1', 2, '--to'],
    ['group reset --topic orders --to start', 2, 'GROUP is missing'],
    ['group reset billing --to start', 2, 'which topics is missing'],
    ['group reset billing --topic orders --all-topics --to start', 2, 'exclude each other'],
    ['group reset billing --topic orders --to soon', 2, "'soon' is no position"],
    ['group reset billing --topic orders --shift one', 2, '--shift wants a number of offsets'],
    ['group reset billing --topic orders: --to start', 2, '--topic wants a topic, or TOPIC:PARTITION'],
    ['group reset billing --topic ordres --to start --yes', 3, "did you mean 'orders'?"],
    ['group reset billing --topic orders:3 --to start --yes', 3, 'orders has no partition 3; it has 3'],
    ['group reset biling --all-topics --to start --yes', 3, "did you mean 'billing'?"],
    ['group reset trial --to-group biling --yes', 3, "did you mean 'billing'?"],
    ['group reset trial --from-file /no/such.json --yes', 3, 'cannot read /no/such.json'],
    ['group reset trial --topic orders --topic ordres --to end --yes', 3, "there is no topic 'ordres'"],
  ])('%s exits %d and changes nothing', async (line, code, sentence) => {
    const shop = shopWithBilling();
    expect(await shop.run(line)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(sentence) });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
    expect((await shop.run('group describe trial')).code).toBe(3);
  });

  it('refuses a group without a name', async () => {
    const shop = new Shop();
    const words = ['group', 'reset', '', '--topic', 'orders', '--to', 'end', '--yes'];
    expect(await beck(words, { dataDir: shop.dir })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('INVALID_GROUP_ID'),
    });
  });
});

describe('group export and import', () => {
  it('carry the offsets of a group to another one, with their metadata', async () => {
    const shop = shopWithBilling();
    const { stdout } = await shop.run('group export billing');
    expect(stdout).toBe(`{"group":"billing","offsets":[
  {"topic":"orders","partition":0,"offset":2,"metadata":"note"},
  {"topic":"orders","partition":1,"offset":1,"metadata":"note"}
]}
`);
    expect(await shop.run('group import trial -', { stdin: stdout })).toMatchObject({ code: 0, stderr: '' });
    expect((await shop.run('group export trial')).stdout).toBe(stdout.replace('billing', 'trial'));
  });

  it('take a part, and a file, which is not overwritten', async () => {
    const shop = shopWithBilling();
    const file = join(shop.dir, 'offsets.json');
    const line = `group export billing ${file} --topic orders:1`;
    expect(await shop.run(line, { tty: true })).toMatchObject({ code: 0, stderr: `${file}: 1 offset of billing\n` });
    expect(JSON.parse(readFileSync(file, 'utf8')).offsets).toMatchObject([{ partition: 1, offset: 1 }]);
    expect(await shop.run(line)).toMatchObject({ code: 4, stderr: expect.stringContaining('exists already') });
    expect(await shop.run(`group reset trial --from-file ${file} --yes`)).toMatchObject({ code: 0 });
    expect(await shop.committed('trial')).toEqual({ 'orders 1': 1 });
  });

  it('ask before an offset is lost, and not otherwise', async () => {
    const shop = shopWithBilling();
    const file = join(shop.dir, 'offsets.json');
    writeFileSync(
      file,
      '{"offsets":[{"topic":"orders","partition":0,"offset":4},{"topic":"users","partition":0,"offset":1}]}',
    );
    expect(await shop.run(`group import billing ${file}`)).toMatchObject({ code: 2 });
    const asked = await shop.run(`group import billing ${file}`, { tty: true, answers: [true] });
    expect(asked).toMatchObject({ code: 0, asked: [expect.stringContaining('Set its offsets?')] });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 4, 'orders 1': 1, 'users 0': 1 });
    expect(await shop.run(`group import billing ${file}`)).toMatchObject({ code: 0 });
  });

  it.each([
    ['{"offsets":[{"topic":"gone","partition":0,"offset":4}]}', 3, "there is no topic 'gone'"],
    ['{"offsets":[{"topic":"orders","partition":7,"offset":4}]}', 3, 'orders has no partition 7'],
    ['{"offsets":[{"topic":"orders","partition":0,"offset":"4"}]}', 1, 'offset wants a whole number from 0; not "4"'],
    ['billing', 1, 'it is no JSON'],
  ])('%s is refused whole', async (stdin, code, sentence) => {
    const shop = shopWithBilling();
    expect(await shop.run('group import billing - --yes', { stdin })).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
  });
});

describe('group delete', () => {
  it('asks, and removes all of them or none', async () => {
    const shop = shopWithBilling();
    shop.commit('trial', { 'users 0': 1 });
    shop.join('busy', '4712');
    expect(await shop.run('group delete billing')).toMatchObject({ code: 2 });
    expect(await shop.run('group delete billing trial busy --yes')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('busy is active: member 4712'),
    });
    const no = await shop.run('group delete billing', { tty: true, answers: [false] });
    expect(no).toMatchObject({ code: 1, asked: ['billing has offsets in 2 partitions. Delete it for good?'] });
    const dry = await shop.run('group delete billing trial --dry-run --json');
    expect(JSON.parse(dry.stdout)).toMatchObject([{ group: 'billing' }, { group: 'trial' }]);
    expect((await shop.run('group list --json')).stdout.match(/"group"/g)).toHaveLength(3);
    const yes = await shop.run('group delete billing trial billing', { tty: true, answers: [true] });
    expect(yes).toMatchObject({
      code: 0,
      stderr: 'billing deleted: offsets in 2 partitions\ntrial deleted: offsets in 1 partition\n',
    });
    expect((await shop.run('group list --json')).stdout.match(/"group"/g)).toHaveLength(1);
    expect(await shop.run('group delete billing --yes')).toMatchObject({ code: 3 });
  });
});

describe('group delete-offsets', () => {
  it('forgets a topic, or a partition of it', async () => {
    const shop = shopWithBilling();
    expect(await shop.run('group delete-offsets billing --topic orders:0')).toMatchObject({ code: 2 });
    const dry = await shop.run('group delete-offsets billing --topic orders --dry-run', { tty: true });
    expect(dry.stdout).toBe(
      'TOPIC   PARTITION  COMMITTED\norders          0          2\norders          1          1\n',
    );
    const one = await shop.run('group delete-offsets billing --topic orders:0', { tty: true, answers: [true] });
    expect(one).toMatchObject({
      code: 0,
      asked: ['billing forgets how far it has read orders 0. Delete that for good?'],
      stderr: 'billing: 1 offset deleted (orders 0)\n',
    });
    expect(await shop.committed('billing')).toEqual({ 'orders 1': 1 });
    expect((await shop.run('group delete-offsets billing --topic orders --yes --json')).stdout).toBe(
      '[{"topic":"orders","partition":1,"offset":1,"metadata":"note"}]\n',
    );
    expect(await shop.run('group delete-offsets billing --topic users', { tty: true })).toMatchObject({
      code: 0,
      stderr: 'billing has no offsets there\n',
    });
  });

  it('is refused for what the group reads', async () => {
    const shop = shopWithBilling();
    shop.commit('billing', { 'users 0': 1 });
    shop.join('billing', '4712');
    expect(await shop.run('group delete-offsets billing --topic users --topic orders --yes')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('GROUP_SUBSCRIBED_TO_TOPIC'),
    });
    expect(await shop.committed('billing')).toMatchObject({ 'users 0': 1 });
    expect(await shop.run('group delete-offsets billing --topic users --yes')).toMatchObject({ code: 0 });
    expect(await shop.committed('billing')).toEqual({ 'orders 0': 2, 'orders 1': 1 });
  });

  it.each([
    ['group delete-offsets billing --yes', 2, '--topic is missing'],
    ['group delete-offsets biling --topic orders --yes', 3, "did you mean 'billing'?"],
    ['group delete-offsets billing --topic ordres --yes', 3, "did you mean 'orders'?"],
  ])('%s exits %d', async (line, code, sentence) => {
    expect(await shopWithBilling().run(line)).toMatchObject({ code, stderr: expect.stringContaining(sentence) });
  });
});
