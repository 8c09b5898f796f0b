import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputOptions, openInput, unescape } from '../../src/cli/input/index.ts';
import { LineSplitter } from '../../src/cli/input/line-splitter.ts';
import { BrokerError } from '../../src/errors.ts';
import { Collector, cutAt, PLAIN, parse, summary } from './input-collector.ts';

const b = (text: string) => Buffer.from(text, 'latin1');

describe('lines', () => {
  const cases: readonly (readonly [string, Partial<InputOptions>, string, readonly string[]])[] = [
    ['an empty input is no record', {}, '', []],
    ['one line', {}, 'a\n', ["1 null='a'"]],
    ['the last line may lack its newline', {}, 'a\nb', ["1 null='a'", "2 null='b'"]],
    ['an empty line is an empty value', {}, '\n\na\n', ["1 null=''", "2 null=''", "3 null='a'"]],
    ['a carriage return is a byte', {}, 'a\r\nb\r', ["1 null='a\r'", "2 null='b\r'"]],
    [
      '--crlf takes one of them',
      { crlf: true },
      'a\r\r\nb\n\r\nc\r',
      ["1 null='a\r'", "2 null='b'", "3 null=''", "4 null='c\r'"],
    ],
    ['-D of several bytes', { delimiter: b('--') }, 'a--b---c', ["1 null='a'", "2 null='b'", "3 null='-c'"]],
    ['-0', { delimiter: b('\0') }, 'a\nb\0c\0', ["1 null='a\nb'", "2 null='c'"]],
    [
      '-K takes the first one',
      { keyDelimiter: b(':') },
      'k:v:w\n:v\nk:\n:\n',
      ["1 'k'='v:w'", "2 ''='v'", "3 'k'=''", "4 ''=''"],
    ],
    ['-K of several bytes', { keyDelimiter: b('=>') }, 'k=>v\nk==>v\n=>\n', ["1 'k'='v'", "2 'k='='v'", "3 ''=''"]],
    [
      'a line without -K is refused alone',
      { keyDelimiter: b('\t') },
      'a\tb\nc\n\td\n',
      ["1 'a'='b'", "2 !INVALID_INPUT line 2: there is no '\\t' (-K) between key and value", "3 ''='d'"],
    ],
    [
      '-K does not look into the next line',
      { keyDelimiter: b('ab') },
      'xa\nbab1\n',
      ["1 !INVALID_INPUT line 1: there is no 'ab' (-K) between key and value", "2 'b'='1'"],
    ],
    [
      '--null-value makes null of keys and values',
      { keyDelimiter: b(':'), nullValue: b('NULL') },
      'NULL:NULL\nNULL:\n:NULL\nnull:NULL \n',
      ['1 null=null', "2 null=''", "3 ''=null", "4 'null'='NULL '"],
    ],
    ['--null-value of nothing', { nullValue: b('') }, '\na\n', ['1 null=null', "2 null='a'"]],
    ['--tombstone: the line is the key', { tombstone: true }, 'a\n\n', ["1 'a'=null", "2 ''=null"]],
    ['-k', { key: b('k') }, 'a\nb', ["1 'k'='a'", "2 'k'='b'"]],
    [
      '--skip counts on',
      { skip: 2, keyDelimiter: b(':') },
      'bad\nalso:x\nc:d\nbad',
      ["3 'c'='d'", "4 !INVALID_INPUT line 4: there is no ':' (-K) between key and value"],
    ],
    ['--whole is all of it', { whole: true }, 'a\nb\n', ["1 null='a\nb\n'"]],
    ['--whole of nothing is an empty value', { whole: true }, '', ["1 null=''"]],
    ['--whole with --null-value', { whole: true, nullValue: b('x'), key: b('k') }, 'x', ["1 'k'=null"]],
    [
      'a line that is too long is refused, its neighbours kept',
      { maxRecordBytes: 4 },
      'abcd\nabcde\nab\nabcdefghij',
      [
        "1 null='abcd'",
        "2 !MESSAGE_TOO_LARGE 5 bytes, over t's max.message.bytes of 4",
        "3 null='ab'",
        "4 !MESSAGE_TOO_LARGE 10 bytes, over t's max.message.bytes of 4",
      ],
    ],
    [
      '--whole that is too long',
      { whole: true, maxRecordBytes: 2 },
      'abc',
      ["1 !MESSAGE_TOO_LARGE 3 bytes, over t's max.message.bytes of 2"],
    ],
  ];

  it.each(cases)('%s', (_, options, input, expected) => {
    expect(summary(parse('value', options, b(input)))).toEqual(expected);
  });

  it.each(cases)('%s, cut at every place (N1)', (_, options, input, expected) => {
    for (let at = 0; at <= input.length; at++)
      expect(summary(parse('value', options, ...cutAt(b(input), [at])))).toEqual(expected);
    expect(summary(parse('value', options, ...[...input].map(b)))).toEqual(expected);
  });

  it('gives the same records however the bytes are cut, for any delimiter (N1, N2)', () => {
    const few = fc.array(fc.constantFrom(0x61, 0x62, 0x0a, 0x0d), { maxLength: 60 }).map((bytes) => Buffer.from(bytes));
    const delimiter = fc
      .array(fc.constantFrom(0x61, 0x62, 0x0a), { minLength: 1, maxLength: 4 })
      .map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        few,
        delimiter,
        fc.array(fc.nat(60), { maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        (bytes, delimiter, cuts, maxRecordBytes) => {
          const options = { delimiter, maxRecordBytes };
          const got = summary(parse('value', options, ...cutAt(bytes, cuts)));
          expect(got).toEqual(summary(split(bytes, delimiter, maxRecordBytes)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  /** The same by the plainest means. */
  function split(bytes: Buffer, delimiter: Buffer, most: number) {
    const sink = new Collector();
    const pieces = bytes.toString('latin1').split(delimiter.toString('latin1'));
    if (pieces.at(-1) === '') pieces.pop();
    pieces.forEach((piece, i) => {
      if (piece.length <= most) sink.bytes(b(piece), -1, -1, 0, piece.length, i + 1);
      else sink.refuse(i + 1, new BrokerError('MESSAGE_TOO_LARGE', { bytes: piece.length, topic: 't', limit: most }));
    });
    return sink.got;
  }

  it('keeps all 256 byte values', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const [whole] = parse('value', { whole: true }, all);
    expect(whole?.value).toEqual(all);
    const lines = parse('value', {}, all);
    expect(
      Buffer.concat(lines.flatMap(({ value }, i) => (i === 0 ? [value as Buffer] : [b('\n'), value as Buffer]))),
    ).toEqual(all);
  });

  it('holds no more of an endless line than its delimiter may need (N4)', () => {
    const long: number[] = [];
    const splitter = new LineSplitter({
      delimiter: b('\r\n'),
      crlf: false,
      maxBytes: 1000,
      onLine: () => {},
      onTooLong: (bytes) => long.push(bytes),
    });
    const chunk = Buffer.alloc(1 << 20, 0x78);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 64; i++) splitter.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    splitter.push(b('\r'));
    splitter.push(b('\nshort\r\n'));
    expect(long).toEqual([64 << 20]);
    expect(splitter.line).toBe(2);
  });

  it('adds what the flags say to every record', () => {
    const headers = [{ name: b('h'), value: null }];
    const got = parse('value', { headers, timestamp: 7, partition: 2, keyDelimiter: b(':') }, 'a:b\n:c');
    expect(got).toEqual([
      { line: 1, key: b('a'), value: b('b'), headers, timestamp: 7, partition: 2 },
      { line: 2, key: b(''), value: b('c'), headers, timestamp: 7, partition: 2 },
    ]);
  });

  it('ends a record with its FILE and numbers on (N5)', () => {
    for (const whole of [false, true]) {
      const sink = new Collector();
      const parser = openInput('value', { ...PLAIN, whole }, sink);
      for (const file of ['a', 'b', '', 'c']) {
        parser.push(b(file));
        parser.end();
      }
      expect(summary(sink.got)).toEqual(
        whole ? ["1 null='a'", "2 null='b'", "3 null=''", "4 null='c'"] : ["1 null='a'", "2 null='b'", "3 null='c'"],
      );
    }
  });

  it('needs no input for -k and --tombstone, and gives one record', () => {
    const sink = new Collector();
    const parser = openInput('value', { ...PLAIN, key: b('k'), tombstone: true, timestamp: 5 }, sink);
    expect(parser.needsInput).toBe(false);
    parser.end();
    parser.end();
    expect(sink.got).toEqual([{ line: 1, key: b('k'), value: null, headers: [], timestamp: 5 }]);
  });

  it.each([
    ['a\r\nb\r\n', {}, true],
    ['a\r\nb', {}, true],
    ['a\r\nb\n', {}, false],
    ['a\r', {}, false],
    ['', {}, false],
    ['a\r\n', { crlf: true }, false],
    ['a\r\0', { delimiter: b('\0') }, false],
  ])('warns when every line of %j ended in a carriage return: %j', (input, options, expected) => {
    const parser = openInput('value', { ...PLAIN, ...options }, new Collector());
    for (const byte of input) parser.push(b(byte));
    parser.end();
    expect(parser.warnsCarriageReturns).toBe(expected);
  });
});

describe('flags that do not go together', () => {
  const cases: readonly (readonly [string, Partial<InputOptions>, string])[] = [
    ['jsonl', { key: b('k') }, '-k does not go with -i jsonl'],
    ['jsonl', { keyDelimiter: b(':') }, '-K does not go with -i jsonl'],
    ['jsonl', { headers: [{ name: b('h'), value: null }] }, '-H does not go with -i jsonl'],
    ['jsonl', { nullValue: b('') }, '--null-value does not go with -i jsonl'],
    ['jsonl', { tombstone: true }, '--tombstone does not go with -i jsonl'],
    ['jsonl', { whole: true }, '--whole does not go with -i jsonl'],
    ['%v\\n', { key: b('k') }, "-k does not go with the template '%v\\n'"],
    ['%v\\n', { keyDelimiter: b(':') }, "-K does not go with the template '%v\\n'"],
    ['%v\\n', { headers: [{ name: b('h'), value: null }] }, "-H does not go with the template '%v\\n'"],
    ['%v\\n', { delimiter: b('\0') }, "-D does not go with the template '%v\\n'"],
    ['value', { whole: true, keyDelimiter: b(':') }, '-K does not go with --whole'],
    ['value', { whole: true, tombstone: true }, '--tombstone does not go with --whole'],
    ['value', { key: b('k'), keyDelimiter: b(':') }, '-k and -K both say what the key is'],
    [
      'value',
      { tombstone: true, keyDelimiter: b(':') },
      'with --tombstone each line is a key, so -K has nothing to part',
    ],
    ['value', { delimiter: b('') }, '-D wants at least one byte'],
    ['value', { keyDelimiter: b('') }, '-K wants at least one byte'],
    ['value', { crlf: true, delimiter: b('\0') }, '--crlf is for lines that end in \\n'],
    ['json', {}, "there is no input format 'json'"],
    ['template', {}, "there is no input format 'template'"],
    ['whole', {}, "there is no input format 'whole'"],
  ];
  it.each(cases)('-i %s with %o', (format, options, problem) => {
    expect(() => openInput(format, { ...PLAIN, ...options }, new Collector())).toThrow(
      expect.objectContaining({ code: 'USAGE', message: problem }),
    );
  });
});

describe('unescape', () => {
  it.each([
    ['\\t', '\t'],
    ['\t', '\t'],
    ['a\\nb', 'a\nb'],
    ['\\0\\x00\\xff\\xFe', '\0\0\xff\xfe'],
    ['\\\\t', '\\t'],
    ['=>', '=>'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(unescape(text)).toEqual(b(expected));
  });

  it('takes other characters as their UTF-8', () => {
    expect(unescape('→\\t')).toEqual(Buffer.from('→\t'));
  });

  it.each(['\\q', 'a\\', '\\x1', '\\xzz'])('refuses %j', (text) => {
    expect(() => unescape(text)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`'${text}', character`) }),
    );
  });
});
