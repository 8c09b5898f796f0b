/** `produce --txn` by real processes: however they end, their input is there as a whole or not at all, and nobody waits. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { noTerminal, Terminal } from '../support/pty.ts';
import type { Live } from '../support/run-beck.ts';
import { seeded } from '../support/seed.ts';

/** From about so many of these lines on a thread of its own writes. */
const LINES = 20_000;
const LINE = 'a line of some length, so that there are several batches and a thread to write them, number ';

/** One that has stored so many lines and goes on reading. */
async function openOne(beck: Beck, lines = 3): Promise<Live> {
  const watch = beck.watch();
  const before = watch.end('t');
  const producer = beck.spawn(['produce', 't', '--txn', '-o', 'value'], { stdin: 'pipe' });
  producer.write(numbered(lines, 'open '));
  await watch.until(() => watch.end('t') >= before + lines);
  return producer;
}

async function listed(beck: Beck): Promise<{ transaction: string; state: string; owner: { pid: number } }[]> {
  return JSON.parse((await beck.ok(['txn', 'list', '--json'])).stdout);
}

describe.runIf(unix).concurrent('a producer that is killed', () => {
  it('has written nothing, and nobody who comes waits for it', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'before\n');
    const producer = await openOne(beck);
    await beck.produce('t', 'after\n');
    expect(await beck.lines('t')).toEqual(['before']);
    producer.kill('SIGKILL');
    expect((await producer.ended).stdout).toBe('');
    expect(await beck.lines('t')).toEqual(['before', 'after']);
    expect(await listed(beck)).toEqual([]);
  });

  it('frees a follower that it held back, though nobody else comes', async ({ beck }) => {
    await beck.create('t');
    const producer = await openOne(beck);
    const followers = [beck.spawn(['consume', 't', '-f']), beck.spawn(['consume', 't', '-f', '-g', 'billing'])];
    await beck.produce('t', 'after\n');
    producer.kill('SIGKILL');
    for (const follower of followers) {
      await follower.prints('after\n');
      follower.kill();
      expect((await follower.ended).stdout).toBe('after\n');
    }
  });

  it('at any moment: each input is there as a whole, in its order, or not at all', async ({ beck }) => {
    const random = seeded('producers in transactions are killed');
    await beck.create('t', '-p', '2');
    const watch = beck.watch();
    const whole: number[] = [];
    for (let round = 0; round < 12; round++) {
      const input = numbered(LINES, `${round} ${LINE}`);
      const file = join(beck.folder, `input-${round}`);
      writeFileSync(file, input);
      const goal = watch.end('t') + Math.floor(random() * LINES * 1.2);
      const producer = beck.spawn(['produce', 't', file, '--txn', '-p', String(round % 2)]);
      let isOver = false;
      const ended = producer.ended.finally(() => {
        isOver = true;
      });
      await watch.until(() => isOver || watch.end('t') >= goal);
      producer.kill('SIGKILL');
      const { code } = await ended;
      if (code === 0) whole.push(round);
      const rounds = await roundsOf(beck);
      // Killed between its commit and its end: it is whole, too.
      if (code !== 0 && rounds.includes(round)) whole.push(round);
      expect(rounds).toEqual(whole);
      expect(await listed(beck)).toEqual([]);
    }
    expect(whole.length).toBeLessThan(12);
  });
});

/** The rounds whose every line is there, once and in order; anything else fails the test. */
async function roundsOf(beck: Beck): Promise<number[]> {
  const found = new Map<number, number>();
  for (const line of await beck.lines('t')) {
    const round = Number.parseInt(line, 10);
    const seen = (found.get(round) ?? 0) + 1;
    if (line !== `${round} ${LINE}${seen}`) throw new Error(`line ${seen} of round ${round} is '${line}'`);
    found.set(round, seen);
  }
  for (const lines of found.values()) expect(lines).toBe(LINES);
  return [...found.keys()].sort((a, b) => a - b);
}

describe.runIf(unix).concurrent('a producer that is interrupted', () => {
  it.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s has written nothing, and says so',
    async (signal, { beck }) => {
      await beck.create('t');
      const producer = await openOne(beck);
      producer.kill(signal);
      expect(await producer.ended).toMatchObject({
        code: 130,
        signal: null,
        stdout: '',
        stderr: 'interrupted; nothing was written\n',
      });
      expect([await beck.lines('t'), await listed(beck)]).toEqual([[], []]);
    },
  );

  it('together with the program before it does not take its end for the end of the input', async ({ beck }) => {
    await beck.create('t');
    const watch = beck.watch();
    for (let round = 0; round < 5; round++) {
      const before = watch.end('t');
      const shell = beck.spawnShell('{ seq 5000; sleep 100; } | beck produce t --txn');
      await watch.until(() => watch.end('t') >= before + 5000);
      process.kill(-shell.pid, 'SIGINT');
      await shell.ended;
      expect(await beck.lines('t')).toEqual([]);
    }
  });

  it('in the middle of much input has written nothing', async ({ beck }) => {
    await beck.create('t');
    const watch = beck.watch();
    const producer = beck.spawnShell('exec beck produce t --txn < <(exec seq 1 100000000)');
    await watch.until(() => watch.end('t') >= 300_000);
    producer.kill();
    expect(await producer.ended).toMatchObject({ code: 130, stderr: 'interrupted; nothing was written\n' });
    expect([await beck.lines('t'), await listed(beck)]).toEqual([[], []]);
  });
});

