import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTPUT_FORMATS, OutputBuffer, openOutput, outputFormat } from '../../src/cli/output/index.ts';
import { splitBatches } from '../../src/record/batch.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import { parse } from './input-collector.ts';
import { echo, OPTIONS, print, printBatch, type TestRecord } from './output-print.ts';

const b = (text: string) => Buffer.from(text);
const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** Any bytes: text, bytes that are no text, characters at the edges of UTF-8, nothing. */
const bytes = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  fc.constantFrom(
    b(''),
    b('null'),
    b('""'),
    b('\ufeff'),
    Buffer.of(0xc0, 0x80),
    Buffer.of(0xed, 0xa0, 0x80),
    Buffer.of(0xf4, 0x90, 0x80, 0x80),
    b('\u2028\x7f"\\\b'),
  ),
);
const nullable = fc.option(bytes, { nil: null });
const records: fc.Arbitrary<TestRecord[]> = fc.array(
  fc.record({
    key: nullable,
    value: nullable,
    headers: fc
      .array(fc.record({ name: bytes, value: nullable }), { maxLength: 4 })
      .map((headers) => [...headers, ...headers.slice(0, 1)]),
    timestamp: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 45 })),
  }),
  { maxLength: 6 },
);

describe('JSONL out', () => {
  it('has the fields in their order', () => {
    const record = {
      key: b('alice'),
      value: b('{"id":1}'),
      headers: [
        { name: b('h'), value: null },
        { name: b('h'), value: b('') },
      ],
      timestamp: 12,
    };
    expect(print('jsonl', [record], {}, 7).toString()).toBe(
      '{"topic":"orders","partition":0,"offset":7,"timestamp":12,"timestampType":"CreateTime","key":"alice","value":"{\\"id\\":1}","headers":[["h",null],["h",""]]}\n',
    );
  });

  it('comes back in as the same bytes (O1)', () => {
    fc.assert(
      fc.property(records, (given) => {
        const back = parse('jsonl', {}, print('jsonl', given));
        expect(back).toEqual(given.map((record, i) => ({ line: i + 1, partition: 0, ...record })));
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back in without a negative time, which is printed as it is and no producer can give', () => {
    const line = print('jsonl', [{ value: b('v'), timestamp: -1 }]);
    expect(JSON.parse(line.toString())).toMatchObject({ timestamp: -1, value: 'v' });
    expect(parse('jsonl', {}, line)).toMatchObject([{ line: 1, refused: { code: 'INVALID_TIMESTAMP' } }]);
    expect(parse('jsonl', { timestamp: 5 }, line)).toMatchObject([{ timestamp: 5, value: b('v') }]);
  });

  it('is the same as JSON.stringify makes of text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(print('jsonl', [{ value: b(text) }]).toString()).toContain(`"value":${JSON.stringify(text)},`);
      }),
    );
  });

  it('takes for text exactly what UTF-8 can encode (overlong, surrogates, beyond U+10FFFF)', () => {
    const isText = (octets: number[]) =>
      JSON.parse(print('jsonl', [{ value: Buffer.from(octets) }]).toString()).value.base64 === undefined;
    const cases: [number[], boolean][] = [
      [[0xc2, 0x80], true],
      [[0xc1, 0xbf], false],
      [[0xe0, 0xa0, 0x80], true],
      [[0xe0, 0x9f, 0xbf], false],
      [[0xed, 0x9f, 0xbf], true],
      [[0xed, 0xa0, 0x80], false],
      [[0xed, 0xbf, 0xbf], false],
      [[0xee, 0x80, 0x80], true],
      [[0xef, 0xbb, 0xbf], true],
      [[0xf0, 0x90, 0x80, 0x80], true],
      [[0xf0, 0x8f, 0xbf, 0xbf], false],
      [[0xf4, 0x8f, 0xbf, 0xbf], true],
      [[0xf4, 0x90, 0x80, 0x80], false],
      [[0x80], false],
      [[0xe2, 0x82], false],
    ];
    for (const [octets, text] of cases) expect([octets, isText(octets)]).toEqual([octets, text]);
  });

  it('tells the time type and partition of each batch', () => {
    const out = new OutputBuffer();
    const printer = openOutput('jsonl', OPTIONS);
    const header = {
      timestampType: 'LogAppendTime',
      attributes: 8,
      codec: 'none',
      producerId: -1,
      producerEpoch: -1,
      leaderEpoch: 0,
    } as const;
    const view = {
      bytes: b('v'),
      offset: 1,
      timestamp: 2,
      keyStart: 0,
      keyLength: -1,
      valueStart: 0,
      valueLength: 1,
      headerCount: 0,
      headers: () => [],
    };
    const place = { topic: 'a"b', partition: 0, header, logStart: 0, highWatermark: 0, lastStable: 0 };
    printer.write(place, view, out);
    printer.write({ ...place, partition: 1, header: { ...header, timestampType: 'CreateTime' } }, view, out);
    const [first, second] = out
      .view()
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([first.topic, first.partition, first.timestampType]).toEqual(['a"b', 0, 'LogAppendTime']);
    expect([second.partition, second.timestampType]).toEqual([1, 'CreateTime']);
  });

  const golden = new URL('../golden/', import.meta.url);
  const names = readdirSync(golden)
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -4));

  it.each(names)('prints Kafka’s own %s as its consumer got it', (name) => {
    const printer = openOutput('jsonl', OPTIONS);
    const out = new OutputBuffer();
    for (const blob of splitBatches(readFileSync(new URL(`${name}.log`, golden)))) {
      if (!new RecordCursor(blob).header.control)
        printBatch(blob, (place, cursor) => printer.write(place, cursor, out), { topic: name });
    }
    const file = name === 'transactions' ? 'transactions.uncommitted' : name;
    expect(out.view().toString()).toBe(readFileSync(new URL(`${file}.jsonl`, golden), 'utf8'));
  });
});

