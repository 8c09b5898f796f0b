/** What is left of a pipe's work when the command fails, when somebody is killed, and when the words make no sense. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import type { Ran } from '../support/run-beck.ts';

function run(beck: Beck, flags: readonly string[], ...command: readonly string[]): Promise<Ran> {
  return beck.run(['pipe', 't', 'out', '-g', 'g', '--once', ...flags, '--', ...command]);
}

/** Copies lines, and fails on those that say bad, having copied some. */
const PICKY = ['awk', '/bad/ { print "no good: " $0 > "/dev/stderr"; exit 5 } { print; fflush() }'];

async function topics(beck: Beck, input: string, partitions = 1): Promise<void> {
  await beck.create('t', '-p', `${partitions}`);
  await beck.create('out', '-p', `${partitions}`);
  await beck.create('failed');
  if (input !== '') await beck.produce('t', input);
}

const lines = (text: string): string[] => text.split('\n').slice(0, -1);

describe.runIf(unix).concurrent('a command that fails', () => {
  it('stops the pipe, and leaves nothing of its batch', async ({ beck }) => {
    await topics(beck, `${numbered(10, 'a')}bad\n${numbered(5, 'c')}`);
    const { code, stdout, stderr } = await run(beck, ['--batch', '4'], ...PICKY);
    expect([code, stdout]).toEqual([1, '']);
    expect(lines(stderr)).toEqual([
      'no good: bad',
      't 0, offsets 8 to 11: awk exited with 5 (COMMAND_FAILED)',
      expect.stringContaining('--on-error skip'),
    ]);
    expect(await beck.lines('out')).toEqual(lines(numbered(8, 'a')));
    expect((await run(beck, [], 'cat')).code).toBe(0);
    expect(await beck.lines('out')).toEqual([...lines(numbered(10, 'a')), 'bad', ...lines(numbered(5, 'c'))]);
  });

  it.for([
    [['false'], 'false exited with 1'],
    [['sh', '-c', 'cat; kill -9 $$'], 'sh was ended by SIGKILL'],
    [['sh', '-c', 'cat; exit 77'], 'sh exited with 77'],
  ] as const)('is %j: %s', async ([command, why], { beck }) => {
    await topics(beck, 'a\nb\n');
    const { code, stderr } = await run(beck, [], ...command);
    expect([code, lines(stderr)[0]]).toEqual([1, `t 0, offsets 0 to 1: ${why} (COMMAND_FAILED)`]);
    expect(await beck.lines('out')).toEqual([]);
    await beck.ok(['group', 'lag', 'g', '--max-lag', '2']);
  });

  it('says so in JSON as well', async ({ beck }) => {
    await topics(beck, 'a\n');
    const { code, stdout } = await run(beck, ['--json'], 'false');
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'COMMAND_FAILED', exitCode: 1 } }]);
  });

  it('loses the records that it fails on with skip, and no other', async ({ beck }) => {
    await topics(beck, `${numbered(40, 'a')}bad1\n${numbered(7, 'b')}bad2\nbad3\n${numbered(3, 'c')}`);
    const { code, stderr } = await run(beck, ['--batch', '30', '--on-error', 'skip'], ...PICKY);
    expect(code).toBe(0);
    expect(lines(stderr).filter((line) => !line.startsWith('no good'))).toEqual([
      't 0, offset 40: awk exited with 5; left out',
      't 0, offset 48: awk exited with 5; left out',
      't 0, offset 49: awk exited with 5; left out',
    ]);
    expect(await beck.lines('out')).toEqual([40, 7, 3].flatMap((count, i) => lines(numbered(count, 'abc'[i]))));
    expect(await beck.lines('t', '-g', 'g')).toEqual([]);
  });

  it('has them written elsewhere with dlq, as they were, with the reason', async ({ beck }) => {
    await topics(beck, '');
    await beck.produce('t', numbered(5, 'a'));
    await beck.produce('t', 'bad\n', '-k', 'key', '-H', 'own=1', '--timestamp', '1700000000000');
    await beck.produce('t', numbered(5, 'b'));
    const { code, stderr } = await run(beck, ['--on-error', 'dlq', 'failed'], ...PICKY);
    expect([code, lines(stderr).at(-1)]).toEqual([0, 't 0, offset 5: awk exited with 5; written to failed']);
    expect(await beck.lines('out')).toEqual([...lines(numbered(5, 'a')), ...lines(numbered(5, 'b'))]);
    expect(await beck.records('failed')).toMatchObject([
      {
        key: 'key',
        value: 'bad',
        timestamp: 1_700_000_000_000,
        headers: [
          ['own', '1'],
          ['beck.topic', 't'],
          ['beck.partition', '0'],
          ['beck.offset', '5'],
          ['beck.error', 'awk exited with 5: no good: bad'],
        ],
      },
    ]);
  });

  it('is one as well when what it writes is refused', async ({ beck }) => {
    await topics(beck, '{"value":"a"}\nno record\n{"value":"b"}\n');
    const stopped = await run(beck, ['-i', 'jsonl'], 'cat');
    expect([stopped.code, lines(stopped.stderr)[0]]).toEqual([
      1,
      expect.stringMatching(
        /^t 0, offsets 0 to 2: its output was refused, line 2: not JSON.* \(INVALID_INPUT\) \(COMMAND_FAILED\)$/,
      ),
    ]);
    expect(await beck.lines('out')).toEqual([]);
    expect((await run(beck, ['-i', 'jsonl', '--on-error', 'dlq', 'failed'], 'cat')).code).toBe(0);
    expect(await beck.lines('out')).toEqual(['a', 'b']);
    expect((await beck.records('failed')).map(({ value }) => value)).toEqual(['no record']);
  });

  it('is no reason to lose records where it cannot be run at all', async ({ beck }) => {
    await topics(beck, 'a\n');
    const missing = await run(beck, ['--on-error', 'skip'], 'nowhere-to-be-found');
    expect([missing.code, lines(missing.stderr)[0]]).toEqual([
      1,
      "there is no command 'nowhere-to-be-found' (COMMAND_FAILED)",
    ]);
    expect((await beck.run(['group', 'describe', 'g'])).code).toBe(3);
    const inner = await run(beck, ['--on-error', 'skip'], 'sh', '-c', 'nowhere-to-be-found');
    expect([inner.code, inner.stderr]).toEqual([1, expect.stringContaining('sh exited with 127')]);
    await beck.ok(['group', 'lag', 'g', '--max-lag', '1']);
    expect((await beck.run(['group', 'lag', 'g'])).code).toBe(1);
  });
});

