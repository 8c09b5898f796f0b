/** Out of one topic and into another, through real pipes: not a byte, a null or a header may change. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Beck, it, unix } from '../support/e2e.ts';
import { seeded } from '../support/seed.ts';

type Field = string | null | { readonly base64: string };

/** Bytes that have gone wrong in somebody's tool: none, NUL, line ends, quotes, half characters, surrogates, the rest. */
const NASTY: readonly (Buffer | null)[] = [
  null,
  Buffer.alloc(0),
  Buffer.from('null'),
  Buffer.from('\n'),
  Buffer.from('\r\n'),
  Buffer.from('\0'),
  Buffer.from('"\\/\b\f\t'),
  Buffer.from('\u2028\u2029\u007f\u0080'),
  Buffer.from('\ufeffbom'),
  Buffer.from('🙂 水 é'),
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xe2, 0x82]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from('{"base64":"AA=="}'),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
];

function field(bytes: Buffer | null): Field {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') };
}

function anyBytes(random: () => number): Buffer | null {
  if (random() < 0.5) return NASTY[Math.floor(random() * NASTY.length)] as Buffer | null;
  return Buffer.from(Array.from({ length: Math.floor(random() ** 3 * 300) }, () => Math.floor(random() * 256)));
}

/** Lines of JSON with everything that a record can be. */
function anyRecords(random: () => number, count: number, partitions: number): string {
  const now = Date.now();
  const lines = Array.from({ length: count }, () => {
    const headers = Array.from({ length: random() < 0.4 ? Math.floor(random() * 4) : 0 }, () => [
      field(anyBytes(random) ?? Buffer.from('h')),
      field(anyBytes(random)),
    ]);
    return JSON.stringify({
      key: field(anyBytes(random)),
      value: field(anyBytes(random)),
      headers,
      partition: Math.floor(random() * partitions),
      timestamp: now - Math.floor(random() * 86_400_000),
    });
  });
  return `${lines.join('\n')}\n`;
}

/** What must be the same on both sides: everything but the topic. Within a partition, in order. */
async function contents(beck: Beck, topic: string, ...flags: readonly string[]): Promise<string> {
  const records = await beck.records(topic, ...flags);
  const byPlace = records
    .map(({ topic: _, ...rest }) => rest)
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  return byPlace.map((record) => JSON.stringify(record)).join('\n');
}

describe.runIf(unix).concurrent('a topic copied through jsonl', () => {
  it.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('is the same record for record (%s)', async (codec, { beck }) => {
    const random = seeded(`round trip, ${codec}`);
    await beck.ok(['topic', 'create', 'a', 'b', '-p', '3']);
    const input = anyRecords(random, 800, 3);
    await beck.produce('a', input, '-i', 'jsonl');
    const { code, stderr } = await beck.shell(`beck consume a -o jsonl | beck produce b -i jsonl -z ${codec}`);
    expect([code, stderr]).toEqual([0, '']);
    expect((await contents(beck, 'b')) === (await contents(beck, 'a'))).toBe(true);
    const given = input
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    for (const partition of [0, 1, 2]) {
      const wanted = given
        .filter((record) => record.partition === partition)
        .map(({ key, value, headers, timestamp }) => ({ key, value, headers, timestamp }));
      const got = (await beck.records('b', '-p', String(partition))).map(({ key, value, headers, timestamp }) => ({
        key,
        value,
        headers,
        timestamp,
      }));
      expect(JSON.stringify(got) === JSON.stringify(wanted)).toBe(true);
    }
  });

  it('three values of nothing times three keys of nothing stay nine things', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'a', 'b']);
    const three = [null, '', 'null'];
    const input = three.flatMap((key) => three.map((value) => JSON.stringify({ key, value }))).join('\n');
    await beck.produce('a', input, '-i', 'jsonl');
    await beck.shell('beck consume a -o jsonl | beck produce b -i jsonl');
    expect((await beck.records('b')).map(({ key, value }) => [key, value])).toEqual(
      three.flatMap((key) => three.map((value) => [key, value])),
    );
  });

  it('goes into other partitions when -p says so, and with other times when --timestamp does', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'a', 'b', '-p', '3']);
    await beck.produce('a', anyRecords(seeded('partitions'), 60, 3), '-i', 'jsonl');
    await beck.shell('beck consume a -o jsonl | beck produce b -i jsonl -p 1 --timestamp 1795254012031');
    const records = await beck.records('b');
    expect(records).toHaveLength(60);
    expect(new Set(records.map(({ partition, timestamp }) => `${partition} ${timestamp}`))).toEqual(
      new Set(['1 1795254012031']),
    );
  });

  it('into itself doubles it, and ends', async ({ beck }) => {
    await beck.create('a');
    await beck.produce('a', anyRecords(seeded('into itself'), 500, 1), '-i', 'jsonl');
    expect((await beck.shell('beck consume a -o jsonl | beck produce a -i jsonl')).code).toBe(0);
    const all = (await beck.records('a')).map(({ key, value, headers }) => JSON.stringify([key, value, headers]));
    expect(all).toHaveLength(1000);
    expect(all.slice(500)).toEqual(all.slice(0, 500));
  });

  it('while it grows arrives live, through -f', async ({ beck }) => {
    await beck.ok(['topic', 'create', 'a', 'b']);
    beck.spawnShell('beck consume a -f -o jsonl | beck produce b -i jsonl');
    const follower = beck.spawn(['consume', 'b', '-f']);
    for (let i = 0; i < 5; i++) {
      await beck.produce('a', `${i}\n`);
      await follower.prints(i + 1);
    }
    expect(follower.stdout).toBe('0\n1\n2\n3\n4\n');
  });
});

