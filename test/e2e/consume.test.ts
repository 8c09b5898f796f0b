/** Reading that ends: where it begins, where it stops, in which order, in which words. */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered } from '../support/e2e.ts';

const range = (from: number, until: number): string[] =>
  Array.from({ length: until - from }, (_, i) => `line ${from + i + 1}`);

describe.concurrent('the end', () => {
  it('is where it was at the start, though a producer never stops', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o\\n'], { stdin: 'pipe' });
    let stop = false;
    const feeding = (async () => {
      for (let i = 0; !stop; i++) {
        producer.write(`${i}\n`);
        if (i % 100 === 0) await new Promise(setImmediate);
      }
    })();
    await producer.prints(1000);
    for (let round = 0; round < 3; round++) {
      const lines = await beck.lines('t');
      expect(lines.length).toBeGreaterThanOrEqual(1000);
      expect(lines.every((line, i) => line === String(i))).toBe(true);
    }
    stop = true;
    await feeding;
    producer.end();
    expect((await producer.ended).code).toBe(0);
  });

  it('comes with partitions of which some are empty', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    await beck.produce('t', 'a\n', '-p', '0');
    await beck.produce('t', 'c\n', '-p', '2');
    expect(await beck.lines('t')).toEqual(['a', 'c']);
  });

  it('comes at once for an empty topic', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.run(['consume', 't'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.for([
    ['value', ''],
    ['jsonl', ''],
    ['json', '[]\n'],
    ['table', ''],
  ])('of an empty topic in -o %s', async ([format, expected], { beck }) => {
    await beck.create('t');
    expect(await beck.ok(['consume', 't', '-o', format as string])).toMatchObject({ stdout: expected });
  });
});

describe.concurrent('how many', () => {
  it('-n stops after exactly so many, over all partitions', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    await beck.produce('t', numbered(5000));
    for (const n of [0, 1, 2, 4999, 5000, 5001])
      expect(await beck.lines('t', '-n', String(n))).toHaveLength(Math.min(n, 5000));
  });

  it('-n 0 prints nothing even of a topic that never ends', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.run(['consume', 't', '-f', '-n', '0'])).toMatchObject({ code: 0, stdout: '' });
  });

  it('--tail takes the last, in order, over all partitions', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    for (let i = 0; i < 6; i++) await beck.produce('t', `line ${2 * i + 1}\nline ${2 * i + 2}\n`);
    const all = await beck.lines('t');
    for (const n of [0, 1, 5, 12, 99])
      expect(await beck.lines('t', '--tail', String(n))).toEqual(n === 0 ? [] : all.slice(-n));
    expect(await beck.lines('t', '--tail', '5', '-n', '2')).toEqual(all.slice(-5, -3));
  });

  it('filters come before the counting', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(100));
    expect(await beck.lines('t', '--grep', '0$', '-n', '2')).toEqual(['line 10', 'line 20']);
    expect(await beck.lines('t', '--grep', '0$', '--tail', '2')).toEqual(['line 90', 'line 100']);
  });

  it('--key and --header choose', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    await beck.produce('t', 'a\t1\nb\t2\na\t3\n', '-K', '\\t');
    await beck.produce('t', '4\n', '-k', 'a', '-H', 'h=x');
    await beck.produce('t', '5\n', '-H', 'h');
    expect(await beck.lines('t', '--key', 'a')).toEqual(['1', '3', '4']);
    expect(await beck.lines('t', '--header', 'h')).toEqual(['4', '5']);
    expect(await beck.lines('t', '--header', 'h=x')).toEqual(['4']);
    expect(await beck.lines('t', '--header', 'h=x', '--key', 'b')).toEqual([]);
  });
});

