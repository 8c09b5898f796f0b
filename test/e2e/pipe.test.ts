/** `beck pipe` with real commands: what they read, what becomes of what they write, and how it goes on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { noTerminal, Terminal, withoutColour } from '../support/pty.ts';
import type { Ran } from '../support/run-beck.ts';

/** Runs a pipe to the ends, with the flags before the command; everything but success is the test's failure. */
function pipe(beck: Beck, topics: string, flags: readonly string[], ...command: readonly string[]): Promise<Ran> {
  const group = flags.includes('-g') ? [] : ['-g', 'g'];
  return beck.ok(['pipe', ...topics.split(' '), ...group, '--once', ...flags, '--', ...command]);
}

/** `t` with so many partitions and `out` with so many. */
async function topics(beck: Beck, partitions: number, out = 1): Promise<void> {
  await beck.create('t', '-p', `${partitions}`);
  await beck.create('out', '-p', `${out}`);
}

describe.runIf(unix).concurrent('a command between topics', () => {
  it('may change, drop, split and join lines', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', numbered(6, ''));
    const filters = [
      ['sed', 's/$/!/'],
      ['grep', '[246]'],
      ['awk', '{ print; print -$1 }'],
      ['paste', '-', '-'],
      ['cat'],
      ['true'],
      ['head', '-n', '1'],
      ['printf', 'no newline'],
    ];
    for (const [i, command] of filters.entries()) {
      await beck.create(`out${i}`);
      const { stdout, stderr } = await pipe(beck, `t out${i}`, ['-g', `g${i}`], ...command);
      expect([stdout, stderr]).toEqual(['', '']);
    }
    const written = [];
    for (const [i] of filters.entries()) written.push((await beck.lines(`out${i}`)).join(' '));
    expect(written).toEqual([
      '1! 2! 3! 4! 5! 6!',
      '2 4 6',
      '1 -1 2 -2 3 -3 4 -4 5 -5 6 -6',
      '1\t2 3\t4 5\t6',
      '1 2 3 4 5 6',
      '',
      '1',
      'no newline',
    ]);
  });

  it('goes on where it has come to, and does nothing twice', async ({ beck }) => {
    await topics(beck, 1);
    for (const [i, batch] of [numbered(3, 'a'), numbered(2, 'b'), ''].entries()) {
      if (batch !== '') await beck.produce('t', batch);
      await pipe(beck, 't out', [], 'cat');
      expect((await beck.lines('out')).length).toBe([3, 5, 5][i]);
    }
    expect(await beck.lines('out')).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  });

  it('reads one partition a run, and is told which', async ({ beck }) => {
    await topics(beck, 2);
    await beck.create('u');
    for (const p of [0, 1]) await beck.produce('t', numbered(5 + p, ''), '-p', `${p}`);
    await beck.produce('u', 'x\n');
    const facts = 'echo $BECK_TOPIC $BECK_PARTITION $BECK_OFFSET $BECK_RECORDS $(wc -l)';
    await pipe(beck, 't u out', ['--batch', '3'], 'sh', '-c', facts);
    expect((await beck.lines('out')).sort()).toEqual(['t 0 0 3 3', 't 0 3 2 2', 't 1 0 3 3', 't 1 3 3 3', 'u 0 0 1 1']);
  });

  it('keeps the order a partition has, without keys and with them', async ({ beck }) => {
    await topics(beck, 5, 3);
    await beck.create('keyed', '-p', '3');
    const lines = Array.from({ length: 5000 }, (_, i) => `k${i % 40}\t${i}\n`).join('');
    await beck.produce('t', lines, '-K', '\\t');
    await pipe(beck, 't out', ['--batch', '300', '-o', '%p %o\\n'], 'cat');
    await pipe(beck, 't keyed', ['-g', 'k', '--batch', '300', '-o', '%k\\t%o\\n', '-K', '\\t'], 'cat');
    const copies = (await beck.records('out')).map(({ partition, value }) => [
      partition,
      ...`${value}`.split(' ').map(Number),
    ]);
    for (const [to, from] of copies) expect(to).toBe((from as number) % 3);
    for (let p = 0; p < 5; p++) {
      const found = copies.filter(([, from]) => from === p).map(([, , offset]) => offset as number);
      expect(found).toEqual(found.map((_, i) => i));
    }
    const keyed = await beck.records('keyed');
    expect(keyed.length).toBe(5000);
    const seen = new Map<unknown, { partition: number; last: number }>();
    for (const { key, partition, value } of keyed) {
      const before = seen.get(key) ?? { partition, last: -1 };
      expect([partition, Number(value) > before.last]).toEqual([before.partition, true]);
      seen.set(key, { partition, last: Number(value) });
    }
  });

  it('reads and writes any format', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\t1\nb\t2\n', '-K', '\\t', '-H', 'from=here');
    const copy = ['-o', 'jsonl', '-i', 'jsonl'];
    await pipe(beck, 't out', copy, 'cat');
    const [t, out] = [await beck.records('t'), await beck.records('out')];
    expect(out).toEqual(t.map((record) => ({ ...record, topic: 'out' })));
    await pipe(beck, 't nul', ['-g', 'n', '-0', '-k', 'x', '--create'], 'sh', '-c', "tr '\\0' '\\n' | tr '\\n' '\\0'");
    expect((await beck.records('nul')).map(({ key, value }) => [key, value])).toEqual([
      ['x', '1'],
      ['x', '2'],
    ]);
    await pipe(beck, 't sums', ['-g', 's', '--whole', '--create'], 'sh', '-c', 'echo begin; cat');
    expect((await beck.records('sums')).map(({ value }) => value)).toEqual(['begin\n1\n2\n']);
    const array =
      'let s = ""; process.stdin.on("data", (c) => (s += c)).on("end", () => console.log(JSON.parse(s).length))';
    await pipe(beck, 't array', ['-g', 'a', '-o', 'json', '--create'], process.execPath, '-e', array);
    expect(await beck.lines('array')).toEqual(['2']);
  });

  it('says by a %t where each line goes', async ({ beck }) => {
    await topics(beck, 2);
    await beck.produce('t', numbered(10, ''));
    const route = '{ print ($1 % 2 ? "odd" : "even"), $1 }';
    await beck.ok(['pipe', 't', '-g', 'g', '--once', '-i', '%t %v\\n', '--create', '--', 'awk', route]);
    expect(await beck.lines('odd')).toEqual(['1', '3', '5', '7', '9']);
    expect(await beck.lines('even')).toEqual(['2', '4', '6', '8', '10']);
    const flags = ['-g', 'h', '--once', '-i', '%t %v\\n', '--on-error', 'skip', '--batch', '5'];
    const { stderr } = await beck.ok(['pipe', 't', ...flags, '--', 'awk', '{ print ($1 == 7 ? "no" : "odd"), $1 }']);
    expect(stderr).toMatch(/^t \d, offset \d: its output was refused, line 1: there is no topic 'no' .*; left out\n$/);
    expect(await beck.lines('odd')).toHaveLength(14);
  });

  it('may open its streams by their names, and says what it has to say on stderr', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\n');
    const script = 'cat /dev/stdin > /dev/stdout; echo oops > /dev/stderr';
    expect((await pipe(beck, 't out', [], 'sh', '-c', script)).stderr).toBe('oops\n');
    expect(await beck.lines('out')).toEqual(['a']);
  });

  it('takes and gives as much as there is, and waits for who is slow', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\n');
    const script =
      'const line = "x".repeat(999) + "\\n"; for (let i = 0; i < 64; i++) process.stdout.write(line.repeat(1000))';
    await pipe(beck, 't out', [], process.execPath, '-e', script);
    const { stdout } = await beck.ok(['topic', 'list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ topic: 'out', records: 64_000 }, { topic: 't' }]);
    await beck.produce('t', numbered(2000, ''));
    const slow = 'i=0; while read x; do i=$((i + 1)); [ $((i % 500)) = 0 ] && sleep 0.02; echo $x; done';
    await pipe(beck, 't slow', ['-g', 's', '--create'], 'sh', '-c', slow);
    expect((await beck.lines('slow')).length).toBe(2001);
  });

  it('reads what is committed alone, a record that has no value too', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\nb\n', '--tombstone');
    await pipe(beck, 't out', ['-o', '%k=%v\\n', '--null-value', 'nil'], 'cat');
    expect(await beck.lines('out')).toEqual(['a=nil', 'b=nil']);
    await pipe(beck, 't gone', ['-g', 'k', '-o', '%k\\n', '--tombstone', '--create'], 'cat');
    expect((await beck.records('gone')).map(({ key, value }) => [key, value])).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('answers with one document under --json', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'ok\nbad\nok\n');
    const { stdout } = await pipe(
      beck,
      't out',
      ['--json', '--on-error', 'skip'],
      'sh',
      '-c',
      '! grep bad >&2 && echo x',
    );
    expect(JSON.parse(stdout)).toEqual({
      group: 'g',
      batches: 2,
      read: 3,
      written: 2,
      size: 2,
      skipped: 1,
      deadLetters: 0,
      elapsed: expect.any(Number),
    });
  });
});

