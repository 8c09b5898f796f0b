/** kcat, which is librdkafka, as its manual shows it: https://github.com/edenhill/kcat */
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { hasKcat, onBeck, type Served, serve } from './stage.ts';

class Kcat {
  readonly served: Served;
  readonly topic: string;

  constructor(served: Served, topic: string) {
    this.served = served;
    this.topic = topic;
  }

  static async open(beck: Beck, partitions = 1, ...flags: readonly string[]): Promise<Kcat> {
    const served = await serve(beck, ...flags);
    return new Kcat(served, await served.topic('t', partitions));
  }

  /** Its stdout; that it failed, or complained, is the test's failure. */
  async run(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, stdin);
    expect(code, `kcat ${args.join(' ')}\n${stderr}`).toBe(0);
    expect(stderr).not.toMatch(/ERROR|FAIL|refused/i);
    return stdout;
  }

  try(args: readonly string[], stdin = '') {
    return this.served.beck.start('kcat', ['-b', this.served.bootstrap, ...args], { stdin }).ended;
  }

  write(args: readonly string[], stdin: string): Promise<string> {
    return this.run(['-P', '-t', this.topic, ...args], stdin);
  }

  read(...args: readonly string[]): Promise<string> {
    return this.run(['-C', '-t', this.topic, '-e', '-q', ...args]);
  }
}

describe.runIf(unix && hasKcat)('kcat', () => {
  it.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what it writes, compressed with %s',
    async (codec, { beck }) => {
      const kcat = await Kcat.open(beck);
      const lines = numbered(1000);
      await kcat.write(['-z', codec], lines);
      expect(await kcat.read()).toBe(lines);
      expect(await kcat.served.values(kcat.topic)).toEqual(lines.trimEnd().split('\n'));
    },
  );

  it.runIf(onBeck).for(['gzip', 'snappy', 'lz4', 'zstd'])(
    'compresses as it says (%s): an old librdkafka looks for Produce 0 first',
    async (codec, { beck }) => {
      const kcat = await Kcat.open(beck);
      await kcat.write(['-z', codec], numbered(1000));
      const { stdout } = await beck.ok(['topic', 'describe', kcat.topic, '--json']);
      expect(stdout).toMatch(/"size":\d{1,4}[,}]/);
    },
  );

  it('keys, headers, partitions, timestamps and nulls come back as they were', async ({ beck }) => {
    const kcat = await Kcat.open(beck, 3);
    const before = Date.now();
    await kcat.write(['-p', '1', '-K', ':', '-H', 'a=b', '-H', 'c=d', '-H', 'empty='], 'key:value\n');
    await kcat.write(['-p', '1', '-K', ':', '-Z'], 'gone:\n');
    expect(await kcat.read('-Z', '-f', '%p %o %k %s %h\n')).toBe('1 0 key value a=b,c=d,empty=\n1 1 gone NULL \n');
    const [first] = await kcat.served.records(kcat.topic);
    expect(first).toMatchObject({
      partition: 1,
      headers: [
        ['a', 'b'],
        ['c', 'd'],
        ['empty', ''],
      ],
    });
    expect(Number(await kcat.read('-c', '1', '-f', '%T'))).toBeGreaterThanOrEqual(before);
  });

  it('keys go where those of Java’s producers go', async ({ beck }) => {
    const kcat = await Kcat.open(beck, 8);
    await kcat.write(['-K', ':', '-X', 'topic.partitioner=murmur2_random'], 'alice:1\nbob:2\ncarol:3\n');
    const seen = await kcat.served.records(kcat.topic);
    const places = Object.fromEntries(seen.map(({ key, partition }) => [key, partition]));
    if (!onBeck) return;
    await beck.create('same', '-p', '8');
    await beck.produce('same', 'alice:1\nbob:2\ncarol:3\n', '-i', '%k:%v\\n');
    for (const { key, partition } of await beck.records('same')) expect(partition).toBe(places[`${key}`]);
  });

  it('offsets: from the end, by number, by time', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    await kcat.write([], numbered(10, ''));
    const query = (at: string) => kcat.run(['-Q', '-t', `${kcat.topic}:0:${at}`]);
    expect(await kcat.read('-o', '-2')).toBe('9\n10\n');
    expect(await kcat.read('-o', '7')).toBe('8\n9\n10\n');
    expect(await kcat.read('-o', 's@1')).toBe(numbered(10, ''));
    expect(await query('1')).toContain('[0] offset 0');
    expect(await query('-1')).toContain('[0] offset 10');
    expect(await query(`${Date.now() + 60_000}`)).toContain('[0] offset -1');
  });

  it('an offset that is out of range is said, and the reading begins where it is told to', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    await kcat.write([], numbered(3, ''));
    expect(await kcat.read('-o', '99', '-X', 'topic.auto.offset.reset=earliest')).toBe(numbered(3, ''));
  });

  it('acks 0, acks 1 and an idempotent producer all arrive', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    const settings = ['acks=0', 'acks=1', 'enable.idempotence=true'];
    for (const setting of settings) await kcat.write(['-X', setting], `${setting}\n`);
    expect(await kcat.read()).toBe(`${settings.join('\n')}\n`);
  });

  it('idempotently: each record is there once, in its order, however many a batch has', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    for (const count of ['10', '1000'])
      await kcat.write(['-X', 'enable.idempotence=true', '-X', `batch.num.messages=${count}`], numbered(500));
    expect(await kcat.served.values(kcat.topic)).toEqual(`${numbered(500)}${numbered(500)}`.trimEnd().split('\n'));
  });

  it('a transaction is seen whole', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    await kcat.write(['-X', `transactional.id=${kcat.served.name('x')}`], numbered(100));
    expect(await kcat.read()).toBe(numbered(100));
  });

  it.runIf(onBeck)('reads what beck has written in a transaction once it is committed', async ({ beck }) => {
    const kcat = await Kcat.open(beck);
    const writer = beck.spawn(['produce', kcat.topic, '--txn'], { stdin: 'pipe' });
    writer.write(numbered(2000));
    await beck.produce(kcat.topic, 'outside\n');
    writer.end();
    expect((await writer.ended).code).toBe(0);
    const all = (await kcat.read()).trimEnd().split('\n');
    expect(all).toEqual(await beck.lines(kcat.topic));
    expect(all).toHaveLength(2001);
  });

  it.runIf(onBeck)('a topic is made when it writes to it, and not when it reads', async ({ beck }) => {
    const kcat = await Kcat.open(beck, 1, '-p', '3');
    const absent = new Kcat(kcat.served, 'absent');
    expect((await absent.try(['-C', '-t', 'absent', '-e'])).code).toBe(1);
    expect(await beck.ok(['topic', 'list'])).toMatchObject({ stdout: expect.not.stringContaining('absent') });
    await absent.write([], 'first\n');
    expect(await absent.read()).toBe('first\n');
    expect(await kcat.run(['-L', '-t', 'absent'])).toContain('with 3 partitions');
  });
});
