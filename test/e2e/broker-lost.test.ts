import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import type { Live } from '../support/run-beck.ts';

/** A server on the data directory of a test, which can be killed and started again at the same socket. */
class Served {
  readonly #beck: Beck;
  readonly #path: string;
  #server: Live;

  private constructor(beck: Beck, path: string) {
    this.#beck = beck;
    this.#path = path;
    this.#server = beck.spawn(['serve', '--socket', path]);
  }

  static async start(beck: Beck): Promise<Served> {
    const served = new Served(beck, join(beck.folder, 's'));
    await served.#server.prints('"ready"');
    return served;
  }

  get broker(): readonly string[] {
    return ['--broker', `unix:${this.#path}`];
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#server.kill(signal);
    await this.#server.ended;
  }

  async restart(): Promise<void> {
    this.#server = this.#beck.spawn(['serve', '--socket', this.#path]);
    await this.#server.prints('"ready"');
  }
}

const LINES = 200_000;

describe.runIf(unix).concurrent('a server that is killed', () => {
  it.for([
    ['follower', []],
    ['member', ['-g', 'g']],
  ] as const)(
    'and comes again is dialled again by a %s, which prints each record once',
    async ([, flags], { beck }) => {
      const served = await Served.start(beck);
      await beck.create('t', '-p', '2');
      const live = beck.spawn(['consume', 't', '-f', ...flags, ...served.broker]);
      await beck.produce('t', '1\n');
      await live.prints('1\n');
      await served.kill();
      await beck.produce('t', '2\n');
      await served.restart();
      await live.prints('1\n2\n');
      await beck.produce('t', '3\n', ...served.broker);
      await live.prints('1\n2\n3\n');
      live.kill();
      expect(await live.ended).toMatchObject({ code: 130, stdout: '1\n2\n3\n' });
      if (flags.length > 0) expect(await beck.lines('t', ...flags)).toEqual([]);
    },
  );

  it.for(['SIGKILL', 'SIGTERM'] as const)(
    'by %s and comes again is dialled again by a pipe, whose output is there once',
    async (signal, { beck }) => {
      const served = await Served.start(beck);
      await beck.create('t', '-p', '2');
      await beck.create('out');
      const words = ['pipe', 't', 'out', '-g', 'g', '--batch', '20', ...served.broker, '--', 'cat'];
      const live = beck.spawn(words);
      const watch = beck.watch();
      await beck.produce('t', numbered(300));
      await watch.until(() => watch.end('out') > 0);
      await served.kill(signal);
      await beck.produce('t', numbered(300, 'more '));
      await served.restart();
      const group = beck.watchGroup('g');
      await watch.until(() => Object.values(group.committed()).reduce((sum, offset) => sum + offset, 0) === 600);
      live.kill();
      expect(await live.ended).toMatchObject({ code: 130, stderr: '' });
      const all = `${numbered(300)}${numbered(300, 'more ')}`.split('\n').slice(0, -1);
      expect((await beck.lines('out')).sort()).toEqual(all.sort());
    },
  );

  it('in the midst of much input and comes again has stored each record once, in its order', async ({ beck }) => {
    const served = await Served.start(beck);
    await beck.create('t', '-p', '3');
    const live = beck.spawn(['produce', 't', '-K', ' ', ...served.broker], { stdin: 'pipe' });
    const watch = beck.watch();
    live.write(numbered(LINES / 2, 'a ').replaceAll('a ', 'key '));
    await watch.until(() => watch.end('t') > 0);
    await served.kill();
    live.end(numbered(LINES / 2, 'b ').replaceAll('b ', 'key '));
    await served.restart();
    expect(await live.ended).toMatchObject({ code: 0, stderr: '' });
    const values = (await beck.lines('t')).map(Number);
    const once = Array.from({ length: LINES / 2 }, (_, i) => i + 1);
    expect(values).toEqual([...once, ...once]);
  });

  it('for good ends a producer and a follower with 1; they say what is known', async ({ beck }) => {
    const served = await Served.start(beck);
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '-o', 'value', ...served.broker], { stdin: 'pipe' });
    const transaction = beck.spawn(['produce', 't', '--txn', ...served.broker], { stdin: 'pipe' });
    const follower = beck.spawn(['consume', 't', '-f', ...served.broker]);
    producer.write('a\n');
    await producer.prints('a\n');
    await follower.prints('a\n');
    transaction.write('kept back\n');
    await served.kill();
    producer.end('b\n');
    transaction.end();
    const lost = expect.stringContaining('did not come back within 10 s');
    expect(await producer.ended).toMatchObject({ code: 1, stderr: lost });
    expect(producer.stderr).toMatch(
      /^failed; everything up to line 1 is stored, and some of what follows may be, --skip 1 /,
    );
    expect(await follower.ended).toMatchObject({ code: 1, stdout: 'a\n', stderr: lost });
    expect((await transaction.ended).code).toBe(1);
    expect(await beck.lines('t')).toEqual(['a']);
  });
});

describe.runIf(unix)('a server that stops', () => {
  it('lets a follower go on at the next one, and a transaction is aborted at once', async ({ beck }) => {
    const served = await Served.start(beck);
    await beck.create('t');
    const follower = beck.spawn(['consume', 't', '-f', ...served.broker]);
    const transaction = beck.spawn(['produce', 't', '--txn', ...served.broker], { stdin: 'pipe' });
    const watch = beck.watch();
    transaction.write(numbered(20_000));
    await watch.until(() => watch.end('t') > 0);
    await served.kill('SIGTERM');
    expect(watch.transactions).toEqual([]);
    await served.restart();
    await beck.produce('t', 'after\n');
    await follower.prints('after\n');
    transaction.end();
    expect(await transaction.ended).toMatchObject({ code: 1 });
    expect(await beck.lines('t')).toEqual(['after']);
  });

  it('the connection of a transaction is its life: when its process is killed, what it held back is free', async ({
    beck,
  }) => {
    const served = await Served.start(beck);
    await beck.create('t');
    const transaction = beck.spawn(['produce', 't', '--txn', ...served.broker], { stdin: 'pipe' });
    const watch = beck.watch();
    transaction.write(numbered(20_000));
    await watch.until(() => watch.end('t') > 0);
    transaction.kill('SIGKILL');
    await watch.until(() => watch.transactions.length === 0);
  });
});