describe.concurrent('positions', () => {
  const POSITIONS: readonly (readonly [from: string, first: number])[] = [
    ['start', 2],
    ['end', 10],
    ['5', 5],
    ['2', 2],
    ['-1', 9],
    ['-3', 7],
    ['-99', 2],
    ['+0', 2],
    ['+3', 5],
    ['+99', 10],
    ['10', 10],
    ['99', 10],
    ['@1000', 2],
    ['@1005', 5],
    ['@1970-01-01T00:00:01.007Z', 7],
    ['@1970-01-01T01:00:01.007+01:00', 7],
    ['@1970-01-01T00:00:01.007', 7],
    ['@1970-01-02', 10],
    ['@-1h', 10],
  ];

  async function tenLines(beck: Beck): Promise<void> {
    await beck.create('t', '-c', 'retention.ms=-1');
    const lines = range(0, 10).map((value, i) => JSON.stringify({ value, timestamp: 1000 + i }));
    await beck.produce('t', `${lines.join('\n')}\n`, '-i', 'jsonl');
    await beck.ok(['topic', 'trim', 't', '--before', '2', '--yes']);
  }

  it('of every kind say where reading begins, and where it stops', async ({ beck }) => {
    await tenLines(beck);
    for (const [position, first] of POSITIONS) {
      expect([position, await beck.lines('t', '--from', position)]).toEqual([position, range(first, 10)]);
      expect([position, await beck.lines('t', `--from=${position}`)]).toEqual([position, range(first, 10)]);
      expect([position, await beck.lines('t', '--until', position)]).toEqual([position, range(2, first)]);
    }
  });

  it('part a topic into neighbours that never overlap', async ({ beck }) => {
    await tenLines(beck);
    for (const cut of ['3', '-4', '+5', '@1006']) {
      expect([cut, ...(await beck.lines('t', '--until', cut)), ...(await beck.lines('t', '--from', cut))]).toEqual([
        cut,
        ...range(2, 10),
      ]);
    }
  });

  it('below the log start are warned of', async ({ beck }) => {
    await tenLines(beck);
    const { stdout, stderr, code } = await beck.run(['consume', 't', '--from', '0', '-n', '1']);
    expect([code, stdout, stderr]).toEqual([0, 'line 3\n', expect.stringMatching(/t 0: 2 offsets before 2 are gone/)]);
    expect((await beck.ok(['consume', 't', '--from', 'start'])).stderr).toBe('');
  });

  it.for(['latest', 'x', '1.5', '--', '@yesterday', '@1700000000', '2026-01-01', '', '+', '-'])(
    '%j is refused',
    async (position, { beck }) => {
      await beck.create('t');
      const { code, stdout, stderr } = await beck.run(['consume', 't', `--from=${position}`]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('(USAGE)');
    },
  );

  it('that leave nothing between them are no failure', async ({ beck }) => {
    await tenLines(beck);
    expect(await beck.lines('t', '--from', '7', '--until', '4')).toEqual([]);
    expect(await beck.lines('t', '--from', '7', '--until', '7')).toEqual([]);
  });

  it('-p reads only these', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    for (const partition of ['0', '1', '2']) await beck.produce('t', `${partition}\n`, '-p', partition);
    expect(await beck.lines('t', '-p', '1')).toEqual(['1']);
    expect(await beck.lines('t', '-p', '2', '-p', '0', '-p', '2')).toEqual(['0', '2']);
    expect(await beck.run(['consume', 't', '-p', '3'])).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/t has no partition 3; it has 3/),
    });
  });
});

describe.concurrent('order', () => {
  it('is that of the commits over partitions and topics, the same every time', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'a', 'b', '-p', '4']);
    const written: string[] = [];
    for (let i = 0; i < 12; i++) {
      const topic = i % 3 === 0 ? 'b' : 'a';
      written.push(`line ${i}`);
      await beck.produce(topic, `line ${i}\n`);
    }
    const once = await beck.ok(['consume', 'a', 'b', '-o', 'jsonl']);
    expect(
      once.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).value),
    ).toEqual(written);
    const topicsNamedTheOtherWay = await beck.ok(['consume', 'b', 'a', '-o', 'jsonl']);
    expect(topicsNamedTheOtherWay.stdout).toBe(once.stdout);
    expect((await beck.ok(['consume', '-r', '[ab]', '-o', 'jsonl'])).stdout).toBe(once.stdout);
  });

  it('is the same twice for many keyed records in many batches', async ({ beck }) => {
    await beck.create('t', '-p', '5');
    const input = Array.from({ length: 30_000 }, (_, i) => `k${i % 97}\t${i}\n`).join('');
    await beck.produce('t', input, '-K', '\\t');
    const once = (await beck.ok(['consume', 't', '-o', '%p:%o:%k:%v\\n'])).stdout;
    expect((await beck.ok(['consume', 't', '-o', '%p:%o:%k:%v\\n'])).stdout === once).toBe(true);
    const next = new Map<string, number>();
    for (const line of once.split('\n').slice(0, -1)) {
      const [partition = '', offset] = line.split(':');
      expect(Number(offset)).toBe(next.get(partition) ?? 0);
      next.set(partition, Number(offset) + 1);
    }
    expect([...next.values()].reduce((a, b) => a + b)).toBe(30_000);
  });

  it('of a loop of single keyless records spreads over the partitions', async ({ beck }) => {
    await beck.create('t', '-p', '3');
    for (let i = 0; i < 6; i++) await beck.produce('t', `${i}\n`);
    expect((await beck.records('t')).map(({ partition }) => partition)).toEqual([0, 1, 2, 0, 1, 2]);
  });
});

