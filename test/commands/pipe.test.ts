import { describe, expect, it } from 'vitest';
import { type Outcome, beck as run, type Surroundings } from '../cli/memory-io.ts';
import { openTransaction } from '../support/open-transaction.ts';
import { tempDir } from '../support/temp-dir.ts';
import { append, openTestBroker } from '../support/test-broker.ts';

/** `t` with a, b and bad in partition 0, and `out`. */
function dataDir(): string {
  const dir = tempDir();
  const broker = openTestBroker({ dir });
  broker.createTopics([{ name: 't', partitions: 2 }, { name: 'out' }]);
  append(broker, 't', 0, [{ value: 'a' }, { value: 'b' }, { value: 'bad' }]);
  return dir;
}

function pipe(dir: string, flags: readonly string[], script: string, options: Surroundings = {}): Promise<Outcome> {
  const words = ['pipe', 't', 'out', '-g', 'g', '--once', ...flags, '--', 'sh', '-c', script];
  const env = { PATH: process.env.PATH ?? '' };
  return run(words, { dataDir: dir, env, ...options });
}

const me = process.pid;

describe.skipIf(process.platform === 'win32')('pipe', () => {
  it('is silent in a pipe', async () => {
    expect(await pipe(dataDir(), [], 'cat')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('says on a terminal what it has, and at the end how much it was', async () => {
    const { code, stdout, stderr } = await pipe(dataDir(), [], 'cat', { tty: true });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr.split('\n')).toEqual([
      `g: member ${me} has t 0, 1`,
      'g: committed up to t 0:3, 1:0; left',
      expect.stringMatching(/^3 records read, 3 records to out \(5 B\) in \d+ ms$/),
      '',
    ]);
  });

  it('says what was left out, and where it went', async () => {
    const picky = '! grep bad >/dev/null && echo x';
    const skipped = await pipe(dataDir(), ['--on-error', 'skip'], picky, { tty: true });
    expect(skipped.stderr).toContain('t 0, offset 2: sh exited with 1; left out\n');
    expect(skipped.stderr).toMatch(/3 records read, 1 record to out \(1 B\), 1 record left out in /);
    const written = await pipe(dataDir(), ['--on-error', 'dlq', 'failed', '--create'], picky, { tty: true });
    expect(written.stderr).toContain('t 0, offset 2: sh exited with 1; written to failed\n');
    expect(written.stderr).toMatch(/3 records read, 1 record to out \(1 B\), 1 dead letter in /);
  });

  it('passes on what the command says, after the line of progress is gone', async () => {
    const times = [0, 600, 1200, 1800, 2400];
    const now = () => times.shift() ?? 3000;
    const { stderr } = await pipe(dataDir(), ['--batch', '1'], 'cat; echo oops >&2', { tty: true, now });
    const erased = '\r\x1b[2K';
    expect(stderr).toContain(`oops\n${erased}piping  33 %  1 records of 3 records${erased}oops\n`);
    expect(stderr).not.toContain('recordsoops');
  });

  it('says as a document what it has done, or why it did not', async () => {
    const { code, stdout, stderr } = await pipe(dataDir(), ['--json'], 'cat');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ group: 'g', batches: 1, read: 3, written: 3, size: 5 });
    const failed = await pipe(dataDir(), ['--json'], 'exit 3');
    expect([failed.code, JSON.parse(failed.stdout)]).toMatchObject([
      1,
      { error: { code: 'COMMAND_FAILED', message: 't 0, offsets 0 to 2: sh exited with 3', exitCode: 1 } },
    ]);
  });

  it('says on a terminal who holds back what it could not read', async () => {
    const dir = dataDir();
    openTransaction(openTestBroker({ dir }), 'nightly', { topic: 't', partition: 1 });
    const { code, stderr } = await pipe(dir, [], 'cat', { tty: true });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^1 offset of t 1 is held back by nightly \(/m)]);
    expect((await pipe(dir, [], 'cat')).stderr).toBe('');
  });

  it('says on a terminal that it failed, what is safe before that', async () => {
    const { code, stderr } = await pipe(dataDir(), ['--batch', '2'], '! grep bad', { tty: true });
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(1)).toEqual([
      'g: committed up to t 0:2, 1:0; left',
      expect.stringMatching(/^2 records read, 0 records to out \(0 B\) in /),
      't 0, offset 2: sh exited with 1 (COMMAND_FAILED)',
      expect.stringMatching(/^nothing of these was committed/),
      '',
    ]);
  });
});
