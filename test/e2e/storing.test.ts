/** What the flags and a topic's configs make of records: codecs, acks, times, tombstones, headers, limits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it, numbered } from '../support/e2e.ts';

describe.concurrent('-z', () => {
  it.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    '%s is read again, and takes less room where it should',
    async (codec, { beck }) => {
      await beck.create('t');
      const input = numbered(20_000, 'the same text again and again, but for a number: ');
      await beck.produce('t', input, '-z', codec);
      expect((await beck.ok(['consume', 't'])).stdout === input).toBe(true);
      expect(await beck.lines('t', '--tail', '1')).toEqual(['the same text again and again, but for a number: 20000']);
      expect(await beck.lines('t', '--from', '19998')).toHaveLength(2);
      const [topic] = JSON.parse((await beck.ok(['topic', 'list', '--json'])).stdout);
      const { size } = topic as { size: number };
      if (codec === 'none') expect(size).toBeGreaterThan(input.length);
      else expect(size).toBeLessThan(input.length / 2);
    },
  );

  it.for(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'yields to the topic: compression.type=%s',
    async (codec, { beck }) => {
      await beck.create('t', '-c', `compression.type=${codec}`);
      await beck.produce('t', numbered(1000), '-z', 'gzip');
      await beck.produce('t', numbered(1000));
      expect((await beck.ok(['consume', 't'])).stdout).toBe(numbered(1000) + numbered(1000));
    },
  );
});

describe.concurrent('--acks', () => {
  it.for(['all', '1', '0'])('%s stores what it is given', async (acks, { beck }) => {
    await beck.create('t');
    expect((await beck.produce('t', numbered(5000), '--acks', acks)).stderr).toBe('');
    expect((await beck.ok(['consume', 't'])).stdout).toBe(numbered(5000));
  });

  it('0 has no echo to give, so one that is asked for is refused', async ({ beck }) => {
    await beck.create('t');
    for (const flags of [['-o', '%o\\n'], ['--json']]) {
      const { code, stdout } = await beck.run(['produce', 't', '--acks', '0', ...flags], { stdin: 'a\n' });
      expect([code, stdout]).toEqual([2, '']);
    }
    expect(await beck.lines('t')).toEqual([]);
  });

  it('0 tells of a failure all the same', async ({ beck }) => {
    await beck.create('t', '-c', 'cleanup.policy=compact');
    const { code, stderr } = await beck.run(['produce', 't', '--acks', '0'], { stdin: 'no key\n' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('INVALID_RECORD')]);
  });
});

describe.concurrent('--create', () => {
  it('makes the topic with one partition, once', async ({ beck }) => {
    await beck.produce('t', 'a\n', '--create');
    await beck.produce('t', 'b\n', '--create');
    expect(await beck.lines('t')).toEqual(['a', 'b']);
    expect(JSON.parse((await beck.ok(['topic', 'list', '--json'])).stdout)).toMatchObject([
      { topic: 't', partitions: 1 },
    ]);
  });

  it('makes it even when the input is empty', async ({ beck }) => {
    await beck.produce('t', '', '--create');
    expect(await beck.lines('t')).toEqual([]);
  });

  it('makes nothing when the flags are wrong', async ({ beck }) => {
    for (const flags of [
      ['-k', 'a', '-K', 'b'],
      ['-o', 'nope'],
      ['-i', 'nope'],
      ['--timestamp', 'soon'],
    ]) {
      expect((await beck.run(['produce', 't', '--create', ...flags], { stdin: 'a\n' })).code).toBe(2);
      expect([flags, (await beck.run(['topic', 'describe', 't'])).code]).toEqual([flags, 3]);
    }
  });

  it('makes nothing when a FILE is missing', async ({ beck }) => {
    expect((await beck.run(['produce', 't', '--create', 'no-file'])).code).toBe(3);
    expect((await beck.run(['topic', 'describe', 't'])).code).toBe(3);
  });
});

describe.concurrent('nulls', () => {
  it('--tombstone makes each line the key of a null', async ({ beck }) => {
    await beck.create('t', '-c', 'cleanup.policy=compact');
    await beck.produce('t', 'a\nb\n', '--tombstone');
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('--tombstone -k is one record and reads nothing', async ({ beck }) => {
    await beck.create('t');
    const producer = beck.spawn(['produce', 't', '--tombstone', '-k', 'a'], { stdin: 'pipe' });
    expect((await producer.ended).code).toBe(0);
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([['a', null]]);
    expect((await beck.run(['produce', 't', '--tombstone', '-k', 'a', 'file'])).code).toBe(2);
  });

  it('--null-value names what is null, in keys and values; nothing does by default', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'NULL\tx\nk\tNULL\nNULL\tNULL\nnull\t\n', '-K', '\\t', '--null-value', 'NULL');
    await beck.produce('t', 'null\nNULL\n');
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      [null, 'x'],
      ['k', null],
      [null, null],
      ['null', ''],
      [null, 'null'],
      [null, 'NULL'],
    ]);
  });

  it('a compacted topic refuses records without a key, naming the lines, and keeps the others', async ({ beck }) => {
    await beck.create('t', '-c', 'cleanup.policy=compact');
    const lines = [
      '{"key":"a","value":"1"}',
      '{"value":"2"}',
      '{"key":null,"value":"3"}',
      '{"key":"","value":"4"}',
      '{"key":"b","value":null}',
    ];
    const { code, stderr } = await beck.run(['produce', 't', '-i', 'jsonl'], { stdin: lines.join('\n') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^line 2: .*\(INVALID_RECORD\)$/m);
    expect(stderr).toMatch(/^line 3: .*\(INVALID_RECORD\)$/m);
    expect(stderr).not.toMatch(/^line [145]/m);
    expect(stderr).toMatch(/^3 other (lines|records) were written$/m);
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      ['a', '1'],
      ['', '4'],
      ['b', null],
    ]);
  });
});

describe.concurrent('-H', () => {
  it('gives headers in their order, twice, empty and null', async ({ beck }) => {
    await beck.create('t');
    await beck.produce(
      't',
      'v\n',
      '-H',
      'b=1',
      '-H',
      'a=x=y',
      '-H',
      'b=2',
      '-H',
      'empty=',
      '-H',
      'null',
      '-H',
      '=noname',
      '-H',
      'ü=水',
    );
    expect((await beck.records('t'))[0]?.headers).toEqual([
      ['b', '1'],
      ['a', 'x=y'],
      ['b', '2'],
      ['empty', ''],
      ['null', null],
      ['', 'noname'],
      ['ü', '水'],
    ]);
  });

  it('does not swallow the topic or a file that follows', async ({ beck }) => {
    await beck.create('t');
    await beck.ok(['produce', '-H', 'a=1', 't'], { stdin: 'v\n' });
    expect(await beck.records('t')).toMatchObject([{ value: 'v', headers: [['a', '1']] }]);
  });
});

describe.concurrent('times', () => {
  it.for([
    ['1795254012031', 1795254012031],
    ['2026-11-21T09:40:12.031Z', 1795254012031],
    ['2026-11-21T10:40:12.031+01:00', 1795254012031],
    ['2026-11-21T09:40:12.031', 1795254012031],
    ['2026-11-21', 1795219200000],
    ['0', 0],
  ] as const)('--timestamp %s', async ([given, expected], { beck }) => {
    await beck.create('t', '-c', 'retention.ms=-1');
    expect((await beck.produce('t', 'a\n', '--timestamp', given)).stderr).toBe('');
    expect(await beck.records('t')).toMatchObject([{ timestamp: expected, timestampType: 'CreateTime' }]);
  });

  it('--timestamp -1h is back from now', async ({ beck }) => {
    await beck.create('t');
    const before = Date.now();
    await beck.produce('t', 'a\n', '--timestamp', '-1h');
    const [record] = await beck.records('t');
    expect(record?.timestamp).toBeGreaterThanOrEqual(before - 3_600_000);
    expect(record?.timestamp).toBeLessThanOrEqual(Date.now() - 3_600_000);
  });

  it('that retention would take at once are warned of', async ({ beck }) => {
    await beck.create('t', '-c', 'retention.ms=1h');
    const { code, stderr } = await beck.run(['produce', 't', '--timestamp', '-2h'], { stdin: 'a\nb\n' });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/2 records older than t keeps.*retention/)]);
  });

  it('too far ahead are refused by line', async ({ beck }) => {
    await beck.create('t');
    const far = Date.now() + 7_200_000;
    const { code, stderr } = await beck.run(['produce', 't', '-i', 'jsonl'], {
      stdin: `{"value":"a"}\n{"value":"b","timestamp":${far}}\n{"value":"c"}\n`,
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^line 2: .*\(INVALID_TIMESTAMP\)$/m)]);
    expect(await beck.lines('t')).toEqual(['a', 'c']);
  });

  it('of a topic with LogAppendTime are those of the storing', async ({ beck }) => {
    await beck.create('t', '-c', 'message.timestamp.type=LogAppendTime');
    const before = Date.now();
    const { stdout } = await beck.produce('t', 'a\nb\n', '--timestamp', '0', '-o', 'jsonl', '-z', 'gzip');
    const records = await beck.records('t');
    for (const { timestamp, timestampType } of records) {
      expect(timestampType).toBe('LogAppendTime');
      expect(timestamp).toBeGreaterThanOrEqual(before);
      expect(timestamp).toBeLessThanOrEqual(Date.now());
    }
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual(records);
  });
});

describe.concurrent('partitions', () => {
  it('-p that is not there is refused before anything is read', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    const { code, stderr } = await beck.run(['produce', 't', '-p', '2'], { stdin: 'a\n' });
    expect([code, stderr]).toEqual([3, expect.stringContaining('t has no partition 2; it has 2 (UNKNOWN_PARTITION)')]);
    expect(await beck.lines('t')).toEqual([]);
  });

  it('in JSONL that are not there are refused by line', async ({ beck }) => {
    await beck.create('t', '-p', '2');
    const { code, stderr } = await beck.run(['produce', 't', '-i', 'jsonl'], {
      stdin: '{"value":"a","partition":1}\n{"value":"b","partition":2}\n',
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^line 2: .*\(UNKNOWN_PARTITION\)$/m)]);
    expect(await beck.lines('t')).toEqual(['a']);
  });

  it.for([2, 3, 12, 100])('of keys are those that Kafka chooses, of %d', async (count, { beck }) => {
    const golden = readFileSync(join(import.meta.dirname, '../golden/murmur2.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const vectors = golden.map(
      (line) => JSON.parse(line) as { hex: string; partition: { of: number[]; is: number[] } },
    );
    await beck.create('t', '-p', String(count));
    const records = vectors.map(({ hex }) => ({
      key: { base64: Buffer.from(hex, 'hex').toString('base64') },
      value: hex,
    }));
    await beck.produce('t', records.map((record) => JSON.stringify(record)).join('\n'), '-i', 'jsonl');
    const landed = new Map((await beck.records('t')).map(({ value, partition }) => [value, partition]));
    for (const { hex, partition } of vectors)
      expect([hex, landed.get(hex)]).toEqual([hex, partition.is[partition.of.indexOf(count)]]);
  });
});

describe.concurrent('a run that refuses', () => {
  it('says the first twenty by line, counts the rest, and exits 1', async ({ beck }) => {
    await beck.create('t');
    const input = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? `k:${i}` : 'bad')).join('\n');
    const { code, stderr } = await beck.run(['produce', 't', '-K', ':'], { stdin: input });
    expect(code).toBe(1);
    expect(stderr.match(/^line \d+: /gm)).toHaveLength(20);
    expect(stderr).toMatch(/^and 30 more$/m);
    expect(stderr).toMatch(/^50 other (lines|records) were written$/m);
    expect(await beck.lines('t')).toHaveLength(50);
  });

  it('under --json says each as a line of JSON on stderr', async ({ beck }) => {
    await beck.create('t');
    const { code, stdout, stderr } = await beck.run(['produce', 't', '-K', ':', '--json'], {
      stdin: 'a:1\nbad\nb:2\nbad\n',
    });
    expect(code).toBe(1);
    expect(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).value),
    ).toEqual(['1', '2']);
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).error),
    ).toMatchObject([
      { code: 'INVALID_INPUT', line: 2 },
      { code: 'INVALID_INPUT', line: 4 },
    ]);
  });
});