describe.runIf(unix).concurrent('a producer that hangs', () => {
  it('holds readers back, is shown, and can be aborted; when it goes on it is told', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'before\n');
    const producer = await openOne(beck);
    producer.kill('SIGSTOP');
    await beck.produce('t', 'after\n');
    expect(await beck.lines('t')).toEqual(['before']);
    const [hanging] = await listed(beck);
    expect(hanging).toMatchObject({ state: 'Ongoing', owner: { pid: producer.pid }, heldBack: 4 });
    const { stdout } = await beck.ok(['txn', 'describe', hanging?.transaction ?? '']);
    expect(stdout).toContain(`\`kill ${producer.pid}\``);
    await beck.ok(['txn', 'abort', hanging?.transaction ?? '', '--yes']);
    expect(await beck.lines('t')).toEqual(['before', 'after']);
    producer.kill('SIGCONT');
    producer.end('more\n');
    const { code, stdout: shown, stderr } = await producer.ended;
    expect([code, shown]).toEqual([4, '']);
    expect(stderr).toMatch(/^failed; nothing was written\n.*\((INVALID_PRODUCER_EPOCH|PRODUCER_FENCED)\)\n/);
    expect(await beck.lines('t')).toEqual(['before', 'after']);
  });

  it('and goes on commits, when nobody has aborted it', async ({ beck }) => {
    await beck.create('t');
    const producer = await openOne(beck, 2);
    producer.kill('SIGSTOP');
    expect(await beck.lines('t')).toEqual([]);
    expect(await listed(beck)).toMatchObject([{ state: 'Ongoing' }]);
    producer.kill('SIGCONT');
    producer.end('more\n');
    expect(await producer.ended).toMatchObject({ code: 0, stdout: 'open 1\nopen 2\nmore\n' });
    expect(await beck.lines('t')).toEqual(['open 1', 'open 2', 'more']);
  });
});

describe.runIf(unix).concurrent('what stands around a producer', () => {
  it('a stdin that is closed is no input, and no transaction', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.shell('beck produce t --txn <&-')).toMatchObject({ code: 0, stderr: '' });
    expect([await beck.lines('t'), beck.watch().end('t')]).toEqual([[], 0]);
  });

  it('a reader of its echo that leaves costs nothing: all is written', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    writeFileSync(join(beck.folder, 'input'), numbered(LINES, LINE));
    const { stdout, code } = await beck.shell('beck produce t input --txn -o "%v\\n" | head -1');
    expect([stdout, code]).toEqual([`${LINE}1\n`, 0]);
    expect(await beck.lines('t')).toHaveLength(LINES);
  });

  it('prints nothing before the commit, and then everything in the order of the input', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    const producer = await openOne(beck, LINES);
    expect(producer.stdout).toBe('');
    producer.end();
    expect((await producer.ended).stdout === numbered(LINES, 'open ')).toBe(true);
  });

  it('a file that cannot be read to its end is not written at all', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'good'), 'one\n');
    const { code, stderr } = await beck.shell('beck produce t good /proc/self/mem --txn');
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^failed; nothing was written\ncannot read \/proc/)]);
    expect(await beck.lines('t')).toEqual([]);
  });

  it('many at once over the same partitions: each is there as a whole and in its order, but the refused one', async ({
    beck,
  }) => {
    await beck.create('t', '-p', '4');
    const input = (name: string) => Array.from({ length: 2000 }, (_, i) => `${i % 97}\t${name} ${i}\n`).join('');
    const runs = [...'abcdef'].map((name) =>
      beck.run(['produce', 't', '-K', '\\t', '--txn'], {
        stdin: name === 'c' ? `${input(name)}no key\n` : input(name),
      }),
    );
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 1, 0, 0, 0]);
    const values = await beck.lines('t', '-o', '%k\\t%v\\n');
    for (const name of 'abdef') {
      const own = values.filter((line) => line.includes(`\t${name} `));
      const ofKey = (key: number) => own.filter((line) => line.startsWith(`${key}\t`));
      expect(own).toHaveLength(2000);
      expect(ofKey(7)).toEqual(Array.from({ length: 21 }, (_, i) => `7\t${name} ${7 + 97 * i}`));
    }
    expect(values).toHaveLength(5 * 2000);
  });
});

describe.skipIf(noTerminal !== undefined)(`on a terminal (${noTerminal ?? 'script'})`, () => {
  it('who types is told what ends it, and what was written', async ({ beck }) => {
    await beck.create('t');
    const terminal = new Terminal(beck, 'beck produce t --txn');
    await terminal.shows('each line you type is a record for t; Ctrl-D commits them all, Ctrl-C none\n');
    terminal.type('one\rtwo\r\x04');
    expect(await terminal.ended()).toMatchObject({
      code: 0,
      shown: expect.stringMatching(/2 records to t \(6 B\) in \d+(\.\d)? m?s, in one transaction\n$/),
    });
    expect(await beck.lines('t')).toEqual(['one', 'two']);
  });

  it('a follower is told who holds records back', async ({ beck }) => {
    await beck.create('t');
    const producer = await openOne(beck);
    const [open] = await listed(beck);
    const terminal = new Terminal(beck, 'beck consume t -f');
    await terminal.shows(/3 offsets of t 0 are held back by beck-\d+-\w+ \(process \d+, open for \d+(\.\d)? s\)\n/);
    await terminal.shows(`\`beck txn describe ${open?.transaction}\` says how to end it`);
    producer.end();
    await terminal.shows('open 3\n');
    terminal.type('\x03');
    expect((await terminal.ended()).code).toBe(130);
  });
});
