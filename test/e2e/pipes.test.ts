/** What a pipe does to others, it must not do to us: readers that leave, that sleep, that were never there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it, numbered, unix } from '../support/e2e.ts';
import { noTerminal, Terminal, withoutColour } from '../support/pty.ts';

/** The exit code of each part of the last pipeline, on stderr. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
const CODES = 'echo "codes: ${PIPESTATUS[*]}" >&2';

describe.runIf(unix).concurrent('a reader that leaves', () => {
  it('after one line of 200 000 ends consume quietly with 0', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(200_000));
    const { stdout, stderr } = await beck.shell(`beck consume t | head -1; ${CODES}`);
    expect([stdout, stderr]).toEqual(['line 1\n', 'codes: 0 0\n']);
  });

  it.for(['value', 'jsonl', 'json', 'table', '%o %v\n'])(
    'ends consume -o %j quietly with 0',
    async (format, { beck }) => {
      await beck.create('t');
      await beck.produce('t', numbered(20_000));
      const { stderr } = await beck.shell(`beck consume t -o "$FORMAT" | head -c 5 >/dev/null; ${CODES}`, {
        env: { FORMAT: format },
      });
      expect(stderr).toBe('codes: 0 0\n');
    },
  );

  it('before anything was written ends consume quietly with 0', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(200_000));
    const { stderr } = await beck.shell(`beck consume t | true; ${CODES}`);
    expect(stderr).toBe('codes: 0 0\n');
  });

  it.runIf(process.platform === 'linux')('ends consume -f of an idle topic with 0', async ({ beck }) => {
    await beck.create('idle');
    const { stderr } = await beck.shell(`beck consume idle -f | true; ${CODES}`);
    expect(stderr).toBe('codes: 0 0\n');
  });

  it.runIf(process.platform === 'linux')(
    'ends consume -f that has already printed, though nothing more comes',
    async ({ beck }) => {
      await beck.create('idle');
      await beck.produce('idle', 'one\ntwo\n');
      const { stdout, stderr } = await beck.shell(`beck consume idle -f | head -2; ${CODES}`);
      expect([stdout, stderr]).toEqual(['one\ntwo\n', 'codes: 0 0\n']);
    },
  );

  it('is of no concern to produce -o: storing goes on', async ({ beck }) => {
    await beck.create('t');
    const { stderr } = await beck.shell(`seq 1 50000 | beck produce t -o '%o\\n' | head -1 >/dev/null; ${CODES}`);
    expect(stderr).toBe('codes: 0 0 0\n');
    const lines = await beck.lines('t');
    expect([lines.length, lines.at(-1)]).toEqual([50_000, '50000']);
  });

  it.for([
    'topic list',
    'topic list --json',
    'check',
    'log dump t',
    'retention run --dry-run',
    'status',
    'topic describe t',
    '--help',
    'consume --help',
    '--version',
  ])('ends %s quietly with 0', async (words, { beck }) => {
    await beck.create('t');
    const { stderr } = await beck.shell(`beck ${words} | true; ${CODES}`);
    expect(stderr).toBe('codes: 0 0\n');
  });
});

describe.runIf(unix).concurrent('a reader that sleeps', () => {
  it('for 15 s gets every byte of more than 2 MB', { timeout: 90_000 }, async ({ beck }) => {
    const input = numbered(60_000, 'a line that is long enough to make some bytes, number ');
    expect(input.length).toBeGreaterThan(3_000_000);
    await beck.create('t');
    await beck.produce('t', input);
    const { bytes, stderr, code } = await beck.shell('beck consume t | (sleep 15; cat)');
    expect([code, stderr, bytes.length]).toEqual([0, '', input.length]);
    expect(bytes.equals(Buffer.from(input))).toBe(true);
  });

  it('gets every byte of a failing produce too, and the exit code', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(20_000));
    const { stdout, stderr } = await beck.shell(
      `beck consume t -o jsonl | sed '$s/.*/{}/' | beck produce t -i jsonl -o '%o\\n' | (sleep 2; tail -1); ${CODES}`,
    );
    expect(stdout).toBe('39998\n');
    expect(stderr).toContain('line 20000: ');
    expect(stderr).toContain('codes: 0 0 1 0\n');
  });
});

