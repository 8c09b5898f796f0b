import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beck, type Surroundings } from '../cli/memory-io.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openTestBroker } from '../support/test-broker.ts';

/** A data directory with `orders` (3 partitions) and `users`, in order when the test ends. */
class Desk {
  readonly dir = tempDir();
  readonly #files = tempDir();
  #count = 0;
  readonly broker = openTestBroker({ dir: this.dir });

  constructor() {
    this.broker.createTopics([{ name: 'orders', partitions: 3 }, { name: 'users' }]);
  }

  run(args: readonly string[], surroundings: Surroundings = {}) {
    return beck(args, { dataDir: this.dir, ...surroundings });
  }

  /** With a FILE of this text. */
  produce(text: string, args: readonly string[], surroundings: Surroundings = {}) {
    const file = join(this.#files, `${++this.#count}`);
    writeFileSync(file, text);
    return this.run(['produce', ...args, file, '--txn'], surroundings);
  }

  async lines(...args: string[]): Promise<string[]> {
    const { stdout } = await this.run(['consume', ...args]);
    return stdout.split('\n').slice(0, -1);
  }

  /** Nothing of a transaction is left: none is open, no id is kept, and nothing holds readers back. */
  isTidy(): void {
    expect(this.broker.transactions.list()).toEqual([]);
    for (const { partitions } of this.broker.store.read(() => this.broker.catalogue.select()))
      for (const { id } of partitions) {
        const row = this.broker.store.read(() => this.broker.rows.partition(id));
        expect(row?.lastStable).toBe(row?.nextOffset);
      }
  }
}

describe('produce --txn', () => {
  it('writes all of its input, over all partitions, and says so on a terminal', async () => {
    const desk = new Desk();
    const { code, stdout, stderr } = await desk.produce('alice\t1\ncarol\t2\ndave\t3\n', ['orders', '-K', '\\t'], {
      tty: true,
    });
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^3 records to orders \(17 B\) in \d+ ms, in one transaction\n$/);
    expect((await desk.lines('orders')).sort()).toEqual(['1', '2', '3']);
    desk.isTidy();
  });

  it('prints with -o where each record landed', async () => {
    const desk = new Desk();
    const { stdout } = await desk.produce('a\nb\n', ['orders', '-p', '1', '-o', '%p:%o %v\n']);
    expect(stdout).toBe('1:0 a\n1:1 b\n');
  });

  it('writes nothing when one record is refused, and names each of them', async () => {
    const desk = new Desk();
    const { code, stdout, stderr } = await desk.produce('a\t1\noops\nb\t2\nagain\n', [
      'orders',
      '-K',
      '\\t',
      '-o',
      'value',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `line 2: there is no '\\t' (-K) between key and value (INVALID_INPUT)
line 4: there is no '\\t' (-K) between key and value (INVALID_INPUT)
nothing was written
`,
    );
    expect(await desk.lines('orders')).toEqual([]);
    desk.isTidy();
  });

  it('says what was refused in JSON where JSON is asked for', async () => {
    const desk = new Desk();
    const { code, stdout, stderr } = await desk.produce('a\t1\noops\n', ['orders', '-K', '\\t', '--json']);
    expect([code, stdout]).toEqual([1, '']);
    expect(
      stderr
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).error),
    ).toMatchObject([{ code: 'INVALID_INPUT', line: 2, exitCode: 1 }]);
  });

  it('is one transaction over the topics that the records name; one unknown topic is enough against it', async () => {
    const desk = new Desk();
    const input = 'orders 1\nusers 2\norders 3\n';
    const good = await desk.produce(input, ['-i', '%t %v\n', '-o', '%t %v\n']);
    expect(good).toMatchObject({ code: 0, stdout: input });
    const bad = await desk.produce(`${input}nowhere 4\n`, ['-i', '%t %v\n']);
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringMatching(/^line 4: there is no topic 'nowhere'/) });
    expect(bad.stderr).toMatch(/\nnothing was written\n$/);
    expect([await desk.lines('orders'), await desk.lines('users')]).toEqual([['1', '3'], ['2']]);
    desk.isTidy();
  });

  it('makes a topic with --create; it stays, empty, when nothing is written', async () => {
    const desk = new Desk();
    expect(await desk.produce('a\n', ['new', '--create'])).toMatchObject({ code: 0, stderr: '' });
    expect(await desk.lines('new')).toEqual(['a']);
    expect(await desk.produce('-\n', ['newer', '--create', '-i', 'jsonl'])).toMatchObject({ code: 1 });
    expect(await desk.lines('newer')).toEqual([]);
  });

  it('goes with compression, whole inputs, templates, --skip and what needs no input', async () => {
    const desk = new Desk();
    await desk.produce('head\na\n', ['users', '--skip', '1', '-z', 'gzip']);
    await desk.produce('one\ntwo\n', ['users', '--whole']);
    await desk.run(['produce', 'users', '-k', 'gone', '--tombstone', '--txn']);
    await desk.produce('k=v;', ['users', '-i', '%k=%v;']);
    const { stdout } = await desk.run(['consume', 'users', '-o', '%k|%v;', '--null-value', 'NULL']);
    expect(stdout).toBe('NULL|a;NULL|one\ntwo\n;gone|NULL;k|v;');
    desk.isTidy();
  });

  it('commits nothing when it is interrupted before the end, and says so', async () => {
    const desk = new Desk();
    const interrupt = AbortSignal.abort();
    const { code, stdout, stderr } = await desk.produce('a\nb\n', ['orders', '-o', 'value'], { interrupt });
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'interrupted; nothing was written\n' });
    desk.isTidy();
  });

  it.each([
    [['--acks', '1'], 'a transaction is not for --acks 1'],
    [['--acks', '0'], 'a transaction is not for --acks 0'],
  ])('%j is refused', async (flags, sentence) => {
    const desk = new Desk();
    expect(await desk.produce('a\n', ['orders', ...flags])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(sentence),
    });
    expect(await desk.lines('orders')).toEqual([]);
  });

  it('refuses a topic that is not there before it reads anything', async () => {
    const desk = new Desk();
    expect(await desk.produce('a\n', ['ordres'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("did you mean 'orders'?"),
    });
    desk.isTidy();
  });
});
