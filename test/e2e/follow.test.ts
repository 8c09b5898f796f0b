/** Reading that does not end by itself: -f, time limits, topics that come and go. */
import { describe, expect } from 'vitest';
import { it, numbered } from '../support/e2e.ts';

describe.concurrent('consume -f', () => {
  it('prints what other processes commit, each record once, in order', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    const follower = beck.spawn(['consume', 't', '-f', '-o', '%p %o\\n']);
    for (let i = 0; i < 10; i++) {
      await beck.produce('t', numbered(100));
      await follower.prints((i + 1) * 100);
    }
    const seen = follower.stdout.split('\n').slice(0, -1);
    expect(new Set(seen).size).toBe(1000);
    for (const partition of ['0', '1']) {
      const offsets = seen.filter((line) => line.startsWith(partition)).map((line) => Number(line.split(' ')[1]));
      expect(offsets).toEqual(offsets.map((_, i) => i));
    }
  });

  it('serves many followers at once', async ({ beck }) => {
    await beck.create('t');
    const followers = Array.from({ length: 6 }, () => beck.spawn(['consume', 't', '-f']));
    for (let i = 0; i < 3; i++) {
      await beck.produce('t', `${i}\n`);
      await Promise.all(followers.map((follower) => follower.prints(i + 1)));
    }
    for (const follower of followers) expect(follower.stdout).toBe('0\n1\n2\n');
  });

  it('waits on a topic that was empty, and sees its first record', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '-f', '-n', '1']);
    await beck.produce('t', 'first\n');
    expect(await follower.ended).toMatchObject({ code: 0, stdout: 'first\n' });
  });

  it('-n ends it with 0 at exactly so many', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(2));
    const follower = beck.spawn(['consume', 't', '-f', '-n', '5']);
    await follower.prints(2);
    await beck.produce('t', numbered(10));
    expect((await follower.ended).stdout).toBe(`${numbered(2)}${numbered(3)}`);
  });

  it('--until ends it when it is reached', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '-f', '--until', '3']);
    await beck.produce('t', numbered(2));
    await follower.prints(2);
    await beck.produce('t', numbered(9));
    expect(await follower.ended).toMatchObject({ code: 0, stdout: `${numbered(2)}line 1\n` });
  });

  it('--tail shows the last and goes on', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(9));
    const follower = beck.spawn(['consume', 't', '-f', '--tail', '2']);
    await follower.prints('line 8\nline 9\n');
    await beck.produce('t', 'more\n');
    await follower.prints('line 8\nline 9\nmore\n');
  });

  it('filters what comes', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '-f', '--grep', '7$', '-n', '3']);
    await beck.produce('t', numbered(20));
    await beck.produce('t', numbered(20));
    expect((await follower.ended).stdout).toBe('line 7\nline 17\nline 7\n');
  });

  it('reads partitions that are added', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'old\n');
    const follower = beck.spawn(['consume', 't', '-f', '-o', '%p %v\\n']);
    await follower.prints('0 old\n');
    await beck.ok(['topic', 'alter', 't', '-p', '3']);
    await beck.produce('t', 'new\n', '-p', '2');
    await follower.prints('2 new\n');
  });

  it.for([[], ['--json']])('of a topic that is deleted ends with 3 after what was read %s', async (flags, { beck }) => {
    await beck.create('t');
    await beck.produce('t', 'one\n');
    const follower = beck.spawn(['consume', 't', '-f', ...flags]);
    await follower.prints('one');
    await beck.ok(['topic', 'delete', 't', '--yes']);
    const { code, stdout, stderr } = await follower.ended;
    expect([code, stdout.trim().split('\n').length]).toEqual([3, 1]);
    expect(stderr).toContain('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('of a topic that is deleted and made again ends with 3, and shows nothing of the new one', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'old\n');
    const follower = beck.spawn(['consume', 't', '-f']);
    await follower.prints('old\n');
    follower.kill('SIGSTOP');
    await beck.ok(['topic', 'delete', 't', '--yes']);
    await beck.create('t');
    await beck.produce('t', 'new\n');
    follower.kill('SIGCONT');
    expect(await follower.ended).toMatchObject({ code: 3, stdout: 'old\n' });
  });

  it('of one of two topics that is deleted ends with 3', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'a', 'b']);
    await beck.produce('a', 'x\n');
    const follower = beck.spawn(['consume', 'a', 'b', '-f']);
    await follower.prints('x\n');
    await beck.ok(['topic', 'delete', 'b', '--yes']);
    expect(await follower.ended).toMatchObject({ code: 3, stderr: expect.stringContaining("'b'") });
  });

  it('of a topic that is not there ends with 3 at once', async ({ beck }) => {
    expect((await beck.run(['consume', 't', '-f'])).code).toBe(3);
    await beck.create('u');
    expect((await beck.run(['consume', 't', '-f'])).code).toBe(3);
  });
});

