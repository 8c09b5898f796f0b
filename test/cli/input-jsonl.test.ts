import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAt, parse, summary } from './input-collector.ts';

const b = (text: string) => Buffer.from(text);

describe('JSONL in', () => {
  it('reads every field', () => {
    const line =
      '{"topic":"a","partition":3,"offset":9,"timestamp":12,"timestampType":"LogAppendTime","key":"k","value":{"base64":"/wA="},"headers":[["h","1"],["h",null],[{"base64":"gIE="},""]]}';
    expect(parse('jsonl', {}, line)).toEqual([
      {
        line: 1,
        key: b('k'),
        value: Buffer.of(0xff, 0),
        headers: [
          { name: b('h'), value: b('1') },
          { name: b('h'), value: null },
          { name: Buffer.of(0x80, 0x81), value: b('') },
        ],
        timestamp: 12,
        partition: 3,
      },
    ]);
  });

  it('refuses a time before 1970 as Kafka’s producer does, unless a flag says another', () => {
    const input = '{"value":"v","timestamp":-1}\n{"value":"w","timestamp":0}';
    expect(parse('jsonl', {}, input)).toMatchObject([
      { line: 1, refused: { code: 'INVALID_TIMESTAMP', message: expect.stringContaining('-1 ms') } },
      { line: 2, timestamp: 0 },
    ]);
    expect(parse('jsonl', { timestamp: 7 }, input).map(({ timestamp }) => timestamp)).toEqual([7, 7]);
  });

  it('lets a flag win over partition and timestamp', () => {
    const got = parse(
      'jsonl',
      { partition: 0, timestamp: 5 },
      '{"value":"v","partition":3,"timestamp":12}\n{"value":"w"}',
    );
    expect(got.map(({ partition, timestamp }) => [partition, timestamp])).toEqual([
      [0, 5],
      [0, 5],
    ]);
  });

  it('has a null key and no headers where none are said', () => {
    expect(parse('jsonl', {}, '{"value":null}')).toEqual([{ line: 1, key: null, value: null, headers: [] }]);
  });

  it('passes over blank lines and counts them', () => {
    expect(summary(parse('jsonl', {}, '\n{"value":"a"}\r\n \t\n{"value":"b"}\n\n'))).toEqual([
      "2 null='a'",
      "4 null='b'",
    ]);
  });

  it('honours another delimiter, so that a record may have newlines between its fields', () => {
    expect(summary(parse('jsonl', { delimiter: Buffer.of(0) }, '{\n"value":"a"}\0{"value":"b"}\0'))).toEqual([
      "1 null='a'",
      "2 null='b'",
    ]);
  });

  it('skips so many lines, even those that are no records', () => {
    expect(summary(parse('jsonl', { skip: 2 }, 'oops\n{"value":"a"}\n{"value":"b"}\noops'))).toEqual([
      "3 null='b'",
      expect.stringContaining('4 !INVALID_INPUT line 4: not JSON'),
    ]);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['\ufeff{"value":"a"}', 'the line begins with a byte order mark, which JSON does not have'],
    ['null', 'a record is a JSON object, not null'],
    ['[1,2]', 'a record is a JSON object, not an array of 2'],
    ['"v"', "a record is a JSON object, not the string 'v'"],
    ['{}', 'value is missing; a tombstone says "value":null'],
    [
      '{"vaule":"a"}',
      "there is no field 'vaule'; a record has topic, partition, offset, timestamp, timestampType, key, value, headers",
    ],
    [
      '{"value":"a","__proto__":1}',
      "there is no field '__proto__'; a record has topic, partition, offset, timestamp, timestampType, key, value, headers",
    ],
    ['{"value":1}', 'value wants a string, null or {"base64":"…"}, not 1'],
    ['{"value":true}', 'value wants a string, null or {"base64":"…"}, not true'],
    ['{"value":{}}', 'value wants a string, null or {"base64":"…"}, not an object with nothing'],
    ['{"value":{"base64":"","x":1}}', `value wants a string, null or {"base64":"…"}, not an object with 'base64', 'x'`],
    ['{"value":{"base64":1}}', `value wants a string, null or {"base64":"…"}, not an object with 'base64'`],
    ['{"value":["a"]}', 'value wants a string, null or {"base64":"…"}, not an array of 1'],
    ['{"value":{"base64":"AP/"}}', "the base64 of value is not valid: 'AP/' (standard alphabet, padded with =)"],
    ['{"value":{"base64":"AP_-"}}', "the base64 of value is not valid: 'AP_-' (standard alphabet, padded with =)"],
    ['{"value":{"base64":"gIF="}}', "the base64 of value is not valid: 'gIF=' (standard alphabet, padded with =)"],
    ['{"value":"","key":5}', 'key wants a string, null or {"base64":"…"}, not 5'],
    ['{"value":"\\ud800"}', 'value has half of a surrogate pair, which is no character; bytes are {"base64":"…"}'],
    [
      '{"value":"","key":"a\\udc00b"}',
      'key has half of a surrogate pair, which is no character; bytes are {"base64":"…"}',
    ],
    ['{"value":"","topic":1}', 'topic wants a string, not 1'],
    ['{"value":"","topic":null}', 'topic wants a string, not null'],
    ['{"value":"","partition":-1}', 'partition wants a whole number from 0 to 2147483647, not -1'],
    ['{"value":"","partition":2147483648}', 'partition wants a whole number from 0 to 2147483647, not 2147483648'],
    ['{"value":"","partition":"0"}', "partition wants a whole number from 0 to 2147483647, not the string '0'"],
    ['{"value":"","partition":null}', 'partition wants a whole number from 0 to 2147483647, not null'],
    ['{"value":"","offset":1.5}', 'offset wants a whole number from 0 on, not 1.5'],
    ['{"value":"","offset":9007199254740993}', 'offset wants a whole number from 0 on, not 9007199254740992'],
    ['{"value":"","timestamp":1e300}', 'timestamp wants a whole number of milliseconds, not 1e+300'],
    ['{"value":"","timestamp":"now"}', "timestamp wants a whole number of milliseconds, not the string 'now'"],
    [
      '{"value":"","timestampType":"createTime"}',
      `timestampType wants "CreateTime" or "LogAppendTime", not the string 'createTime'`,
    ],
    ['{"value":"","headers":{}}', 'headers wants an array of ["name","value"] pairs, not an object with nothing'],
    ['{"value":"","headers":null}', 'headers wants an array of ["name","value"] pairs, not null'],
    ['{"value":"","headers":[["a"]]}', 'headers[0] wants a ["name","value"] pair, not an array of 1'],
    ['{"value":"","headers":[["a","b"],"c"]}', `headers[1] wants a ["name","value"] pair, not the string 'c'`],
    ['{"value":"","headers":[[null,"b"]]}', 'the name of headers[0] wants a string or {"base64":"…"}, not null'],
    ['{"value":"","headers":[["a",1]]}', 'the value of headers[0] wants a string, null or {"base64":"…"}, not 1'],
    [
      '{"value":"","headers":[["\\udfff","b"]]}',
      'the name of headers[0] has half of a surrogate pair, which is no character; bytes are {"base64":"…"}',
    ],
  ];

  it.each(refused)('refuses %s and keeps its neighbours (N3)', (line, problem) => {
    const got = parse('jsonl', {}, `{"value":"before"}\n${line}\n{"value":"after"}\n`);
    expect(summary(got)).toEqual(["1 null='before'", `2 !INVALID_INPUT line 2: ${problem}`, "3 null='after'"]);
  });

  it.each(['hello', '{"value":"a"', '{"value":"a"} x', "{'value':'a'}", '{"value":undefined}'])(
    'refuses %s, which is not JSON, and shows it',
    (line) => {
      const got = parse('jsonl', {}, `{"value":"before"}\n${line}\n{"value":"after"}\n`);
      expect(got.map(({ refused }) => refused?.code)).toEqual([undefined, 'INVALID_INPUT', undefined]);
      expect(got[1]?.refused?.message).toMatch(/^line 2: not JSON( from character \d+ on)?: /);
      expect(got[1]?.refused?.message.endsWith(`: '${line}'`)).toBe(true);
    },
  );

  it('refuses what is not UTF-8', () => {
    for (const bad of ['\xff', '\xc0\xaf', '\xed\xa0\x80', '\xf5\x80\x80\x80', '\xc3']) {
      const line = Buffer.concat([b('{"value":"'), Buffer.from(bad, 'latin1'), b('"}')]);
      expect(summary(parse('jsonl', {}, line))).toEqual([
        '1 !INVALID_INPUT line 1: the line is not UTF-8; bytes are {"base64":"…"}',
      ]);
    }
  });

  it('takes a byte order mark and pairs of surrogates as the characters they are', () => {
    const [record] = parse('jsonl', {}, '{"value":"\ufeff😀","key":"\\ufeff\\ud83d\\ude00"}');
    expect(record?.value).toEqual(Buffer.from('\ufeff😀'));
    expect(record?.key).toEqual(record?.value);
  });

  it('refuses a line that could hold no record small enough, and keeps its neighbours', () => {
    const long = `{"value":"${'x'.repeat(70_000)}"}`;
    const got = parse('jsonl', { maxRecordBytes: 10 }, `{"value":"a"}\n${long}\n{"value":"b"}`);
    expect(summary(got)).toEqual([
      "1 null='a'",
      `2 !MESSAGE_TOO_LARGE 70 012 bytes, over t's max.message.bytes of 10`,
      "3 null='b'",
    ]);
  });

  it('gives the same records however the bytes are cut (N1)', () => {
    const input = b('{"value":"a→b"}\n\noops\n{"value":null,"key":"😀","partition":1}');
    const whole = parse('jsonl', {}, input);
    fc.assert(
      fc.property(fc.array(fc.nat(input.length), { maxLength: 6 }), (cuts) => {
        expect(summary(parse('jsonl', {}, ...cutAt(input, cuts)))).toEqual(summary(whole));
      }),
    );
  });
});