describe.runIf(unix).concurrent('a reader that sleeps and never reads', () => {
  it.for(['-f --timeout 100ms', '--timeout 100ms', '-n 290000 --timeout 100ms', '-o json --timeout 100ms'])(
    'does not hold back consume %s',
    async (flags, { beck }) => {
      await beck.create('t');
      await beck.produce('t', numbered(300_000, 'a record of some length, number '));
      const consumer = beck.spawn(['consume', 't', ...flags.split(' ')]);
      consumer.child.stdout?.pause();
      expect(await new Promise((resolve) => consumer.child.once('exit', resolve))).toBe(124);
    },
  );

  it.runIf(noTerminal === undefined)('is told of no record that it did not get whole', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(300_000, 'a record of some length, number '));
    const line = 'mkfifo wake; (beck consume t -f --timeout 100ms; : >wake) | (read _ <wake; cat >out)';
    const { shown } = await new Terminal(beck, line).ended();
    const said = /([\d ]+) records; the --timeout is over/.exec(withoutColour(shown))?.[1]?.replaceAll(' ', '');
    const whole = readFileSync(join(beck.folder, 'out'), 'utf8').split('\n').length - 1;
    expect(whole).toBeGreaterThan(0);
    expect(Number(said)).toBe(whole);
  });
});

describe.runIf(unix).concurrent('an output that is not there', () => {
  it.runIf(existsSync('/dev/full'))('because the disk is full is an error, not a success', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', numbered(3));
    for (const line of [
      'beck consume t',
      'beck consume t -o jsonl',
      'beck topic list',
      'beck check',
      'beck log dump t',
      'beck status',
      'beck --help',
      'beck --version',
    ]) {
      const { code, stderr } = await beck.shell(`${line} >/dev/full`);
      expect([line, code, stderr.split('\n')[0]]).toEqual([
        line,
        5,
        expect.stringContaining('cannot write the output'),
      ]);
    }
  });

  it.runIf(existsSync('/dev/full'))('cannot take a JSON error either, but the exit code tells', async ({ beck }) => {
    expect((await beck.shell('beck topic list --json >/dev/full')).code).toBe(5);
    expect((await beck.shell('beck topic describe nope --json >/dev/full')).code).toBe(3);
  });

  it.runIf(existsSync('/dev/full'))(
    'because the disk is full keeps what produce stored, and says that the echo is lost',
    async ({ beck }) => {
      await beck.create('t');
      const { code, stderr } = await beck.shell(`printf 'a\\nb\\n' | beck produce t -o '%o\\n' >/dev/full`);
      expect([code, stderr]).toEqual([5, expect.stringContaining('cannot write the output')]);
      expect(await beck.lines('t')).toEqual(['a', 'b']);
    },
  );

  it('because stdout is closed does not break produce', async ({ beck }) => {
    await beck.create('t');
    expect(await beck.shell("printf 'a\\nb\\n' | beck produce t >&-")).toMatchObject({ code: 0, stderr: '' });
    expect(await beck.lines('t')).toEqual(['a', 'b']);
  });

  it('because stdout is closed ends consume, without writing into a file that happens to be opened next', async ({
    beck,
  }) => {
    await beck.create('t');
    await beck.produce('t', 'a\n');
    const { code, stderr } = await beck.shell('beck consume t >&-');
    expect([[0, 5].includes(code ?? -1), stderr.includes('BUG')]).toEqual([true, false]);
  });

  it('because stderr is closed changes no exit code', async ({ beck }) => {
    await beck.create('t');
    expect((await beck.shell('beck consume nope 2>&-')).code).toBe(3);
    expect((await beck.shell("printf 'a\\n' | beck produce t 2>&-")).code).toBe(0);
    expect(await beck.lines('t')).toEqual(['a']);
  });

  it('because stderr is full changes no exit code', async ({ beck }) => {
    await beck.create('t');
    expect((await beck.shell('beck consume nope 2>/dev/full')).code).toBe(3);
  });
});

describe.runIf(unix).concurrent('output in a pipe', () => {
  it('of a follower comes as it is committed, not when a buffer is full', async ({ beck }) => {
    await beck.create('t');
    const follower = beck.spawnShell('beck consume t -f | grep --line-buffered .');
    for (const line of ['one', 'two', 'three']) {
      await beck.produce('t', `${line}\n`);
      await follower.prints(`${line}\n`);
    }
    expect(follower.stdout).toBe('one\ntwo\nthree\n');
  });

  it('of an echo comes after each pause of the input', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', '%o %v\n'], { stdin: 'pipe' });
    for (const [i, line] of ['one', 'two', 'three'].entries()) {
      producer.write(`${line}\n`);
      await producer.prints(`${i} ${line}\n`);
      expect(await beck.lines('t')).toHaveLength(i + 1);
    }
    producer.end();
    expect(await producer.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('to a file is whole', async ({ beck }) => {
    await beck.create('t');
    const input = numbered(100_000);
    await beck.produce('t', input);
    const { stdout, code } = await beck.shell('beck consume t > out; cmp out - && wc -l < out', { stdin: input });
    expect([code, stdout.trim()]).toEqual([0, '100000']);
  });
});