describe.concurrent('consume -r -f', () => {
  it('picks up topics that come, and goes on without those that go', async ({ beck }) => {
    await beck.create('log-a');
    await beck.produce('log-a', 'one\n');
    const follower = beck.spawn(['consume', '-r', 'log-.*', '-f', '-o', '%t %v\\n']);
    await follower.prints('log-a one\n');
    await beck.produce('log-b', 'two\n', '--create');
    await follower.prints('log-b two\n');
    await beck.produce('other', 'not this\n', '--create');
    await beck.ok(['topic', 'delete', 'log-a', '--yes']);
    await beck.produce('log-a', 'three\n', '--create');
    await follower.prints('log-a three\n');
    expect(follower.stdout).toBe('log-a one\nlog-b two\nlog-a three\n');
  });

  it('waits for the first topic that matches', async ({ beck }) => {
    await beck.create('other');
    const follower = beck.spawn(['consume', '-r', 'log-.*', '-f', '-n', '1']);
    await beck.produce('log-a', 'one\n', '--create');
    expect(await follower.ended).toMatchObject({ code: 0, stdout: 'one\n' });
  });
});

describe.concurrent('time limits', () => {
  it('--idle-timeout ends quietly with 0', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    expect(await beck.run(['consume', 't', '--idle-timeout', '200ms'])).toMatchObject({
      code: 0,
      stdout: 'a\n',
      stderr: '',
    });
  });

  it('--idle-timeout with -n that is not reached ends with 124', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    expect(await beck.run(['consume', 't', '-n', '2', '--idle-timeout', '200ms'])).toMatchObject({
      code: 124,
      stdout: 'a\n',
    });
    expect((await beck.run(['consume', 't', '-n', '1', '--idle-timeout', '200ms'])).code).toBe(0);
  });

  it('--idle-timeout begins again with each record', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '--idle-timeout', '3s']);
    for (let i = 0; i < 8; i++) {
      await beck.produce('t', `${i}\n`);
      await follower.prints(i + 1);
    }
    expect(await follower.ended).toMatchObject({ code: 0, stdout: '0\n1\n2\n3\n4\n5\n6\n7\n' });
  });

  it('--timeout ends with 124, after what there was', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    expect(await beck.run(['consume', 't', '-f', '--timeout', '500ms'])).toMatchObject({ code: 124, stdout: 'a\n' });
  });

  it('--timeout ends a reader whose topic is never quiet', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    let stop = false;
    const feeding = (async () => {
      for (let i = 0; !stop; i++) {
        producer.write(`${i}\n`);
        await new Promise(setImmediate);
      }
    })();
    await producer.prints(1);
    expect((await beck.run(['consume', 't', '-f', '--timeout', '700ms'])).code).toBe(124);
    stop = true;
    await feeding;
  });

  it('a bounded end before --timeout is 0, with -n not reached too', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    expect((await beck.run(['consume', 't', '--timeout', '20s'])).code).toBe(0);
    expect((await beck.run(['consume', 't', '-n', '9', '--timeout', '20s'])).code).toBe(0);
  });

  it('-f -n reached before --timeout is 0', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nb\n');
    expect(await beck.run(['consume', 't', '-f', '-n', '2', '--timeout', '30s'])).toMatchObject({
      code: 0,
      stdout: 'a\nb\n',
    });
  });

  it.for(['', 'soon', '-1s', '5 parsecs', '1s1m'])('a duration %j is refused', async (given, { beck }) => {
    await beck.create('t');
    for (const flag of ['--timeout', '--idle-timeout'])
      expect((await beck.run(['consume', 't', `${flag}=${given}`])).code).toBe(2);
  });
});
