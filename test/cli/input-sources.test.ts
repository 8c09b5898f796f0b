import { type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveChunks } from '../../src/cli/input/live-chunks.ts';
import { type InputChunk, openSources } from '../../src/cli/input/sources.ts';

const dir = mkdtempSync(join(tmpdir(), 'beck-sources-'));
const path = (name: string) => join(dir, name);
const big = Buffer.from(Array.from({ length: 2_500_000 }, (_, i) => (i * 31) % 251));

beforeAll(() => {
  writeFileSync(path('big'), big);
  writeFileSync(path('one'), 'x');
  writeFileSync(path('empty'), '');
  mkdirSync(path('folder'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The inputs with their bytes, in order; each must end once, behind its last chunk. */
async function readAll(sources: AsyncIterable<InputChunk>): Promise<[input: string, bytes: Buffer][]> {
  const inputs: [string, Buffer][] = [];
  let parts: Buffer[] = [];
  for await (const { chunk, input, end } of sources) {
    expect(chunk.length).toBeLessThanOrEqual(1 << 20);
    if (!end) parts.push(Buffer.from(chunk));
    else inputs.push([input, Buffer.concat(parts)]);
    if (end) parts = [];
  }
  expect(parts).toEqual([]);
  return inputs;
}

describe('FILEs', () => {
  it('come in their order, whole, with their ends', async () => {
    const files = ['big', 'empty', 'one', 'big'].map(path);
    const got = await readAll(await openSources(files));
    expect(got.map(([input]) => input)).toEqual(files);
    expect(got.map(([, bytes]) => bytes.equals(big) || bytes.toString())).toEqual([true, '', 'x', true]);
  });

  it('have no pauses', async () => {
    for await (const { idle } of await openSources([path('big')])) expect(idle).toBe(false);
  });

  it.each([
    ['nothing', 'there is no such file'],
    ['folder', 'it is a directory'],
    ['one/more', 'a folder of its path is a file'],
  ])('are all looked at before the first is read: %s', async (name, problem) => {
    const message = `cannot read ${path(name)}: ${problem}`;
    await expect(openSources([path('big'), path(name)])).rejects.toMatchObject({
      code: 'INPUT_UNREADABLE',
      exitCode: 3,
      message,
    });
  });

  it('end quietly when the signal aborts', async () => {
    const abort = new AbortController();
    const got: InputChunk[] = [];
    for await (const chunk of await openSources([path('big'), path('one')], { signal: abort.signal })) {
      got.push(chunk);
      abort.abort();
    }
    expect(got).toHaveLength(1);
    expect(got[0]?.end).toBe(false);
  });

  it('are let go when the reader leaves', async () => {
    for await (const { input } of await openSources([path('big')])) {
      expect(input).toBe(path('big'));
      break;
    }
  });
});

describe('a live stream', () => {
  it('is idle when nothing more is there, so that what has come can be stored', async () => {
    const stream = new PassThrough();
    const seen: [string, boolean][] = [];
    stream.write('a');
    for await (const { chunk, idle } of liveChunks(stream, 'stdin', undefined)) {
      seen.push([chunk.toString(), idle]);
      if (chunk.toString() === 'a') for (const text of ['b', 'c']) stream.write(text);
      if (chunk.toString() === 'c') setImmediate(() => stream.end('d'));
    }
    expect(seen).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
      ['d', expect.any(Boolean)],
    ]);
  });

  it('is held back while its reader is busy', async () => {
    const stream = new PassThrough();
    const chunks = liveChunks(stream, 'stdin', undefined);
    const first = chunks.next();
    for (let i = 0; i < 64; i++) stream.write(Buffer.alloc(1 << 16, i));
    await first;
    await new Promise(setImmediate);
    expect(stream.isPaused()).toBe(true);
    stream.end();
    let bytes = (await first).value.chunk.length;
    for await (const { chunk } of chunks) bytes += chunk.length;
    expect(bytes).toBe(64 << 16);
  });

  it('fails with what the stream fails with, after what came before', async () => {
    const stream = new PassThrough();
    stream.write('a');
    setImmediate(() => stream.destroy(new Error('gone')));
    const seen: string[] = [];
    const read = async () => {
      for await (const { chunk } of liveChunks(stream, 'stdin', undefined)) seen.push(chunk.toString());
    };
    await expect(read()).rejects.toThrow('gone');
    expect(seen).toEqual(['a']);
  });

  it('ends when the signal aborts, though the stream goes on', async () => {
    const stream = new PassThrough();
    const abort = new AbortController();
    const chunks = liveChunks(stream, 'stdin', abort.signal);
    const waiting = chunks.next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await liveChunks(stream, 'stdin', abort.signal).next()).toEqual({ done: true, value: undefined });
    expect(stream.listenerCount('data')).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('stdin', () => {
  const program = () => path('program.mjs');
  beforeAll(() => {
    const sources = fileURLToPath(new URL('../../src/cli/input/sources.ts', import.meta.url));
    const contents = `
      import { constants, readFileSync } from 'node:fs';
      import { openSources } from ${JSON.stringify(sources)};
      let bytes = 0, ends = 0, idles = 0;
      try {
        for await (const { chunk, end, idle, input } of await openSources(process.argv.slice(2))) {
          bytes += chunk.length;
          ends += end ? 1 : 0;
          if (idle) process.stderr.write('idle ' + ++idles + '\\n');
        }
        const streams = process.moduleLoadList.includes('NativeModule net') ? 'streams' : 'no streams';
        const [, flags] = process.env.TELL ? /flags:\\s*(\\d+)/.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) : [];
        console.log(bytes, ends, ...(process.env.TELL ? [streams, parseInt(flags, 8) & constants.O_NONBLOCK] : []));
      } catch (error) {
        console.log(error.message);
      }`;
    buildSync({
      stdin: { contents, resolveDir: dir, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program(),
      logLevel: 'error',
    });
  });

  const run = (stdin: StdioOptions, args: readonly string[] = [], input?: Buffer) =>
    spawnSync(process.execPath, [program(), ...args], {
      stdio: [...([stdin].flat() as ['pipe']), 'pipe', 'pipe'],
      input,
      encoding: 'utf8',
    }).stdout.trim();

  it('may be the null device', () => expect(run('ignore')).toBe('0 1'));
  it('may be a file', () => expect(run([openSync(path('big'), 'r')] as never)).toBe(`${big.length} 1`));
  it('may be an empty file', () => expect(run([openSync(path('empty'), 'r')] as never)).toBe('0 1'));
  it('may be a pipe', () => expect(run('pipe', [], big)).toBe(`${big.length} 1`));
  it('may be an empty pipe', () => expect(run('pipe', [], Buffer.alloc(0))).toBe('0 1'));
  it('cannot be a directory', () =>
    expect(run([openSync(dir, 'r')] as never)).toBe('cannot read stdin: it is a directory'));
  it('stands for -, once', () =>
    expect(run('pipe', [path('one'), '-', path('one'), '-'], big)).toBe(`${big.length + 2} 4`));

  it('may be closed', () => {
    const { stdout } = spawnSync('sh', ['-c', 'exec "$0" "$1" <&-', process.execPath, program()], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('0 1');
  });

  it('may be named in /dev, and so may a named pipe', () => {
    const script = 'mkfifo "$2" && { printf abc > "$2" & } && printf de | "$0" "$1" "$2" /dev/stdin';
    const { stdout } = spawnSync('sh', ['-c', script, process.execPath, program(), path('fifo')], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('5 2');
  });

  describe.runIf(process.platform === 'linux')('as a pipe of the shell', () => {
    /** Runs the program on a pipe whose writer has written `input` and gone; with TELL it says how that was read. */
    const shell = (script: string, input = big) => {
      const fifo = join(mkdtempSync(join(dir, 'pipe-')), 'fifo');
      const { stdout, stderr } = spawnSync('sh', ['-c', script, process.execPath, program(), fifo], {
        env: { ...process.env, TELL: '1' },
        input,
        encoding: 'utf8',
      });
      return [stdout.trim(), stderr.trim()];
    };
    const gone = 'mkfifo "$2"; exec 3<>"$2"; cat >&3; exec 4<"$2" 3>&-;';

    it('is read without streams when its writer has gone, and leaves it waiting for those who share it', () =>
      expect(shell(`${gone} "$0" "$1" <&4`, big.subarray(0, 50_000))).toEqual(['50000 1 no streams 0', '']));

    it('may be empty', () => expect(shell(`${gone} "$0" "$1" <&4`, Buffer.alloc(0))).toEqual(['0 1 no streams 0', '']));

    it('is whole, however long, while its writer is there', () =>
      expect(shell('cat | "$0" "$1"')[0]).toMatch(`${big.length} 1 `));

    it('is whole when several write', () =>
      expect(shell('cat >"$2"; { cat "$2" & cat "$2"; wait; } | "$0" "$1"')[0]).toMatch(`${2 * big.length} 1 `));

    it('may be read by others before and after', () =>
      expect(shell(`${gone} head -c 3 <&4; "$0" "$1" <&4; cat <&4`, Buffer.from('one'))).toEqual([
        'one0 1 no streams 0',
        '',
      ]));

    it('is no input where it is for writing', () =>
      expect(shell('mkfifo "$2"; exec 3<>"$2"; echo other >&3; "$0" "$1" 0>"$2"; head -1 <&3')[0]).toMatch(
        /^cannot read stdin: .*\nother$/,
      ));

    it('pauses when its writer does, again and again', async () => {
      const fifo = path('pausing');
      spawnSync('mkfifo', [fifo]);
      const child = spawn('sh', ['-c', 'exec "$0" "$1" <"$2"', process.execPath, program(), fifo], { stdio: 'pipe' });
      const writer = await open(fifo, 'w');
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
        if (said === 'idle 1\n') void writer.write('b\n');
        if (said.includes('idle 2')) void writer.close();
      });
      await writer.write('a\n');
      await new Promise((resolve) => child.on('close', resolve));
      expect(said).toBe('idle 1\nidle 2\n');
    });
  });

  it('says when it pauses, again and again', async () => {
    const child = spawn(process.execPath, [program()], { stdio: 'pipe' });
    let said = '';
    child.stdin.write('a\n');
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text) => {
        said += text;
        if (said.includes('idle 1') && !said.includes('idle 2')) child.stdin.write('b\n');
        if (said.includes('idle 2')) child.stdin.end();
      });
      child.on('close', () => resolve());
    });
    expect(said).toBe('idle 1\nidle 2\n');
  });
});