describe.runIf(unix).concurrent('a pipe that goes on', () => {
  it('pipes each record as it comes, until it is told to end', async ({ beck }) => {
    await topics(beck, 2);
    await beck.produce('t', 'before\n');
    const live = beck.spawn(['pipe', 't', 'out', '-g', 'g', '--', 'tr', 'a-z', 'A-Z']);
    const reader = beck.spawn(['consume', 'out', '-f']);
    await reader.prints('BEFORE\n');
    for (const word of ['one', 'two', 'three']) {
      await beck.produce('t', `${word}\n`);
      await reader.prints(`${word.toUpperCase()}\n`);
    }
    live.kill();
    expect(await live.ended).toMatchObject({ code: 130, stdout: '', stderr: '' });
    await beck.ok(['group', 'lag', 'g']);
  });

  it('lets records wait for others where that is wanted', async ({ beck }) => {
    await topics(beck, 1);
    const live = beck.spawn(['pipe', 't', 'out', '-g', 'g', '--linger', '1h', '--batch', '3', '--', 'wc', '-l']);
    const reader = beck.spawn(['consume', 'out', '-f']);
    for (let i = 0; i < 7; i++) await beck.produce('t', `${i}\n`);
    await reader.prints(2);
    live.kill('SIGTERM');
    await live.ended;
    expect((await beck.lines('out')).map(Number)).toEqual([3, 3]);
    await pipe(beck, 't out', [], 'wc', '-l');
    expect((await beck.lines('out')).map(Number)).toEqual([3, 3, 1]);
  });

  it('ends a command that takes long, and keeps nothing of it', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\n');
    const script = 'cat; echo begun >&2; exec sleep 600';
    const live = beck.spawn(['pipe', 't', 'out', '-g', 'g', '--', 'sh', '-c', script]);
    await live.says('begun');
    live.kill();
    expect(await live.ended).toMatchObject({ code: 130, stderr: 'begun\n' });
    expect(await beck.lines('out')).toEqual([]);
    await pipe(beck, 't out', [], 'cat');
    expect(await beck.lines('out')).toEqual(['a']);
  });

  it('is fed by another one', async ({ beck }) => {
    await topics(beck, 3);
    for (const topic of ['b', 'c']) await beck.create(topic, '-p', '3');
    const stages = [
      ['t', 'b', 's/^/b/'],
      ['b', 'c', 's/^/c/'],
    ].map(([from, to, script]) => beck.spawn(['pipe', `${from}`, `${to}`, '-g', `${to}`, '--', 'sed', `${script}`]));
    const reader = beck.spawn(['consume', 'c', '-f', '-n', '9']);
    for (let i = 0; i < 9; i++) await beck.produce('t', `${i}\n`);
    expect((await reader.ended).stdout.split('\n').sort().join(' ')).toBe(' cb0 cb1 cb2 cb3 cb4 cb5 cb6 cb7 cb8');
    for (const live of stages) live.kill();
    for (const live of stages) expect((await live.ended).code).toBe(130);
  });

  it('shares the partitions with others of its group', async ({ beck }) => {
    await topics(beck, 4, 4);
    const watch = beck.watchGroup('g');
    const script = join(beck.folder, 'name.sh');
    writeFileSync(script, 'while read x; do echo $PPID $x; done');
    const pipes = [1, 2].map(() => beck.spawn(['pipe', 't', 'out', '-g', 'g', '--', 'sh', script]));
    await watch.until(() => `${watch.shares()}` === '2,2');
    for (let p = 0; p < 4; p++) await beck.produce('t', numbered(50, `${p}.`), '-p', `${p}`);
    await beck.ok(['group', 'lag', 'g', '--wait']);
    const lines = await beck.lines('out');
    expect(lines.map((line) => line.split(' ')[1]).sort()).toEqual(
      [0, 1, 2, 3].flatMap((p) => numbered(50, `${p}.`).split('\n').slice(0, -1)).sort(),
    );
    expect(new Set(lines.map((line) => Number(line.split(' ')[0])))).toEqual(new Set(pipes.map(({ pid }) => pid)));
  });
});

