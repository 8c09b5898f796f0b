import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputOptions, openInput } from '../../src/cli/input/index.ts';
import { type Collected, Collector, cutAt, PLAIN, parse, summary } from './input-collector.ts';
import { print } from './output-print.ts';

const b = (text: string) => Buffer.from(text, 'latin1');

type Case = readonly [template: string, options: Partial<InputOptions>, input: string, expected: readonly string[]];

const cases: readonly Case[] = [
  ['%v\\n', {}, 'a\nb', ["1 null='a'", "2 null='b'"]],
  ['%v\\n', {}, '\n', ["1 null=''"]],
  ['%v\\n', {}, '', []],
  ['%k %v\\n', {}, 'k v w\n v\nk \n', ["1 'k'='v w'", "2 ''='v'", "3 'k'=''"]],
  ['%k %v\\n', {}, 'kv\nk v', ["1 !INVALID_INPUT line 1: there is no ' ' after %k", "2 'k'='v'"]],
  [
    '<%k>%v;',
    {},
    '<k>v;<>;x;<k>w',
    ["1 'k'='v'", "2 ''=''", "3 !INVALID_INPUT record 3: '<' was expected, not 'x'", "4 'k'='w'"],
  ],
  ['%v --\\n', {}, 'a --\nb -- --\n', ["1 null='a'", "2 null='b --'"]],
  [
    '%k{hex}\\t%v{base64}\\n',
    {},
    '00fF\tAP9+\nzz\tAP9+\nab\tAP9\n\t',
    [
      "1 '\0\xff'='\0\xff~'",
      "2 !INVALID_INPUT line 2: %k is not hex: 'zz'",
      "3 !INVALID_INPUT line 3: %v is not base64: 'AP9'",
      "4 ''=''",
    ],
  ],
  ['%v{base64raw}\\n', {}, 'a2V5\nAP8\n', ["1 null='key'", "2 null='\0\xff'"]],
  ['%o:%k=%v\\n', {}, '12:k=v\n:k=v\n', ["1 'k'='v'", "2 !INVALID_INPUT line 2: %o wants a number, not ':k=v'"]],
  ['%v\\n', { skip: 1 }, 'a\nb\n', ["2 null='b'"]],
  ['%k %v\\n', { nullValue: b('-') }, '- -\na -\n', ['1 null=null', "2 'a'=null"]],
  ['%v{hex}\\n', { nullValue: b('NULL') }, 'NULL\n61\n', ['1 null=null', "2 null='a'"]],
  [
    '%v\\n',
    { maxRecordBytes: 2 },
    'ab\nabc\nc\n',
    ["1 null='ab'", "2 !MESSAGE_TOO_LARGE 3 bytes, over t's max.message.bytes of 2", "3 null='c'"],
  ],
  [
    '%v{hex}\\n',
    { maxRecordBytes: 2 },
    '6162\n616263\n',
    ["1 null='ab'", "2 !MESSAGE_TOO_LARGE 3 bytes, over t's max.message.bytes of 2"],
  ],
  // sizes
  ['%K{4}%V{2}%k%v', {}, 'abcdefghijkl', ["1 'abcd'='ef'", "2 'ghij'='kl'"]],
  [
    '%K{4}%V{2}%k%v',
    {},
    'abcdefgh',
    ["1 'abcd'='ef'", '2 !INVALID_INPUT record 2: the input ends inside %k; nothing after it can be read'],
  ],
  ['%K%V %k%v\\n', {}, '', []],
  ['%K,%V %k%v\\n', {}, '1,3 kabc\n0,2 \n\n\n2,0 kk', ["1 'k'='abc'", "2 ''='\n\n'", "3 'kk'=''"]],
  ['%V{big32}%v', {}, '\0\0\0\x02ab\0\0\0\0\0\0\0\x01c', ["1 null='ab'", "2 null=''", "3 null='c'"]],
  ['%V{little16}%v', {}, '\x02\0ab', ["1 null='ab'"]],
  ['%V{hex8}%v', {}, '02ab00', ["1 null='ab'", "2 null=''"]],
  ['%V{byte}%v', {}, '\x01a\x02bc', ["1 null='a'", "2 null='bc'"]],
  [
    '%V{hex8}%v',
    {},
    '01azz',
    ["1 null='a'", "2 !INVALID_INPUT record 2: %V wants a number, not 'zz'; nothing after it can be read"],
  ],
  ['%V{hex8}%v{hex}', {}, '0461620261', ["1 null='ab'", "2 null='a'"]],
  ['%V %v;', {}, '-1 a;', ['1 !INVALID_INPUT record 1: the size of %v is -1; nothing after it can be read']],
  [
    '%V{byte}%v',
    { maxRecordBytes: 3 },
    '\x03abc\x04abcd\x01e',
    ["1 null='abc'", "2 !MESSAGE_TOO_LARGE 4 bytes, over t's max.message.bytes of 3", "3 null='e'"],
  ],
  // records of several lines
  ['%k\\n%v\\n', {}, 'k\nv\nl\nw', ["1 'k'='v'", "2 'l'='w'"]],
  ['%k\\n%v\\n', {}, 'k\nv\nl', ["1 'k'='v'", "2 !INVALID_INPUT record 2: there is no '\\n' after %k"]],
  [
    '%k\\n%v\\n',
    { maxRecordBytes: 2 },
    'k\nvvvv\nl\nw\n',
    ["1 !MESSAGE_TOO_LARGE 5 bytes, over t's max.message.bytes of 2", "2 'l'='w'"],
  ],
  // JSON
  [
    '%v{json}',
    {},
    ' {"a": [1, "x y"]}\n\n{"b":\n2} "s" 12 true\n',
    [`1 null='{"a":[1,"x y"]}'`, `2 null='{"b":2}'`, `3 null='"s"'`, "4 null='12'", "5 null='true'"],
  ],
  [
    '%k %v{json}\\n',
    {},
    'k {"n": 1.0}\nbad\nl [\n1]\n',
    [`1 'k'='{"n":1.0}'`, "2 !INVALID_INPUT record 2: there is no ' ' after %k", "3 'l'='[1]'"],
  ],
  [
    '%v{json}\\n',
    {},
    '{"a":1}\n!\n{"b":2}\n',
    [
      `1 null='{"a":1}'`,
      '2 !INVALID_INPUT record 2: %v wants a JSON value, not \'!\\n{"b":2}\\n\'',
      `3 null='{"b":2}'`,
    ],
  ],
  ['%v{json}\\n', {}, '{"a":}\n1\n', [`1 !INVALID_INPUT record 1: %v is not JSON: '{"a":}'`, "2 null='1'"]],
  ['%v{json}', {}, '{"a":', ['1 !INVALID_INPUT record 1: the input ends inside %v; nothing after it can be read']],
  // regular expressions
  ['%k{re[\\d+]}%v\\n', {}, '12ab\nab\n', ["1 '12'='ab'", "2 !INVALID_INPUT line 2: %k does not match 'ab'"]],
  [
    '%k{re#[a-z]+#}%v{re[[0-9]*]}\\n',
    {},
    'ab12\nab1x\n',
    ["1 'ab'='12'", "2 !INVALID_INPUT line 2: 'x' is left after the last field"],
  ],
];