describe.runIf(unix).concurrent('whoever is killed,', () => {
  it('beck: nothing of the run is seen, and the next one makes it good', async ({ beck }) => {
    await topics(beck, numbered(1000, ''), 3);
    const script = join(beck.folder, 'slow.sh');
    writeFileSync(script, 'cat; echo begun $BECK_OFFSET >&2; [ $BECK_OFFSET = 0 ] || exec sleep 600');
    const words = ['pipe', 't', 'out', '-g', 'g', '--batch', '100', '--', 'sh', script];
    const live = beck.spawn(words, { env: { TMPDIR: beck.folder } });
    await live.says(/begun [1-9]/);
    live.killAll();
    await live.ended;
    const before = (await beck.lines('out')).length;
    expect(before % 100).toBe(0);
    expect(before).toBeLessThan(1000);
    expect((await run(beck, [], 'cat')).code).toBe(0);
    expect((await beck.lines('out')).map(Number).sort((a, b) => a - b)).toEqual(lines(numbered(1000, '')).map(Number));
  });

  it('beck again and again, and its commands: every record once, in the order of its partition', async ({ beck }) => {
    await topics(beck, '', 2);
    const wanted = [0, 1].map((p) => lines(numbered(3000, `${p}:`)));
    for (const [p, values] of wanted.entries()) await beck.produce('t', `${values.join('\n')}\n`, '-p', `${p}`);
    const words = ['pipe', 't', 'out', '-g', 'g', '--batch', '50', '--', 'sh', '-c', 'cat; echo >&2'];
    for (let i = 0; i < 12; i++) {
      const live = beck.spawn(words, { env: { TMPDIR: beck.folder } });
      await live.says(1 + (i % 5) * 3);
      if (i % 2 === 0) live.kill('SIGKILL');
      else live.killAll();
      await live.ended;
    }
    expect((await run(beck, [], 'cat')).code).toBe(0);
    for (const [p, values] of wanted.entries()) expect(await beck.lines('out', '-p', `${p}`)).toEqual(values);
  });

  it('a member that is taken for dead: its run is the other one’s', async ({ beck }) => {
    await topics(beck, numbered(10, ''));
    const go = join(beck.folder, 'go');
    const hangs = ['sh', '-c', `cat; echo begun >&2; while [ ! -e ${go} ]; do sleep 0.05; done`];
    const live = beck.spawn(['pipe', 't', 'out', '-g', 'g', '--session-timeout', '1s', '--', ...hangs]);
    await live.says('begun');
    live.kill('SIGSTOP');
    const other = beck.spawn(['pipe', 't', 'out', '-g', 'g', '--', 'sed', 's/$/ other/']);
    const reader = beck.spawn(['consume', 'out', '-f', '-n', '10']);
    expect(lines((await reader.ended).stdout)).toEqual(lines(numbered(10, '')).map((line) => `${line} other`));
    writeFileSync(go, '');
    live.kill('SIGCONT');
    await live.says('was silent for too long');
    other.kill();
    await other.ended;
    await beck.produce('t', 'more\n');
    expect(lines((await beck.ok(['consume', 'out', '-f', '-n', '11'])).stdout).at(-1)).toBe('more');
    expect(await beck.lines('out')).toHaveLength(11);
  });
});

