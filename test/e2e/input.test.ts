/** Bytes are bytes on their way in: ends of lines, ends of inputs, sizes, and what is no line at all. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe.concurrent('lines', () => {
  const CASES: readonly (readonly [what: string, input: string, values: readonly string[]])[] = [
    ['the last without a newline', 'a\nb', ['a', 'b']],
    ['an empty one is an empty value', 'a\n\nb\n', ['a', '', 'b']],
    ['a lone newline is one empty value', '\n', ['']],
    ['spaces and tabs stay', ' a \t\n', [' a \t']],
    ['a NUL is a byte like others', 'a\0b\n', ['a\0b']],
    ['a byte order mark stays', '\ufeffa\n', ['\ufeffa']],
    ['text of the world', 'grün 水 🙂\n', ['grün 水 🙂']],
    ['a carriage return inside stays', 'a\rb\n', ['a\rb']],
  ];

  it.for(CASES)('%s', async ([, input, values], { beck }) => {
    await beck.create('t');
    const { stderr } = await beck.produce('t', input);
    expect(stderr).toBe('');
    expect((await beck.records('t')).map(({ value }) => value)).toEqual(values);
  });

  it('that end in CR LF keep the CR, and a warning says so', async ({ beck }) => {
    await beck.create('t');
    const { stderr } = await beck.produce('t', 'a\r\nb\r\n');
    expect((await beck.records('t')).map(({ value }) => value)).toEqual(['a\r', 'b\r']);
    expect(stderr).toMatch(/carriage return.*--crlf/);
  });

  it('of which only some end in CR LF are warned of by nobody', async ({ beck }) => {
    await beck.create('t');
    const { stderr } = await beck.produce('t', 'a\r\nb\n');
    expect([stderr, (await beck.records('t')).map(({ value }) => value)]).toEqual(['', ['a\r', 'b']]);
  });

  it('lose one CR before each newline with --crlf, and nothing else', async ({ beck }) => {
    await beck.create('t');
    const { stderr } = await beck.produce('t', 'a\r\nb\nc\r\r\nd\r', '--crlf');
    expect(stderr).toBe('');
    expect((await beck.records('t')).map(({ value }) => value)).toEqual(['a', 'b', 'c\r', 'd\r']);
  });
});

describe.concurrent('no input', () => {
  it.for(['beck produce t </dev/null', 'beck produce t <&-', 'true | beck produce t', 'beck produce t empty'])(
    '%s stores nothing, exit 0',
    async (line, { beck, skip }) => {
      skip(!unix, 'a shell of Unix is wanted');
      await beck.create('t');
      writeFileSync(join(beck.folder, 'empty'), '');
      expect(await beck.shell(line)).toMatchObject({ code: 0, stdout: '', stderr: '' });
      expect(await beck.lines('t')).toEqual([]);
    },
  );

  it('is waited for by nobody but produce', async ({ beck }) => {
    await beck.create('t');
    for (const args of [
      ['consume', 't'],
      ['topic', 'list'],
      ['status'],
      ['topic', 'describe', 't'],
      ['topic', 'create', 'u'],
      ['topic', 'delete', 'u', '--yes'],
    ]) {
      const live = beck.spawn(args, { stdin: 'pipe' });
      expect((await live.ended).code, args.join(' ')).toBe(0);
    }
  });

  it('is waited for by no produce that was given files', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'a'), 'a\n');
    const live = beck.spawn(['produce', 't', 'a'], { stdin: 'pipe' });
    expect((await live.ended).code).toBe(0);
    expect(await beck.lines('t')).toEqual(['a']);
  });

  it.for([{ given: [] }, { given: ['-k', 'k'] }])(
    'stays unread when the topic is missing ($given)',
    async ({ given }, { beck }) => {
      await beck.create('t');
      const { code, stdout, stderr } = await beck.run(['produce', ...given], { stdin: 't\n' });
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('TOPIC is missing')]);
      expect(await beck.lines('t')).toEqual([]);
    },
  );

  it.for([
    ['topic', 'create'],
    ['topic', 'describe'],
    ['topic', 'delete', '--yes'],
    ['topic', 'alter', '-p', '2'],
    ['topic', 'trim', '--before', 'end', '--yes'],
    ['consume'],
  ])('never becomes an argument of %s', async (args, { beck }) => {
    await beck.create('t');
    const { code, stdout, stderr } = await beck.run(args, { stdin: 't\n' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('TOPIC is missing');
    expect(await beck.lines('t')).toEqual([]);
  });

  it('for a topic that is not there stays unread, and the topic is not made', async ({ beck }) => {
    await beck.create('orders');
    const { code, stderr } = await beck.run(['produce', 'ordres'], { stdin: 'x\n' });
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/there is no topic 'ordres' \(UNKNOWN_TOPIC_OR_PARTITION\)\n.*orders/),
    ]);
    expect((await beck.run(['consume', 'ordres'])).code).toBe(3);
  });
});

describe.concurrent('sizes', () => {
  const LIMIT = 1000;

  /** The largest value that a batch of one record without a key takes, found by asking. */
  async function largest(beck: Beck): Promise<number> {
    for (let size = LIMIT - 60; size > 0; size--) {
      if ((await beck.run(['produce', 'probe'], { stdin: 'x'.repeat(size) })).code === 0) return size;
    }
    throw new Error('nothing is small enough');
  }

  it('up to max.message.bytes are taken, one byte more is refused by its line, neighbours stay', async ({ beck }) => {
    await beck.create('probe', '-c', `max.message.bytes=${LIMIT}`);
    await beck.create('t', '-c', `max.message.bytes=${LIMIT}`);
    const size = await largest(beck);
    expect(size).toBeGreaterThan(LIMIT - 80);
    const input = ['before', 'x'.repeat(size), 'y'.repeat(size + 1), 'after', 'z'.repeat(5 * LIMIT), 'last'].join('\n');
    const { code, stderr, stdout } = await beck.run(['produce', 't'], { stdin: input });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^line 3: [\d ]+ bytes, over t's max\.message\.bytes of 1 000 \(MESSAGE_TOO_LARGE\)$/m);
    expect(stderr).toMatch(/^line 5: .*\(MESSAGE_TOO_LARGE\)$/m);
    expect(stderr).toMatch(/^4 other (lines|records) were written$/m);
    expect((await beck.lines('t')).map((line) => line.length)).toEqual([6, size, 5, 4]);
  });

  it('of almost 1 MiB are taken by default, as Kafka takes them, and 2 MiB are not', async ({ beck }) => {
    await beck.create('t');
    const { code, stderr } = await beck.run(['produce', 't'], {
      stdin: `a\n${'m'.repeat(1_048_400)}\n${'n'.repeat(2 << 20)}\nb\n`,
    });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^line 3: 2 097 \d\d\d bytes, over t's max\.message\.bytes of 1 048 588 \(MESSAGE_TOO_LARGE\)$/m,
      ),
    ]);
    expect((await beck.lines('t')).map((line) => line.length)).toEqual([1, 1_048_400, 1]);
  });

  it('of --whole are held to the same limit', async ({ beck }) => {
    await beck.create('t', '-c', `max.message.bytes=${LIMIT}`);
    expect((await beck.run(['produce', 't', '--whole'], { stdin: 'x'.repeat(LIMIT + 1) })).code).toBe(1);
    expect(await beck.lines('t')).toEqual([]);
  });

  it('of an endless line do not fill the memory', { timeout: 60_000 }, async ({ beck, skip }) => {
    skip(!unix, 'a shell of Unix is wanted');
    await beck.create('t');
    const { code, stderr } = await beck.shell(
      "(head -c 300000000 /dev/zero; printf '\\nafter\\n') | NODE_OPTIONS=--max-old-space-size=64 beck produce t",
    );
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^line 1: .*MESSAGE_TOO_LARGE/)]);
    expect(await beck.lines('t')).toEqual(['after']);
  });
});