describe.runIf(noTerminal === undefined).concurrent('a pipe on a terminal', () => {
  it('says what it does, and ends with its command at Ctrl-C', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\n');
    const terminal = new Terminal(beck, `beck pipe t out -g g -- sh -c 'cat; echo begun >&2; exec sleep 600'`);
    await terminal.shows('begun');
    terminal.type('\x03');
    const { code, shown } = await terminal.ended();
    expect(code).toBe(130);
    expect(withoutColour(shown)).toMatch(
      /^g: member \d+ has t 0\nbegun\n\^Cg: committed up to t 0:0; left\n0 records read, 0 records to out \(0 B\) in .*\n$/,
    );
    expect(await beck.lines('out')).toEqual([]);
  });

  it('ends when the terminal goes', async ({ beck }) => {
    await topics(beck, 1);
    await beck.produce('t', 'a\n');
    const watch = beck.watchGroup('g');
    const live = beck.start('script', ['-qec', 'beck pipe t out -g g -- sh -c "cat; exec sleep 600"', '/dev/null'], {
      stdin: 'pipe',
    });
    await watch.until(() => `${watch.shares()}` === '1');
    live.kill('SIGKILL');
    await live.ended;
    await watch.until(() => `${watch.shares()}` === '');
    expect(await beck.lines('out')).toEqual([]);
  });
});
