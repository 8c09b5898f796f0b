/** Ctrl-C and its kin: once, twice, at every moment. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { it, numbered, unix } from '../support/e2e.ts';

describe.runIf(unix).concurrent('consume -f', () => {
  it.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with 130 at %s, quietly', async (signal, { beck }) => {
    await beck.create('t');
    await beck.produce('t', 'one\n');
    const follower = beck.spawn(['consume', 't', '-f']);
    await follower.prints('one\n');
    follower.kill(signal);
    expect(await follower.ended).toMatchObject({ code: 130, signal: null, stdout: 'one\n', stderr: '' });
  });

  it('ends at a record boundary in the middle of much output', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(300_000, 'a record of some length, number '));
    const follower = beck.spawn(['consume', 't', '-f', '-o', 'jsonl']);
    await follower.prints('{');
    follower.kill();
    const { code, stdout } = await follower.ended;
    expect([code, stdout.endsWith('}\n')]).toEqual([130, true]);
    for (const line of stdout.split('\n').slice(0, -1)) JSON.parse(line);
  });

  it('that writes a file ends at a record boundary too', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(300_000, 'a record of some length, number '));
    const shell = beck.spawnShell(
      'beck consume t -f -o jsonl > out & p=$!; while [ ! -s out ]; do :; done; kill -INT $p; wait $p; echo "code $?"; tail -c 2 out',
    );
    expect((await shell.ended).stdout).toBe('code 130\n}\n');
  });

  it('ends at once at the second Ctrl-C, though its reader sleeps', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(300_000, 'a record of some length, number '));
    const follower = beck.spawn(['consume', 't', '-f']);
    follower.child.stdout?.pause();
    const exited = new Promise<number | null>((resolve) => follower.child.once('exit', resolve));
    await new Promise((resolve) => follower.child.stdout?.once('readable', resolve));
    follower.kill();
    follower.kill();
    expect(await exited).toBe(130);
  });

  it('ends by itself after the first Ctrl-C, though its reader sleeps', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(300_000, 'a record of some length, number '));
    const follower = beck.spawn(['consume', 't', '-f']);
    follower.child.stdout?.pause();
    const exited = new Promise<number | null>((resolve) => follower.child.once('exit', resolve));
    await new Promise((resolve) => follower.child.stdout?.once('readable', resolve));
    follower.kill();
    expect(await exited).toBe(130);
  });
});

describe.runIf(unix).concurrent('produce', () => {
  it('that waits for input ends with 130 and says what is stored', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    producer.write('one\ntwo\nhal');
    await producer.prints('0\n1\n');
    producer.kill();
    const { code, stderr } = await producer.ended;
    expect([code, stderr]).toEqual([
      130,
      expect.stringMatching(/everything up to line 2 is stored, --skip 2 goes on from there/),
    ]);
    expect(await beck.lines('t')).toEqual(['one', 'two']);
  });

  it('that has stored nothing says so', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't'], { stdin: 'pipe' });
    producer.write('hal');
    await untilListening(producer.pid);
    producer.kill();
    const { code, stderr } = await producer.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('nothing was written')]);
    expect(await beck.lines('t')).toEqual([]);
  });

  it('of a large file, interrupted at any moment, goes on exactly there with --skip', async ({ beck }) => {
    const input = numbered(400_000, 'a line that makes the file large enough to be interrupted in, number ');
    writeFileSync(join(beck.folder, 'big'), input);
    await beck.create('t');
    let interrupted = 0;
    for (let skip = 0, round = 1; ; round++) {
      const producer = beck.spawn(['produce', 't', 'big', '--skip', String(skip), '-o', '%o\\n']);
      const enough =
        round <= 4
          ? producer.prints(round * 3000).then(
              () => producer.kill(),
              () => undefined,
            )
          : undefined;
      const { code, stderr } = await producer.ended;
      await enough;
      if (code === 0) break;
      expect(code, stderr).toBe(130);
      interrupted++;
      skip = Number(/--skip (\d+) goes on/.exec(stderr)?.[1]);
      expect(skip).toBe((await beck.lines('t', '--tail', '1')).map((line) => Number(line.split(' ').at(-1)))[0]);
    }
    expect(interrupted).toBeGreaterThan(0);
    expect((await beck.ok(['consume', 't'])).stdout === input).toBe(true);
  });

  it('that waits for the reader of its echo ends at the first Ctrl-C, and says what is stored', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawnShell('exec beck produce t -o jsonl < <(exec seq 1 100000000)');
    producer.child.stdout?.pause();
    const exited = new Promise<number | null>((resolve) => producer.child.once('exit', resolve));
    await new Promise((resolve) => producer.child.stdout?.once('readable', resolve));
    producer.kill();
    expect(await exited).toBe(130);
    await producer.says(/--skip \d+ goes on from there/);
    const stored = Number(/--skip (\d+)/.exec(producer.stderr)?.[1]);
    const lines = await beck.lines('t');
    expect([lines.length, lines.at(-1)]).toEqual([stored, String(stored)]);
  });

  it('that is interrupted twice at once has stored whole lines, in order, without a gap', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawnShell("exec beck produce t -o '%o\\n' < <(exec seq 1 100000000)");
    await producer.prints(20_000);
    producer.kill();
    producer.kill();
    expect((await producer.ended).code).toBe(130);
    const lines = await beck.lines('t');
    expect(lines.every((line, i) => line === String(i + 1))).toBe(true);
    expect(lines.length).toBeGreaterThanOrEqual(20_000);
  });
});

/** Node itself catches SIGINT from the beginning; SIGHUP is caught by beck alone, last of all. */
const SIGHUP_BIT = 1n;

/** Resolves when beck listens for signals, as Linux tells; elsewhere at once. */
async function untilListening(pid: number): Promise<void> {
  if (!existsSync(`/proc/${pid}/status`)) return;
  for (;;) {
    const caught = /^SigCgt:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    if ((BigInt(`0x${caught}`) & SIGHUP_BIT) !== 0n) return;
    await setImmediate();
  }
}