describe('json', () => {
  it.each([0, 1, 3])('is one document of %i records', (count) => {
    const given = Array.from({ length: count }, (_, i) => ({ value: b(`v${i}`) }));
    const document = print('json', given).toString();
    expect(document.endsWith(']\n')).toBe(true);
    const lines = print('jsonl', given)
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    expect(JSON.parse(document)).toEqual(lines.map((line) => JSON.parse(line)));
  });

  it('alone is bounded', () => {
    expect(OUTPUT_FORMATS.filter((row) => row.bounded).map((row) => row.name)).toEqual(['json']);
    expect(outputFormat('%v').name).toBe('template');
  });
});

describe('value', () => {
  it('is the bytes and the delimiter (O2)', () => {
    fc.assert(
      fc.property(fc.array(bytes), (values) => {
        for (const delimiter of [b('\n'), Buffer.of(0), b('--'), b('')]) {
          const expected = Buffer.concat(values.flatMap((value) => [value, delimiter]));
          expect(
            print(
              'value',
              values.map((value) => ({ value })),
              { delimiter },
            ),
          ).toEqual(expected);
        }
      }),
    );
  });

  it('keeps all 256 byte values', () => {
    expect(print('value', [{ value: all }])).toEqual(Buffer.concat([all, b('\n')]));
  });

  it('prints null as an empty line, or as it is told', () => {
    const given = [{ value: null }, { value: b('') }, { value: b('null') }];
    expect(print('value', given).toString()).toBe('\n\nnull\n');
    const nullValue = b('NULL');
    expect(print('value', given, { nullValue }).toString()).toBe('NULL\n\nnull\n');
    expect(parse('value', { nullValue }, print('value', given, { nullValue })).map(({ value }) => value)).toEqual([
      null,
      b(''),
      b('null'),
    ]);
  });
});

describe('every format', () => {
  const three = [null, b(''), b('null')];
  const matrix = three.flatMap((key) => three.map((value) => ({ key, value })));

  it.each(['jsonl', 'json', 'table'])('%s shows null, empty and "null" apart, in key and value', (format) => {
    const shown = matrix.map((record) =>
      print(format, [record], { terminal: { isTTY: true, columns: 80 } }).toString(),
    );
    expect(new Set(shown).size).toBe(9);
  });

  it.each(['jsonl', 'json', 'table', 'value', '%o|%k|%v|%h{%k=%v,}\\n'])(
    '%s prints an echo as it prints the record read back',
    (format) => {
      const given = [
        ...matrix,
        {
          key: all,
          value: all,
          headers: [
            { name: b('a'), value: null },
            { name: all, value: all },
          ],
        },
      ];
      expect(echo(format, given, 40)).toEqual(print(format, given, {}, 40));
    },
  );

  it.each([
    ['yaml', {}, "there is no output format 'yaml'"],
    ['template', {}, "there is no output format 'template'"],
    ['json', { delimiter: b('\0') }, '-D does not go with -o json'],
    ['table', { delimiter: b(',') }, '-D does not go with -o table'],
    ['%v', { delimiter: b('\0') }, '-D does not go with -o template'],
    ['jsonl', { nullValue: b('x') }, '--null-value does not go with -o jsonl'],
  ])('-o %s with %o is wrong usage', (format, options, problem) => {
    expect(() => openOutput(format, { ...OPTIONS, ...options })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: problem }),
    );
  });
});

describe('OutputBuffer', () => {
  it('prints safe integers as String does', () => {
    const edges = [
      0,
      9,
      10,
      99,
      100,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      10 ** 15,
      10 ** 15 - 1,
      Number.MAX_SAFE_INTEGER,
      -1,
      Number.MIN_SAFE_INTEGER,
    ];
    const check = (n: number) => {
      const out = new OutputBuffer(1);
      out.byte(0x2e);
      out.number(n);
      expect(out.view().toString()).toBe(`.${n}`);
    };
    edges.forEach(check);
    fc.assert(fc.property(fc.maxSafeInteger(), check));
  });

  it('is empty after a reset and grows as it must', () => {
    const out = new OutputBuffer(4);
    out.text('grün');
    out.bytes(Buffer.alloc(100, 1), 10, 60);
    expect(out.length).toBe(55);
    expect(out.view().subarray(0, 5).toString()).toBe('grün');
    out.reset();
    expect(out.view()).toHaveLength(0);
  });
});