describe.runIf(unix).concurrent('values copied through', () => {
  /** Everything but the delimiter's own bytes. */
  const FREE_OF = /\0|<##>/;

  it.for(['-0', "-D '<##>'", "-D '\\x01\\x02\\x03'"])('%s are the same', async (flags, { beck }) => {
    const random = seeded(`values, ${flags}`);
    await beck.ok(['topic', 'create', 'a', 'b']);
    const values = Array.from({ length: 300 }, () => anyBytes(random) ?? Buffer.alloc(0)).filter(
      (value) => !FREE_OF.test(value.toString('latin1')) && !value.includes(Buffer.from([1, 2, 3])),
    );
    await beck.produce('a', values.map((value) => JSON.stringify({ value: field(value) })).join('\n'), '-i', 'jsonl');
    expect((await beck.shell(`beck consume a ${flags} | beck produce b ${flags}`)).code).toBe(0);
    expect((await beck.records('b')).map(({ value }) => JSON.stringify(value))).toEqual(
      values.map((value) => JSON.stringify(field(value))),
    );
  });

  const TEMPLATES: readonly string[] = [
    '%K{big32}%k%V{big32}%v%d{big64}',
    '%K{ascii} %k%V{ascii} %v%d\\n',
    '%k{hex} %v{hex} %d\\n',
    '%k{base64} %v{base64} %d\\n',
    '%d{little64}%K{little16}%V{little16}%k%v',
  ];

  it.for(TEMPLATES)('the template %s are the same, with keys and times', async (template, { beck }) => {
    const random = seeded(`template ${template}`);
    await beck.ok(['topic', 'create', 'a', 'b']);
    const input = anyRecords(random, 200, 1)
      .split('\n')
      .slice(0, -1)
      .map((line) => ({ ...JSON.parse(line), headers: [] }))
      .map((record) => ({ ...record, key: record.key ?? '', value: record.value ?? '' }));
    await beck.produce('a', input.map((record) => JSON.stringify(record)).join('\n'), '-i', 'jsonl');
    const { code, stderr } = await beck.shell('beck consume a -o "$T" | beck produce b -i "$T"', {
      env: { T: template },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(await contents(beck, 'b')).toBe(await contents(beck, 'a'));
  });

  it('the template with headers are the same', async ({ beck }) => {
    const random = seeded('template with headers');
    await beck.ok(['topic', 'create', 'a', 'b']);
    const T = '%K{big32}%k%V{big32}%v%H{big32}%h{%K{big32}%k%V{big32}%v}';
    const records = Array.from({ length: 100 }, () => ({
      key: field(anyBytes(random) ?? Buffer.alloc(0)),
      value: field(anyBytes(random) ?? Buffer.alloc(0)),
      headers: Array.from({ length: Math.floor(random() * 3) }, () => [
        field(Buffer.from(`h${Math.floor(random() * 2)}`)),
        field(anyBytes(random) ?? Buffer.alloc(0)),
      ]),
    }));
    await beck.produce('a', records.map((record) => JSON.stringify(record)).join('\n'), '-i', 'jsonl');
    const { code, stderr } = await beck.shell('beck consume a -o "$T" | beck produce b -i "$T"', { env: { T } });
    expect([code, stderr]).toEqual([0, '']);
    expect((await beck.records('b')).map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(records);
  });
});

describe.runIf(unix).concurrent('many topics in one pipe', () => {
  const TEMPLATE = '%t %p %K %V %d %k%v\\n';

  it('printed with %t are produced again, record for record', async ({ beck }) => {
    for (const place of ['data', 'elsewhere']) {
      await beck.ok(['topic', 'create', 'orders', '-p', '3', '--data-dir', place]);
      await beck.ok(['topic', 'create', 'users', '--data-dir', place]);
    }
    await beck.produce('orders', 'a\tx\nc\ty\nb\tz\n', '-K', '\t');
    await beck.produce('users', 'ann\t1\nbob\t2\n', '-K', '\t');
    const { stderr } = await beck.shell(
      'beck consume orders users -o "$TEMPLATE" | beck produce -i "$TEMPLATE" --data-dir elsewhere',
      { env: { TEMPLATE } },
    );
    expect(stderr).toBe('');
    for (const topic of ['orders', 'users'])
      expect(await beck.records(topic, '--data-dir', 'elsewhere')).toEqual(await beck.records(topic));
  });

  it('from files and stdin, made by --create, echoed in the order of the input', async ({ beck }) => {
    writeFileSync(join(beck.folder, 'one'), 'a 1\nb 2\n');
    const { stdout } = await beck.ok(['produce', 'one', '-', '-i', '%t %v\\n', '--create', '-o', '%t:%o %v\\n'], {
      stdin: 'a 3\nc 4\nb 5\n',
    });
    expect(stdout).toBe('a:0 1\nb:0 2\na:1 3\nc:0 4\nb:1 5\n');
  });

  it('of which one is not there: its lines are refused by number, the others are kept', async ({ beck }) => {
    await beck.create('users');
    const { code, stderr } = await beck.run(['produce', '-i', '%t %v\\n'], { stdin: 'users 1\nuser 2\nusers 3\n' });
    expect([code, stderr.split('\n')]).toEqual([
      1,
      [
        "line 2: there is no topic 'user' (UNKNOWN_TOPIC_OR_PARTITION)",
        "did you mean 'users'? `beck topic list` shows them all",
        '2 other records were written',
        '',
      ],
    ]);
    expect(await beck.lines('users')).toEqual(['1', '3']);
  });
});

describe.runIf(unix).concurrent('input and output beside each other', () => {
  it('find -print0 | produce -0, consume -0 | xargs -0', async ({ beck }) => {
    await beck.create('files');
    const { stdout, code } = await beck.shell(`mkdir f; touch 'f/a b' "f/c
d"; find f -type f -print0 | sort -z | beck produce files -0; beck consume files -0 | xargs -0 -n1 printf '[%s]'`);
    expect([code, stdout]).toEqual([0, '[f/a b][f/c\nd]']);
  });

  it('a binary file goes through --whole and comes back with -D ""', async ({ beck }) => {
    await beck.create('t');
    const { stdout, code } = await beck.shell(
      `head -c 500000 /dev/urandom > in; beck produce t in --whole; beck consume t -D '' > out; cmp in out && echo same`,
    );
    expect([code, stdout]).toEqual([0, 'same\n']);
  });

  it('-K splits at the first delimiter; a line without it is refused; an empty key is empty', async ({ beck }) => {
    await beck.create('t');
    const { code, stderr } = await beck.run(['produce', 't', '-K', '::'], { stdin: 'a::b::c\nnone\n::v\nk::\n' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^line 2: /)]);
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      ['a', 'b::c'],
      ['', 'v'],
      ['k', ''],
    ]);
  });

  it('-K takes \\t and a real tab', async ({ beck }) => {
    await beck.create('t');
    await beck.produce('t', 'a\tb\n', '-K', '\\t');
    await beck.produce('t', 'c\td\n', '-K', '\t');
    expect((await beck.records('t')).map(({ key, value }) => [key, value])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('-o prints each record as it was stored, in the order of the input', async ({ beck }) => {
    await beck.create('t', '-p', '4');
    const input = Array.from({ length: 500 }, (_, i) => `k${i % 17}\t${i}\n`).join('');
    const { stdout } = await beck.produce('t', input, '-K', '\\t', '-o', 'jsonl');
    const echoed = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    expect(echoed.map(({ value }) => value)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
    const place = (a: { partition: number; offset: number }, b: typeof a): number =>
      a.partition - b.partition || a.offset - b.offset;
    expect([...echoed].sort(place)).toEqual([...(await beck.records('t'))].sort(place));
  });
});