describe.concurrent('all 256 bytes', () => {
  const ways: readonly (readonly string[])[] = [['--whole'], ['-D', '<end>'], ['-i', '%v{base64}\n']];

  it.for(ways)('come in by %s and go out as they were', async (flags, { beck }) => {
    await beck.create('t');
    const input = {
      '--whole': ALL_BYTES,
      '-D': Buffer.concat([ALL_BYTES, Buffer.from('<end>')]),
      '-i': Buffer.from(`${ALL_BYTES.toString('base64')}\n`),
    }[flags[0] as '-i'];
    await beck.produce('t', input, ...flags);
    const { bytes } = await beck.ok(['consume', 't', '-D', '']);
    expect(bytes.equals(ALL_BYTES)).toBe(true);
    expect((await beck.records('t'))[0]?.value).toEqual({ base64: ALL_BYTES.toString('base64') });
    expect((await beck.ok(['consume', 't', '-o', '%v{hex}'])).stdout).toBe(ALL_BYTES.toString('hex'));
  });
});

describe.concurrent('files', () => {
  it('many are read in their order, - is stdin, and a line never lies in two', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'a'), 'a1\na2');
    writeFileSync(join(beck.folder, 'b'), 'b1\n');
    await beck.produce('t', 's1\ns2', 'a', '-', 'b');
    expect(await beck.lines('t')).toEqual(['a1', 'a2', 's1', 's2', 'b1']);
  });

  it('each is one record with --whole', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'a'), 'a1\na2\n');
    writeFileSync(join(beck.folder, 'b'), '');
    await beck.ok(['produce', 't', 'a', 'b', '--whole', '-k', 'doc']);
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      ['doc', 'a1\na2\n'],
      ['doc', ''],
    ]);
  });

  it('of which one is missing are refused before anything is stored', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'a'), 'a\n');
    const { code, stderr } = await beck.run(['produce', 't', 'a', 'nope']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('cannot read nope')]);
    expect(await beck.lines('t')).toEqual([]);
  });

  it('may be named pipes', async ({ beck, skip }) => {
    skip(!unix, 'a shell of Unix is wanted');
    await beck.create('t');
    await beck.shell("mkfifo pipe; printf 'one\\ntwo' >pipe & beck produce t pipe");
    expect(await beck.lines('t')).toEqual(['one', 'two']);
  });

  it('that are folders are refused', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.run(['produce', 't', '.'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('directory'),
    });
  });

  it('large ones are whole and in order, more than can be on its way to the writing thread', async ({ beck }) => {
    await beck.create('t');
    const input = numbered(
      160_000,
      'a line that makes the whole input sixteen megabytes in all, and that is not short: ',
    );
    expect(input.length).toBeGreaterThan(14e6);
    writeFileSync(join(beck.folder, 'big'), input);
    await beck.ok(['produce', 't', 'big']);
    expect((await beck.ok(['consume', 't'])).stdout === input).toBe(true);
  });

  it('--skip counts lines over all of them, and goes on exactly there', async ({ beck }) => {
    await beck.create('t');
    writeFileSync(join(beck.folder, 'a'), 'a1\na2\n');
    writeFileSync(join(beck.folder, 'b'), 'b1\nb2\n');
    await beck.ok(['produce', 't', 'a', 'b', '--skip', '3']);
    expect(await beck.lines('t')).toEqual(['b2']);
  });
});