describe.concurrent('a topic', () => {
  it('that is named twice is read once', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    expect((await beck.ok(['consume', 't', 't'])).stdout).toBe('a\n');
    expect((await beck.ok(['consume', '-r', 't', '.*'])).stdout).toBe('a\n');
  });

  it('whose name looks like a flag is read after --', async ({ beck }) => {
    await beck.ok(['topic', 'create', '--', '-x']);
    await beck.ok(['produce', '-k', 'k', '--', '-x'], { stdin: '-v\n' });
    expect((await beck.ok(['consume', '--', '-x'])).stdout).toBe('-v\n');
  });

  it('and a value that begin with a dash are taken as they are', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'v\n', '-k', '-1', '-H', '-h=-v');
    expect(await beck.records('t', '--key', '-1')).toMatchObject([{ key: '-1', headers: [['-h', '-v']] }]);
    for (const flags of [['-n', '1', '--from', '-1'], ['--from=-1'], ['--until=-0'], ['--until', '-0']])
      expect(await beck.lines('t', ...flags)).toEqual(['v']);
    for (const flags of [['--from=-0'], ['--from', '-0']]) expect(await beck.lines('t', ...flags)).toEqual([]);
    expect((await beck.ok(['consume', 't', '-f', '-n', '1', '-0', '--from', 'start'])).stdout).toBe('v\0');
  });
});

describe.concurrent('output', () => {
  it('-o json is one array of the records that jsonl prints', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(3), '-k', 'k');
    const array = JSON.parse((await beck.ok(['consume', 't', '-o', 'json'])).stdout);
    expect(array).toEqual(await beck.records('t'));
    expect((await beck.run(['consume', 't', '-f', '-o', 'json'])).code).toBe(2);
  });

  it('--json is -o jsonl, for consume and for produce', async ({ beck }) => {
    await beck.create('t');
    const { stdout } = await beck.produce('t', 'a\n', '--json');
    expect(stdout).toBe((await beck.ok(['consume', 't', '--json'])).stdout);
    expect((await beck.ok(['consume', 't', '-o', 'jsonl'])).stdout).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject({
      topic: 't',
      partition: 0,
      offset: 0,
      timestampType: 'CreateTime',
      key: null,
      value: 'a',
      headers: [],
    });
  });

  it('-o table in a pipe is parted by tabs and never cut', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', `${'x'.repeat(300)}\n`, '-k', 'k');
    const [head, row] = await beck.lines('t', '-o', 'table');
    expect(head).toBe('P\tOFFSET\tTIME\tKEY\tVALUE');
    expect(row?.split('\t').at(-1)).toBe('x'.repeat(300));
  });

  it('-D, -0 and --null-value say what stands between and for nothing', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\nNULL\n\n', '--null-value', 'NULL');
    expect((await beck.ok(['consume', 't', '-D', '--\\n'])).stdout).toBe('a--\n--\n--\n');
    expect((await beck.ok(['consume', 't', '-0', '--null-value', '∅'])).stdout).toBe('a\0∅\0\0');
    expect((await beck.run(['consume', 't', '-0', '-D', 'x'])).code).toBe(2);
  });

  it('of a regex that matches nothing is exit 3', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.run(['consume', '-r', 'u.*'])).toMatchObject({ code: 3, stdout: '' });
    expect((await beck.run(['consume', '-r', '('])).code).toBe(2);
    expect(await beck.lines('.', '-r')).toEqual([]);
  });
});
