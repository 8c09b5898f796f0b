/** kcat, which is librdkafka: https://github.com/edenhill/kcat */
import { spawnSync } from 'node:child_process';
import { describe, expect } from 'vitest';
import { type Beck, it, numbered, unix } from '../support/e2e.ts';
import { expectCalm, type Served, serve } from './serve.ts';

const hasKcat = spawnSync('kcat', ['-V']).status === 0;

async function kcat(beck: Beck, { brokers }: Served, args: readonly string[], stdin = ''): Promise<string> {
  const ran = await beck.start('kcat', ['-b', brokers.join(','), ...args], { stdin }).ended;
  expect(ran.code, `kcat ${args.join(' ')}\n${ran.stderr}`).toBe(0);
  expect(ran.stderr).not.toMatch(/ERROR|FAIL|refused/i);
  return ran.stdout;
}

const read = ['-C', '-t', 't', '-e', '-q'];
const write = ['-P', '-t', 't'];

describe.runIf(unix && hasKcat)('kcat', () => {
  it.for([[], ['-z', 'gzip'], ['-z', 'snappy'], ['-z', 'lz4'], ['-z', 'zstd']])(
    'what it produces it consumes: %s',
    async (codec, { beck }) => {
      const served = await serve(beck);
      const lines = numbered(1000);
      await kcat(beck, served, [...write, ...codec], lines);
      expect(await kcat(beck, served, read)).toBe(lines);
      expect(await beck.lines('t')).toEqual(lines.split('\n').slice(0, -1));
      expectCalm(served);
    },
  );

  it('compresses what it says it compresses: old librdkafka looks for Produce 0 first', async ({ beck }) => {
    const served = await serve(beck);
    await kcat(beck, served, [...write, '-z', 'gzip'], numbered(1000));
    const { stdout } = await beck.ok(['topic', 'describe', 't', '--json']);
    expect(stdout).toMatch(/"size":\d{1,4}[,}]/);
  });

  it('keys, headers, partitions and nulls come back as they were', async ({ beck }) => {
    const served = await serve(beck, '-p', '3');
    await kcat(beck, served, [...write, '-p', '1', '-K', ':', '-H', 'a=b'], 'key:value\n');
    await kcat(beck, served, [...write, '-p', '1', '-K', ':', '-Z'], 'gone:\n');
    expect(await kcat(beck, served, [...read, '-Z', '-f', '%p %o %k %s %h\n'])).toBe(
      '1 0 key value a=b\n1 1 gone NULL \n',
    );
  });

  it('offsets: from the end, by number, by time', async ({ beck }) => {
    const served = await serve(beck);
    await kcat(beck, served, write, numbered(10, ''));
    expect(await kcat(beck, served, [...read, '-o', '-2'])).toBe('9\n10\n');
    expect(await kcat(beck, served, [...read, '-o', '7'])).toBe('8\n9\n10\n');
    expect(await kcat(beck, served, ['-Q', '-t', 't:0:1'])).toContain('t [0] offset 0');
    expect(await kcat(beck, served, ['-Q', '-t', 't:0:-1'])).toContain('t [0] offset 10');
  });

  it('metadata shows the nodes and the topics', async ({ beck }) => {
    const served = await serve(beck, '--nodes', '3', '-p', '6');
    await kcat(beck, served, write, numbered(100));
    const shown = await kcat(beck, served, ['-L']);
    expect(shown).toContain('3 brokers');
    expect(shown).toContain('topic "t" with 6 partitions');
    expect((await kcat(beck, served, read)).split('\n')).toHaveLength(101);
    expectCalm(served);
  });

  it.for(['localhost', '127.0.0.1', '[::1]'])('%s is answered without a connection refused', async (host, { beck }) => {
    const served = await serve(beck);
    const port = served.brokers[0]?.replace(/.*:/, '');
    await kcat(beck, { ...served, brokers: [`${host}:${port}`] }, write, 'x\n');
    expect(await kcat(beck, { ...served, brokers: [`${host}:${port}`] }, read)).toBe('x\n');
  });

  it('acks 0, acks 1 and an idempotent producer all arrive', async ({ beck }) => {
    const served = await serve(beck);
    for (const setting of ['acks=0', 'acks=1', 'enable.idempotence=true'])
      await kcat(beck, served, [...write, '-X', setting], `${setting}\n`);
    const got = (await kcat(beck, served, read)).split('\n').slice(0, -1);
    expect(got).toEqual(['acks=0', 'acks=1', 'enable.idempotence=true']);
  });

  it('a transaction is seen whole', async ({ beck }) => {
    const served = await serve(beck);
    await kcat(beck, served, [...write, '-X', 'transactional.id=x'], numbered(100));
    expect(await kcat(beck, served, read)).toBe(numbered(100));
    expectCalm(served);
  });
});