describe('a template in input', () => {
  it.each(cases)('%j %o %j', (template, options, input, expected) => {
    expect(summary(parse(template, options, b(input)))).toEqual(expected);
  });

  it.each(cases.filter(([, , , expected]) => !expected.some((line) => line.includes('wants a JSON value'))))(
    '%j %o %j, byte for byte (N1)',
    (template, options, input, expected) => {
      const got = summary(parse(template, options, ...[...input].map(b)));
      const shape = (lines: readonly string[]) =>
        lines.map((line) => (line.includes('wants a number') ? line.replace(/not '.*/, '') : line));
      expect(shape(got)).toEqual(shape(expected));
      for (let at = 0; at <= input.length; at++)
        expect(shape(summary(parse(template, options, ...cutAt(b(input), [at]))))).toEqual(shape(expected));
    },
  );

  it('reads headers, as many as %H says', () => {
    const read = (template: string, input: string) =>
      parse(template, {}, b(input)).map(({ headers, value }) => [
        headers?.map(({ name, value }) => `${name}:${value}`),
        value?.toString(),
      ]);
    expect(read('%H %h{%k=%v,}%v\\n', '2 a=1,a=,x\n0 y\n')).toEqual([
      [['a:1', 'a:'], 'x'],
      [[], 'y'],
    ]);
    expect(read('%H{1}%h{%K{1}%k%V{byte}%v}%v\\n', 'h\x02zzv\n')).toEqual([[['h:zz'], 'v']]);
    expect(read('%V{2}%v%H{byte}%h{%k=%v;}', 'vv\x01a=b;ww\x00')).toEqual([
      [['a:b'], 'vv'],
      [[], 'ww'],
    ]);
  });

  it('gives a header’s null value, but never a null name', () => {
    const [record] = parse('%H %h{%k=%v,}%v\\n', { nullValue: b('-') }, '1 -=-,x\n');
    expect(record?.headers).toEqual([{ name: b('-'), value: null }]);
  });

  it('honours %p and %d, lets flags win, and ignores the place a record had', () => {
    const read = (options: Partial<InputOptions>) =>
      parse('%p %o %e %x %y %d %v\\n', options, '3 17 0 -1 -1 1700000000000 v\n')[0];
    expect(read({})).toMatchObject({ partition: 3, timestamp: 1_700_000_000_000, value: b('v') });
    expect(read({ partition: 1, timestamp: 5 })).toMatchObject({ partition: 1, timestamp: 5 });
    expect(summary(parse('%p %v\\n', {}, '-1 a\n9999999999 b\n2 c\n'))).toEqual([
      '1 !INVALID_INPUT line 1: %p is -1, which is no partition',
      '2 !INVALID_INPUT line 2: %p is 9999999999, which is no partition',
      "3 null='c'",
    ]);
  });

  it('refuses a time before 1970 as Kafka’s producer does, unless a flag says another', () => {
    const before = Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0);
    expect(parse('%d{big64}%V{byte}%v', {}, before)).toMatchObject([
      { line: 1, refused: { code: 'INVALID_TIMESTAMP', message: expect.stringContaining('-2 ms') } },
      { line: 2, timestamp: 5 },
    ]);
    expect(parse('%d %v\\n', {}, '-1 a\n0 b\n')).toMatchObject([
      { refused: { code: 'INVALID_TIMESTAMP' } },
      { timestamp: 0 },
    ]);
    expect(parse('%d %v\\n', { timestamp: 7 }, '-1 a\n')).toMatchObject([{ timestamp: 7 }]);
  });

  it('starts anew with each FILE, even after one that could not be read (N5)', () => {
    const sink = new Collector();
    const parser = openInput('%V{hex8}%v', PLAIN, sink);
    for (const file of ['01a', 'zz..', '02bc', '05d', '01e']) {
      parser.push(b(file));
      parser.end();
    }
    expect(summary(sink.got).map((line) => line.slice(0, 16))).toEqual([
      "1 null='a'",
      '2 !INVALID_INPUT',
      "3 null='bc'",
      '4 !INVALID_INPUT',
      "5 null='e'",
    ]);
  });

  it('lets an endless field go by in bounded memory (N4)', () => {
    for (const [template, head, tail] of [
      ['%V{big64}%v', Buffer.from('0000000004000000', 'hex'), ''],
      ['%k\\n%v\\n', b(''), '\nv\n'],
      ['%k %v\\n', b(''), '\n'],
    ] as const) {
      const sink = new Collector();
      const parser = openInput(template, { ...PLAIN, maxRecordBytes: 1000 }, sink);
      const chunk = Buffer.alloc(1 << 20, 0x78);
      const before = process.memoryUsage().arrayBuffers;
      parser.push(head);
      for (let i = 0; i < 64; i++) parser.push(chunk);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 << 20);
      parser.push(b(tail));
      parser.end();
      expect(sink.got.map(({ refused }) => refused?.code)).toEqual(['MESSAGE_TOO_LARGE']);
    }
  });

  it('warns of carriage returns as lines do', () => {
    const parser = openInput('%k %v\\n', PLAIN, new Collector());
    parser.push(b('a b\r\nc d\r\n'));
    expect(parser.warnsCarriageReturns).toBe(true);
  });
});

describe('what is printed and read again (T3)', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const header = fc.record({ name: bytes, value: bytes });
  const records = fc.array(
    fc.record({ key: bytes, value: bytes, headers: fc.array(header, { maxLength: 3 }), timestamp: fc.nat() }),
    { maxLength: 5 },
  );
  const same = (got: readonly Collected[], given: readonly object[]) => {
    expect(got).toEqual(given.map((record, i) => ({ line: i + 1, partition: 0, ...record })));
  };

  it.each([
    '%K{big32}%V{little16}%H{byte}%d{big64}%p{hex32}%k%v%h{%K{hex8}%V{hex64}%k%v}',
    '%K %V %H %d %p %k%v%h{%K,%V,%k%v}\\n',
    '%K{hex16}%k%V{big16}%v%p{byte}%d{hex64}%H{little64}%h{%K{big8}%k%V{little8}%v;};;',
  ])('%s', (template) => {
    fc.assert(
      fc.property(records, fc.array(fc.nat(400), { maxLength: 4 }), (given, cuts) => {
        same(parse(template, {}, ...cutAt(print(template, given), cuts)), given);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '%k{hex} %v{base64} %d %p %H %h{%k{hex}=%v{base64raw},}\\n',
    '%d:%p:%H:%h{%k{base64}|%v{hex}|}%k{base64raw}:%v{hex}\\n',
  ])('%s', (template) => {
    fc.assert(
      fc.property(records, (given) => {
        same(parse(template, {}, print(template, given)), given);
      }),
    );
  });

  it('keeps nulls apart where a text is named for them', () => {
    const three = [null, b(''), b('null')];
    const given = three.flatMap((key) => three.map((value) => ({ key, value, headers: [{ name: b('h'), value }] })));
    for (const template of ['%K{byte}%V{byte}%k%v%H{byte}%h{%K{byte}%k%V{byte}%v}', '%k:%v:%H:%h{%k=%v,}\\n']) {
      const options = { nullValue: b('NIL') };
      const got = parse(template, options, print(template, given, options));
      expect(got.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(given);
    }
  });

  it('keeps all 256 byte values', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    for (const template of ['%K{big16}%V{big16}%k%v', '%k{hex}\\t%v{base64}\\n']) {
      expect(parse(template, {}, print(template, [{ key: all, value: all }]))).toEqual([
        { line: 1, key: all, value: all, headers: [] },
      ]);
    }
  });
});

describe('%t, where no topic is named', () => {
  const read = (template: string, input: string | Buffer) =>
    parse(template, { topic: null }, input).map(({ topic, value, refused }) =>
      refused ? refused.message : `${topic}=${value}`,
    );

  it.each([
    ['%t %v\\n', 'a x\nb.c y z\n v\n', ['a=x', 'b.c=y z', '=v']],
    ['%v@%t\\n', 'x@a\ny\n', ['a=x', "line 2: there is no '@' after %v"]],
    ['%T{4}%V{2}%t%v', 'leftx1righ', ['left=x1', 'record 2: the input ends inside %v; nothing after it can be read']],
    ['%T{byte}%t%v\\n', '\x01ax\n\x02bby\n', ['a=x', 'bb=y']],
    ['%t{hex} %v\\n', '6162 x\n6 y\n', ['ab=x', "line 2: %t is not hex: '6'"]],
    ['%t{base64} %v\\n', 'YWI= x\n', ['ab=x']],
    ['%t{re[[a-z]+]}%v\\n', 'ab12\n', ['ab=12']],
    ['%t %v\\n', Buffer.from('\xff x\nb y\n', 'latin1'), ["line 1: %t is no topic's name: '\ufffd'", 'b=y']],
    ['%t %v\\n', `${'n'.repeat(250)} x\n`, [`line 1: %t is no topic's name: '${'n'.repeat(24)}…'`]],
  ] as const)('%j reads %j', (template, input, expected) => {
    expect(read(template, input)).toEqual(expected);
  });

  it('a line that is too long is too long for any topic', () => {
    expect(parse('%t %v\\n', { topic: null, maxRecordBytes: 2 }, 'a xyz\n')[0]?.refused?.message).toBe(
      "3 bytes, over any topic's max.message.bytes of 2",
    );
  });

  it.each([
    ['%t{json} %v\\n', "'%t{json} %v\\n', character 3: %t cannot be read as 'json'"],
    ['%t %T %v\\n', "'%t %T %v\\n', character 4: the size %T must come before %t"],
    ['%T{4}%t{re[a]}%v\\n', "'%T{4}%t{re[a]}%v\\n', character 6: %t has a size, so it cannot have {re}"],
    ['%t%v\\n', "'%t%v\\n', character 1: nothing says where %t ends"],
    ['%H %h{%k=%t }%v\\n', "'%H %h{%k=%t }%v\\n', character 10: a header has %k %v %K and %V, not %t"],
  ])('%s is refused', (template, problem) => {
    expect(() => openInput(template, { ...PLAIN, topic: null }, new Collector())).toThrow(
      expect.objectContaining({ code: 'USAGE', message: problem }),
    );
  });
});

describe('a template that cannot be read (T1, T4)', () => {
  it.each([
    [
      '%t %v\\n',
      "'%t %v\\n', character 1: %t is not for input: the topic is named on the command line, not read from the input",
    ],
    [
      '%T{4}%v\\n',
      "'%T{4}%v\\n', character 1: %T is not for input: the topic is named on the command line, not read from the input",
    ],
    ['%i %v\\n', "'%i %v\\n', character 1: %i is not for input: %i counts what is printed"],
    ['%v %]\\n', "'%v %]\\n', character 4: %] is not for input: the high watermark belongs to the partition"],
    [
      '%a{compression} %v\\n',
      "'%a{compression} %v\\n', character 1: %a is not for input: attributes are the batch’s own and cannot be read from an input",
    ],
    ['%k %q', "'%k %q', character 4: there is no field %q"],
    [
      '%k\\n',
      "'%k\\n', character 1: an input wants %v: a record without a value is a tombstone, and that must be said",
    ],
    ['%k %v', "'%k %v', character 4: nothing says where %v ends"],
    ['%k%v\\n', "'%k%v\\n', character 1: nothing says where %k ends"],
    ['%k %v%p\\n', "'%k %v%p\\n', character 4: nothing says where %v ends"],
    ['%v %v\\n', "'%v %v\\n', character 4: %v is there twice"],
    ['%k %K %v\\n', "'%k %K %v\\n', character 4: the size %K must come before %k"],
    ['%h{%k=%v }%v\\n', "'%h{%k=%v }%v\\n', character 1: the number of headers, %H, must come before %h"],
    ['%H %h{%k=%v}%v\\n', "'%H %h{%k=%v}%v\\n', character 10: nothing says where %v ends"],
    ['%H %h{=%v }%v\\n', "'%H %h{=%v }%v\\n', character 4: a header wants its name, %k"],
    ['%H %h{%k=%o }%v\\n', "'%H %h{%k=%o }%v\\n', character 10: a header has %k %v %K and %V, not %o"],
    ['%V{0}%v\\n', "'%V{0}%v\\n', character 1: %V wants a whole number from 1 on"],
    ['%V{hex}%v\\n', "'%V{hex}%v\\n', character 1: %V cannot be read as 'hex'"],
    ['%d{strftime[%F]} %v\\n', "'%d{strftime[%F]} %v\\n', character 3: {strftime} has no brackets"],
    ['%p{4} %v\\n', "'%p{4} %v\\n', character 1: %p cannot be read as '4'"],
    ['%v{unpack[b]}\\n', "'%v{unpack[b]}\\n', character 3: %v cannot be read as 'unpack'"],
    ['%v{big32}\\n', "'%v{big32}\\n', character 3: %v cannot be read as 'big32'"],
    ['%v{re}\\n', "'%v{re}\\n', character 3: {re} wants something in brackets: {re[…]}"],
    ['%V{4}%v{re[a]}\\n', "'%V{4}%v{re[a]}\\n', character 6: %v has a size, so it cannot have {re}"],
    [
      '%k{re[a+]}\\n%v\\n',
      "'%k{re[a+]}\\n%v\\n', character 1: {re[…]} is for templates whose records end in a delimiter that occurs nowhere else in them",
    ],
    ['%V{4}%v{json}', "'%V{4}%v{json}', character 6: %v has a size, so it cannot have {json}"],
  ])('%s', (template, problem) => {
    expect(() => openInput(template, PLAIN, new Collector())).toThrow(
      expect.objectContaining({ code: 'USAGE', message: problem }),
    );
  });

  it('says so of a regular expression that is none', () => {
    expect(() => openInput('%v{re[(]}\\n', PLAIN, new Collector())).toThrow(
      /^'%v\{re\[\(\]\}\\n', character 1: not a regular expression: /,
    );
  });
});
