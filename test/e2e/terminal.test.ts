/** What a person at a terminal of 80 columns sees, and what nobody else does. */
import { describe, expect } from 'vitest';
import { it } from '../support/e2e.ts';
import { noTerminal, Terminal, withoutColour } from '../support/pty.ts';

if (noTerminal !== undefined) process.stdout.write(`tests on a terminal are left out: ${noTerminal}\n`);
const onTerminal = describe.runIf(noTerminal === undefined).concurrent;

onTerminal('a transcript', () => {
  it('of the first minute', async ({ beck }) => {
    const create = await new Terminal(beck, 'beck topic create orders -p 3 -c retention.ms=3600000').ended();
    expect([create.code, withoutColour(create.shown)]).toEqual([0, 'orders created: 3 partitions, kept for 1 h\n']);
    const produce = await new Terminal(
      beck,
      `printf 'alice\\t{"id":1}\\ncarol\\t{"id":2}\\n' | beck produce orders -K '\\t'`,
    ).ended();
    expect([produce.code, withoutColour(produce.shown)]).toEqual([
      0,
      expect.stringMatching(/^2 records to orders \(26 B\) in \d+ ms\n$/),
    ]);
    const table = await new Terminal(beck, 'beck consume orders -o table').ended();
    expect(table.code).toBe(0);
    const lines = withoutColour(table.shown).split('\n');
    expect(lines.filter((line) => / P {2}OFFSET {2}TIME/.test(line))).toHaveLength(1);
    expect(withoutColour(table.shown)).toMatch(
      /^ P {2}OFFSET {2}TIME {10}KEY {4}VALUE\n 0 {7}0 {2}\d\d:\d\d:\d\d\.\d{3} {2}alice {2}{"id":1}\n 2 {7}0 {2}\d\d:\d\d:\d\d\.\d{3} {2}carol {2}{"id":2}$/m,
    );
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('of consume: where it begins, that it ended, and that -f follows, on stderr', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nb\n');
    const { shown, code } = await new Terminal(beck, 'beck consume t 2>talk').ended();
    expect([code, shown]).toEqual([0, 'a\nb\n']);
    const both = await new Terminal(beck, 'beck consume t').ended();
    expect(withoutColour(both.shown)).toBe('t from start\na\nb\n2 records, the end; -f follows\n');
    const data = await new Terminal(beck, 'beck consume t >out; cat out').ended();
    expect(data.shown.endsWith('a\nb\n')).toBe(true);
  });

  it('of produce into many topics: how many', async ({ beck }) => {
    const line = `printf 'a 1\\nb 2\\na 3\\n' | beck produce -i '%t %v\\n' --create`;
    const { shown, code } = await new Terminal(beck, line).ended();
    expect([code, withoutColour(shown)]).toEqual([0, expect.stringMatching(/^3 records to 2 topics \(3 B\) in /)]);
  });

  it('of produce at an empty prompt: an invitation, Ctrl-D, a summary', async ({ beck }) => {
    await beck.create('t');
    const terminal = new Terminal(beck, 'beck produce t');
    await terminal.shows(/each line you type is a record for t; Ctrl-D ends/);
    terminal.type('hello\r');
    terminal.type('world\r');
    terminal.type('\x04');
    const { shown, code } = await terminal.ended();
    expect([code, withoutColour(shown)]).toEqual([0, expect.stringMatching(/2 records to t \(10 B\) in .*\n$/)]);
    expect(await beck.lines('t')).toEqual(['hello', 'world']);
  });

  it('of errors: a sentence, its code, a hint', async ({ beck }) => {
    await beck.create('orders');
    const { shown, code } = await new Terminal(beck, 'beck consume ordres').ended();
    expect([code, withoutColour(shown)]).toEqual([
      3,
      "there is no topic 'ordres' (UNKNOWN_TOPIC_OR_PARTITION)\ndid you mean 'orders'? `beck topic list` shows them all\n",
    ]);
  });

  it('of a follower that begins at the end: what comes after the line is delivered', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'before\n');
    for (let round = 0; round < 5; round++) {
      const terminal = new Terminal(beck, 'beck consume t -f --from end -n 1');
      await terminal.shows(/t from end, following; Ctrl-C ends/);
      await beck.produce('t', `round ${round}\n`);
      const { shown, code } = await terminal.ended();
      expect([code, withoutColour(shown)]).toEqual([0, expect.stringContaining(`\nround ${round}\n`)]);
      expect(shown).not.toContain('before');
    }
  });
});

onTerminal('Ctrl-C', () => {
  it('ends consume -f with 130', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    const terminal = new Terminal(beck, 'beck consume t -f');
    await terminal.shows('a\n');
    terminal.type('\x03');
    const { shown, code } = await terminal.ended();
    expect([code, withoutColour(shown)]).toEqual([130, expect.not.stringContaining('Error')]);
  });

  it('ends produce with 130 and says what is stored', async ({ beck }) => {
    await beck.create('t');
    const terminal = new Terminal(beck, "beck produce t -o 'stored %o\\n'");
    await terminal.shows('Ctrl-D ends');
    terminal.type('one\r');
    await terminal.shows('stored 0');
    terminal.type('\x03');
    const { shown, code } = await terminal.ended();
    expect([code, withoutColour(shown)]).toEqual([
      130,
      expect.stringContaining('everything up to line 1 is stored, --skip 1 goes on from there'),
    ]);
  });

  it('at a question ends with 130 and changes nothing', async ({ beck }) => {
    await beck.create('t');
    const terminal = new Terminal(beck, 'beck topic delete t');
    await terminal.shows('(y/N)');
    terminal.type('\x03');
    expect((await terminal.ended()).code).toBe(130);
    expect(await beck.lines('t')).toEqual([]);
  });
});

