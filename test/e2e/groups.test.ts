/** Groups between processes: sharing, standing by, taking over, remembering. */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';

/** No test waits for it: what is seen before is seen without it. */
const LONG_SESSION = ['--session-timeout', '20m'];

/** A member that follows t, and prints where each record lies. */
function member(beck: Beck, ...flags: string[]): Live {
  return beck.spawn(['consume', 't', '-g', 'g', '-f', '-o', '%p %o\\n', ...flags]);
}

/** One record for each partition. */
async function toEach(beck: Beck, partitions: number): Promise<void> {
  for (let p = 0; p < partitions; p++) await beck.produce('t', 'x\n', '-p', `${p}`);
}

function lines(live: Live): string[] {
  return live.stdout.split('\n').slice(0, -1);
}

describe.concurrent('the members of a group', () => {
  it('share the partitions, and print each record once', async ({ beck }) => {
    await beck.create('t', '-p', '4');
    const watch = beck.watchGroup('g');
    const members = [member(beck), member(beck), member(beck)];
    await watch.until(() => `${watch.shares()}` === '2,1,1');
    for (let i = 0; i < 5; i++) await toEach(beck, 4);
    const all = () => members.flatMap(lines);
    await watch.until(() => all().length >= 20);
    expect(new Set(all()).size).toBe(20);
    for (const live of members) {
      const has = watch.owners()[`${live.pid}`];
      expect(new Set(lines(live).map((line) => Number(line.split(' ')[0])))).toEqual(new Set(has));
    }
  });

  it('stand by when there are more than partitions, and take over from one that leaves', async ({ beck }) => {
    await beck.create('t');
    const watch = beck.watchGroup('g');
    const members = [member(beck), member(beck)];
    await watch.until(() => `${watch.shares()}` === '1,0');
    const owner = () => members.find(({ pid }) => watch.owners()[`${pid}`]?.length === 1) as Live;
    await beck.produce('t', 'a\nb\n');
    const first = owner();
    await first.prints(2);
    first.kill();
    expect(await first.ended).toMatchObject({ code: 130, stderr: '' });
    expect(watch.committed()).toEqual({ 0: 2 });
    await beck.produce('t', 'c\n');
    await watch.until(() => members.flatMap(lines).length >= 3);
    expect(lines(owner())).toEqual(['0 2']);
  });

  it('of different groups do not know each other', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nb\n');
    for (const group of ['g', 'h']) expect(await beck.lines('t', '-g', group)).toEqual(['a', 'b']);
  });

  it('notice new partitions, and with a pattern new topics', async ({ beck }) => {
    await beck.create('t');
    const live = beck.spawn(['consume', '-r', 't.*', '-g', 'g', '-f', '-o', '%t %p %v\\n', '--from', 'end']);
    const watch = beck.watchGroup('g');
    await watch.until(() => `${watch.shares()}` === '1');
    await beck.ok(['topic', 'alter', 't', '-p', '2']);
    await beck.produce('t', 'new\n', '-p', '1');
    await live.prints('t 1 new\n');
    await beck.create('t2');
    await beck.produce('t2', 'newer\n');
    await live.prints('t2 0 newer\n');
  });

  it('go on without a topic that is deleted, and with one that is made in its place', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'old\n');
    const live = beck.spawn(['consume', 't', '-g', 'g', '-f']);
    await live.prints('old\n');
    await beck.ok(['topic', 'delete', 't', '--yes']);
    await beck.create('t');
    await beck.produce('t', 'new\n');
    await live.prints('old\nnew\n');
  });

  it('that are static keep their partitions while they are away', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    const watch = beck.watchGroup('g');
    const flags = (id: string) => ['--instance-id', id, ...LONG_SESSION];
    const [first, second] = [member(beck, ...flags('a')), member(beck, ...flags('b'))];
    await watch.until(() => `${watch.shares()}` === '1,1');
    const had = watch.owners()[`${first.pid}`];
    first.kill(unix ? 'SIGKILL' : 'SIGTERM');
    await first.ended;
    expect(await beck.run(['consume', 't', '-g', 'g', ...flags('b')])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('UNRELEASED_INSTANCE_ID'),
    });
    const again = member(beck, ...flags('a'));
    await watch.until(() => watch.owners()[`${again.pid}`] !== undefined);
    expect(watch.owners()).toEqual({ [again.pid]: had, [second.pid]: had?.[0] === 0 ? [1] : [0] });
  });
});

