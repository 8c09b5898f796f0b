import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { BatchFile } from '../../../src/cli/pipe/batch-file.ts';
import { CommandRun, type RunSinks } from '../../../src/cli/pipe/command-run.ts';
import { FifoStock } from '../../../src/cli/pipe/fifo-stock.ts';
import { temporaryFolder } from '../../support/temp-dir.ts';

const MIB = 1 << 20;
const NEVER = new AbortController().signal;

const stock = new FifoStock();
/** As where there are none to be had. */
const noFifos = new FifoStock();
noFifos.close();
afterAll(() => stock.close());

interface Ran {
  readonly failure: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface Setting {
  readonly signal?: AbortSignal;
  readonly sinks?: Partial<RunSinks>;
  readonly fifos?: FifoStock;
}

/** Runs a command of the shell on an input; `sinks` are instead of what collects. */
async function run(
  script: string,
  input: string | Buffer = '',
  { signal = NEVER, sinks = {}, fifos = stock }: Setting = {},
): Promise<Ran> {
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const file = new BatchFile();
  file.write(Buffer.from(input as string));
  const line = { words: ['sh', '-c', script], env: process.env, cwd: tmpdir() };
  const begun = await CommandRun.start(line, file.fd, { fifos, signal }).finally(() => file.close());
  const failure = await begun.finish({
    out: async (chunk) => void stdout.push(Buffer.from(chunk)),
    err: async (chunk) => void stderr.push(Buffer.from(chunk)),
    ...sinks,
  });
  return { failure, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

const good = { failure: undefined, stderr: '' };

describe.skipIf(process.platform === 'win32').concurrent('a run of the command', () => {
  it('is given its stdin, and what it writes is taken, however much that is', async () => {
    const input = Buffer.alloc(8 * MIB, 'x\n').toString();
    const ran = await run('cat; echo done >&2', input);
    expect(ran.stdout === input).toBe(true);
    expect(ran).toMatchObject({ failure: undefined, stderr: 'done\n' });
  });

  it.each([
    ['exit 3', 'sh exited with 3'],
    ['kill -9 $$', 'sh was ended by SIGKILL'],
    ['cat; exit 1', 'sh exited with 1'],
  ])('of `%s` has failed: %s', async (script, failure) => {
    expect((await run(script, 'x\n')).failure).toBe(failure);
  });

  it('that exits with 0 is good, though it read nothing of its stdin, or not all', async () => {
    const much = Buffer.alloc(4 * MIB, 'x\n');
    expect(await run('echo y', much)).toEqual({ ...good, stdout: 'y\n' });
    expect(await run('head -n 1', much)).toEqual({ ...good, stdout: 'x\n' });
    expect(await run('exec <&-; echo y', much)).toEqual({ ...good, stdout: 'y\n' });
  });

  it('that closes its stdout early is waited for', async () => {
    const much = Buffer.alloc(4 * MIB, 'x\n');
    expect(await run('echo y; exec >&-; wc -c >&2; exit 4', much)).toMatchObject({
      failure: 'sh exited with 4',
      stdout: 'y\n',
      stderr: expect.stringContaining(`${4 * MIB}`),
    });
  });

  it('whose stdout something in the background holds is over when that lets go', async () => {
    expect(await run('(sleep 0.2; echo late) & echo y')).toEqual({ ...good, stdout: 'y\nlate\n' });
  });

  it('is not waited for where only its stderr is held', async () => {
    const ran = await run('sleep 600 >/dev/null </dev/null & echo $!');
    process.kill(Number(ran.stdout));
    expect(ran).toMatchObject(good);
  });

  it('waits for whoever takes what it writes', async () => {
    const input = Buffer.alloc(MIB, 'x\n').toString();
    let [taking, most, bytes] = [0, 0, 0];
    const out = async (chunk: Buffer) => {
      most = Math.max(most, ++taking);
      await pause(1);
      bytes += chunk.length;
      taking--;
    };
    await run('cat', input, { sinks: { out } });
    expect([most, bytes]).toEqual([1, MIB]);
  });

  it('is ended when what it writes is of no use', async () => {
    const out = async () => {
      throw new Error('no use');
    };
    await expect(run('echo x; exec sleep 600', '', { sinks: { out } })).rejects.toThrow('no use');
  });

  it('that nobody wants is ended, whatever it has written', async () => {
    const line = { words: ['sh', '-c', 'while :; do echo x; done'], env: process.env, cwd: tmpdir() };
    const begun = await CommandRun.start(line, 0, { fifos: stock, signal: NEVER });
    await begun.discard();
    await begun.discard();
    await expect(begun.finish({ out: async () => undefined, err: async () => undefined })).resolves.toMatch(/ended by/);
  });

  it('is asked to end by an interrupt, and then made to', async () => {
    const untilItWrites = (script: string) => {
      const over = new AbortController();
      return run(script, '', { signal: over.signal, sinks: { out: async () => over.abort() } });
    };
    const loop = 'echo x; while :; do sleep 0.01; done';
    expect(await untilItWrites(`trap "echo bye >&2; exit 5" TERM; ${loop}`)).toMatchObject({
      failure: 'sh exited with 5',
      stderr: 'bye\n',
    });
    expect((await untilItWrites(`trap "" TERM; ${loop}`)).failure).toBe('sh was ended by SIGKILL');
    expect((await run('exec sleep 600', '', { signal: AbortSignal.abort() })).failure).toBe('sh was ended by SIGTERM');
  });

  it('may open its streams by their names', async () => {
    const ran = await run('cat /dev/stdin; echo oops > /dev/stderr; echo more > /dev/stdout; cat /dev/stdin', 'x\n');
    expect(ran).toMatchObject({ failure: undefined, stdout: 'x\nmore\nx\n', stderr: 'oops\n' });
  });

  it('does as well without names', async () => {
    const input = Buffer.alloc(8 * MIB, 'x\n').toString();
    const ran = await run('cat; echo done >&2', input, { fifos: noFifos });
    expect(ran.stdout === input).toBe(true);
    expect(ran).toMatchObject({ failure: undefined, stderr: 'done\n' });
    expect(await run('head -n 1', input, { fifos: noFifos })).toEqual({ ...good, stdout: 'x\n' });
  });

  it.each([
    ['fifos', stock],
    ['sockets', noFifos],
  ])('loses nothing of what it wrote when it ended before anybody looked, over %s', async (_, fifos) => {
    const { path, remove } = temporaryFolder();
    const line = { words: ['sh', '-c', 'echo out; echo err >&2; echo $$ > pid; exit 3'], env: process.env, cwd: path };
    const begun = await CommandRun.start(line, 0, { fifos, signal: NEVER });
    while (isRunning(join(path, 'pid'))) await pause(1);
    for (let turns = 0; turns < 10; turns++) await pause(1);
    remove();
    const taken: string[] = [];
    const take = async (chunk: Buffer) => void taken.push(`${chunk}`);
    expect(await begun.finish({ out: take, err: take })).toBe('sh exited with 3');
    expect(taken.sort()).toEqual(['err\n', 'out\n']);
  });

  it('keeps nothing open', async () => {
    const before = await openFiles();
    for (let i = 0; i < 20; i++) await run('cat', 'x\n');
    expect(await openFiles()).toBeLessThan(before + 60);
  });

  it.each([[stock], [noFifos]])(
    'does not happen where there is nothing to run, whoever looked for it',
    async (fifos) => {
      const line = { words: ['./nowhere'], env: {}, cwd: tmpdir() };
      const begun = CommandRun.start(line, 0, { fifos, signal: NEVER });
      const sinks = { out: async () => undefined, err: async () => undefined };
      await expect(begun.then((each) => each.finish(sinks))).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
      await expect(run('nowhere 2>/dev/null')).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
        message: expect.stringContaining('sh exited with 127'),
      });
      await expect(run('exit 126')).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    },
  );
});

/** Whether the process of that pid has not been seen to end; or has not written it yet. */
function isRunning(pidFile: string): boolean {
  try {
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
    return pid === 0 || process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function openFiles(): Promise<number> {
  return process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0;
}

it('a command that a signal for all has ended is not judged before beck has heard of that', async () => {
  const interrupt = new AbortController();
  const failed = run('kill -INT $$; sleep 9', '', { signal: interrupt.signal }).then(({ failure }) => {
    expect(interrupt.signal.aborted).toBe(true);
    return failure;
  });
  setTimeout(() => interrupt.abort(), 60);
  expect(await failed).toBe('sh was ended by SIGINT');
});