describe.concurrent('a pipe is refused', () => {
  it.for<[string, string, number]>([
    ['pipe t out -g g', 'the command is missing', 2],
    ['pipe t out -g g --', 'the command is missing', 2],
    ['pipe -g g -- cat', 'the topics are missing', 2],
    ['pipe out -g g -- cat', 'the topic to write to is missing', 2],
    ['pipe t out -- cat', '--group is missing', 2],
    ['pipe t out t -g g -- cat', "'t' would be read and written to", 2],
    ['pipe t out -g g --on-error dlq t -- cat', "'t' would be read and written to", 2],
    ['pipe t out -g g --on-error dlq -- cat', '--on-error dlq wants a topic', 2],
    ['pipe t out -g g --on-error drop -- cat', '--on-error wants stop, skip, or dlq TOPIC', 2],
    ['pipe t out -g g --batch 0 -- cat', '--batch wants a whole number from 1', 2],
    ['pipe t out -g g -o yaml -- cat', 'there is no output format', 2],
    ['pipe nothing out -g g -- cat', "there is no topic 'nothing'", 3],
    ['pipe t nothing -g g -- cat', "there is no topic 'nothing'", 3],
    ['pipe t out -g g --on-error dlq nothing -- cat', "there is no topic 'nothing'", 3],
    ['pipe nothing new -g g --create -- cat', "there is no topic 'nothing'", 3],
  ])('%s: %s', async ([line, problem, exit], { beck }) => {
    await topics(beck, 'a\n');
    const { code, stdout, stderr } = await beck.run(line.split(' '));
    expect([code, stdout]).toEqual([exit, '']);
    expect(stderr).toContain(problem);
    expect((await beck.run(['group', 'describe', 'g'])).code).toBe(3);
    expect((await beck.run(['topic', 'describe', 'new'])).code).toBe(3);
  });
});