describe.runIf(unix).concurrent('a member that', () => {
  it('is killed is missed long before its session is over, and what it had not committed is printed again', async ({
    beck,
  }) => {
    await beck.create('t', '-p', '2');
    const watch = beck.watchGroup('g');
    const [dead, heir] = [member(beck, ...LONG_SESSION), member(beck, ...LONG_SESSION)];
    await watch.until(() => `${watch.shares()}` === '1,1');
    dead.kill('SIGKILL');
    await watch.until(() => `${watch.shares()}` === '2');
    await toEach(beck, 2);
    await heir.prints(2);
    expect(new Set(lines(heir).map((line) => line.split(' ')[0]))).toEqual(new Set(['0', '1']));
  });

  it('hangs loses its partitions after its session, and when it comes to itself it joins again', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    const watch = beck.watchGroup('g');
    const first = member(beck, '--session-timeout', '3s');
    await watch.until(() => watch.committed()[0] === 1);
    const second = member(beck, '--session-timeout', '3s');
    await watch.until(() => `${watch.shares()}` === '1,0');
    first.kill('SIGSTOP');
    await watch.until(() => Object.keys(watch.owners()).join() === `${second.pid}`);
    await beck.produce('t', 'b\n');
    await second.prints('0 1\n');
    first.kill('SIGCONT');
    await first.says(`g: member ${first.pid} was silent for too long, and others have t 0 by now`);
    await watch.until(() => `${watch.shares()}` === '1,0');
    second.kill();
    await second.ended;
    await beck.produce('t', 'c\n');
    await first.prints('0 0\n0 2\n');
  });

  it('is not read from gives up what it does not show, and is not taken for dead', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    for (const p of ['0', '1']) await beck.produce('t', numbered(150_000, 'a record of some length '), '-p', p);
    const watch = beck.watchGroup('g');
    const shell = beck.spawnShell(
      'beck consume t -g g -f --session-timeout 1s | { read -r line; echo "$line"; sleep 1000; }',
    );
    await shell.prints(1);
    const second = member(beck);
    await watch.until(() => `${watch.shares()}` === '1,1');
    await second.prints(150_000);
    expect(watch.shares()).toEqual([1, 1]);
    shell.killAll();
  });
});

describe.concurrent('what a group remembers', () => {
  it('is exactly what was printed: -n 1, a hundred times', { timeout: 120_000 }, async ({ beck }) => {
    await beck.create('t', '-p', '3');
    for (let p = 0; p < 3; p++) await beck.produce('t', numbered(34), '-p', `${p}`);
    const { stdout } = await beck.shell(
      "for i in $(seq 100); do beck consume t -g g -n 1 -o '%p %o\\n' || exit; done; beck consume t -g g -o '%p %o\\n'",
    );
    const seen = stdout.split('\n').slice(0, -1);
    expect([seen.length, new Set(seen).size]).toEqual([102, 102]);
  });

  it('is drained by reading without -f, and by nothing twice', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    await beck.produce('t', numbered(1000));
    expect(await beck.lines('t', '-g', 'g')).toHaveLength(1000);
    expect(await beck.lines('t', '-g', 'g')).toEqual([]);
    await beck.produce('t', 'more\n');
    expect(await beck.lines('t', '-g', 'g')).toEqual(['more']);
  });

  it('is drained by several at once: together they print all of it, once', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    for (let p = 0; p < 3; p++) await beck.produce('t', numbered(2000), '-p', `${p}`);
    const members = Array.from({ length: 5 }, () => beck.spawn(['consume', 't', '-g', 'g', '-o', '%p %o\\n']));
    const ended = await Promise.all(members.map((live) => live.ended));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const all = members.flatMap(lines);
    expect([all.length, new Set(all).size]).toEqual([6000, 6000]);
  });

  it.runIf(unix)('is nothing that a reader who left did not get', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(200_000));
    const { stdout, code } = await beck.shell('beck consume t -g g -f | head -n 3');
    expect([code, stdout]).toEqual([0, numbered(3)]);
    const [first] = await beck.lines('t', '-g', 'g', '-n', '1', '-o', '%o\\n');
    const watch = beck.watchGroup('g');
    expect(watch.committed()).toEqual({ 0: Number(first) + 1 });
    expect(watch.owners()).toEqual({});
  });

  it('counts what no filter let through', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(100));
    expect(await beck.lines('t', '-g', 'g', '--grep', '^line 7$')).toEqual(['line 7']);
    expect(await beck.lines('t', '-g', 'g')).toEqual([]);
  });

  it('is with --at-most-once what is going to be printed', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(10));
    expect(await beck.lines('t', '-g', 'g', '--at-most-once', '-n', '4')).toEqual(numbered(4).split('\n').slice(0, -1));
    expect(await beck.lines('t', '-g', 'g', '--at-most-once')).toHaveLength(6);
  });

  it('begins at --from, which means nothing later', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(10));
    expect(await beck.lines('t', '-g', 'g', '--from', '-2')).toEqual(['line 9', 'line 10']);
    expect(await beck.lines('t', '-g', 'g', '--from', 'start')).toEqual([]);
  });

  it('goes on at the log start when retention was faster, and says so', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(10));
    await beck.lines('t', '-g', 'g', '-n', '2');
    await beck.ok(['topic', 'trim', 't', '--before', '5', '--yes']);
    const { stdout, stderr } = await beck.ok(['consume', 't', '-g', 'g', '-n', '1']);
    expect([stdout, stderr]).toEqual([
      'line 6\n',
      't 0: 3 offsets before 5 are gone (retention, trim); reading from there\n',
    ]);
  });
});

describe.concurrent('consume -g refuses', () => {
  it.for([
    ['-p', '0'],
    ['--tail', '1'],
    ['--until', '5'],
  ])('%s', async (flags, { beck }) => {
    await beck.create('t');
    expect((await beck.run(['consume', 't', '-g', 'g', ...flags])).code).toBe(2);
  });

  it('a topic that is not there, and makes no group for it', async ({ beck }) => {
    await beck.create('t');
    expect((await beck.run(['consume', 'u', '-g', 'g', '-f'])).code).toBe(3);
    expect(beck.watchGroup('g').owners()).toEqual({});
  });

  it.for([
    ['', 2],
    ['--session-timeout=1ms', 2],
  ] as const)('an empty name and no session at all %s', async ([flag, code], { beck }) => {
    await beck.create('t');
    const args = flag === '' ? ['consume', 't', '-g', ''] : ['consume', 't', '-g', 'g', flag];
    expect((await beck.run(args)).code).toBe(code);
  });
});