onTerminal('a question', () => {
  it('is asked before a topic is deleted, naming what would go; Enter is no', async ({ beck }) => {
    await beck.create('orders');
    await beck.produce('orders', 'a\nb\n');
    for (const [keys, code] of [
      ['\r', 1],
      ['n\r', 1],
      ['y\r', 0],
    ] as const) {
      const terminal = new Terminal(beck, 'beck topic delete orders');
      await terminal.shows(/orders has 2 records.*\(y\/N\)/s);
      terminal.type(keys);
      expect([keys, (await terminal.ended()).code]).toEqual([keys, code]);
    }
    expect((await beck.run(['topic', 'describe', 'orders'])).code).toBe(3);
  });

  it('which topic is asked where none was named', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'alpha', 'beta']);
    await beck.produce('beta', 'chosen\n');
    const terminal = new Terminal(beck, 'beck consume');
    await terminal.shows('Which topic?');
    await terminal.shows('beta');
    terminal.type('\x1b[B\r');
    const { shown, code } = await terminal.ended();
    expect([code, withoutColour(shown)]).toEqual([0, expect.stringContaining('chosen\n')]);
  });

  it('is never asked where one of stdin, stdout and stderr is no terminal', async ({ beck }) => {
    await beck.create('t');
    for (const redirect of ['</dev/null', '| cat', '2>talk']) {
      for (const line of ['beck topic delete t', 'beck consume', 'beck topic trim t --before end']) {
        const { shown } = await new Terminal(beck, `{ ${line}; echo "code $?" >/dev/tty; } ${redirect}`).ended();
        expect([line, redirect, withoutColour(shown)]).toEqual([line, redirect, expect.stringContaining('code 2')]);
        expect(shown).not.toMatch(/\(y\/N\)|Which topic/);
      }
    }
    expect((await beck.run(['topic', 'describe', 't'])).code).toBe(0);
  });
});

describe.concurrent('a question without a terminal', () => {
  it('is refused, with --yes as the way out', async ({ beck }) => {
    await beck.create('t');
    for (const args of [
      ['topic', 'delete', 't'],
      ['topic', 'trim', 't', '--before', 'end'],
    ]) {
      const { code, stdout, stderr } = await beck.run(args, { stdin: 'y\n' });
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('--yes')]);
    }
  });
});

onTerminal('colour', () => {
  const ESCAPE = '\x1b[';
  const CASES: readonly (readonly [env: Readonly<Record<string, string>>, coloured: boolean])[] = [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
  ];

  it.for(CASES)('of an error on a terminal with %j: %s', async ([env, coloured], { beck }) => {
    const { shown } = await new Terminal(beck, 'beck consume nope', { env }).ended();
    expect(shown.includes(ESCAPE)).toBe(coloured);
  });
});

describe.concurrent('colour in a pipe', () => {
  it.for([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, null],
  ] as const)('with %j: %s', async ([env, coloured], { beck }) => {
    await beck.create('t');
    const { stderr } = await beck.run(['consume', 'nope'], { env });
    if (coloured !== null) expect(stderr.includes('\x1b[')).toBe(coloured);
    for (const line of ['consume t -o jsonl', 'topic list --json', 'status --json']) {
      expect((await beck.ok(line.split(' '), { env })).stdout).not.toContain('\x1b[');
    }
  });
});

onTerminal('a table', () => {
  it.for([40, 80, 132])('fits %d columns: a row is a line', async (columns, { beck }) => {
    await beck.ok(['topic', 'create', 'a-topic-with-a-rather-long-name-that-needs-much-room-in-a-table', 'b']);
    await beck.produce(
      'b',
      `${'wide '.repeat(60)}\nshort\nwide 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\n`,
      '-k',
      'a key',
    );
    for (const line of [
      'beck consume b -o table',
      'beck topic list',
      'beck topic describe b',
      'beck --help',
      'beck produce --help',
      'beck topic create --help',
      'beck',
    ]) {
      const { shown } = await new Terminal(beck, line, { columns }).ended();
      const tooWide = withoutColour(shown)
        .split('\n')
        .filter((row) => row.length > columns);
      // Paths and examples are never cut or broken; they are meant to be copied.
      expect([line, tooWide.filter((row) => !/beck |^ *\/|^Data/.test(row))]).toEqual([line, []]);
    }
    const { shown } = await new Terminal(beck, 'beck consume b -o table 2>talk', { columns }).ended();
    expect(shown.trimEnd().split('\n')).toHaveLength(4);
  });
});

onTerminal('progress and comfort', () => {
  it('never reach a file or a pipe', async ({ beck }) => {
    await beck.create('t');
    const { shown } = await new Terminal(
      beck,
      "seq 1 1000 | beck produce t -o '%o\\n' >out 2>talk; wc -c <talk; wc -l <out",
    ).ended();
    expect(
      shown
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ).toEqual(['0', '1000']);
  });

  it('count what was written, grouped', async ({ beck }) => {
    await beck.create('t');
    const { shown } = await new Terminal(beck, 'seq 1 12345 | beck produce t').ended();
    expect(withoutColour(shown)).toMatch(/^12 345 records to t \([\d.]+ kB\) in \d+ (ms|s)\n$/);
  });
});
