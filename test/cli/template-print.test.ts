import { describe, expect, it } from 'vitest';
import { OutputBuffer, openOutput } from '../../src/cli/output/index.ts';
import { setBaseOffset, setLeaderEpoch } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { OPTIONS, printBatch, type TestRecord } from './output-print.ts';

const b = (text: string) => Buffer.from(text, 'latin1');
const TIME = Date.UTC(2026, 10, 21, 9, 4, 5, 31);
const RECORD: TestRecord = {
  key: b('key'),
  value: b('\x00\xff~'),
  headers: [
    { name: b('a'), value: b('1') },
    { name: b('a'), value: null },
  ],
};

/** What a template prints of records from offset 300 on, written by producer 7 in epoch 2, under leader epoch 5. */
function print(template: string, records: readonly TestRecord[] = [RECORD], nullValue: Buffer | null = null): string {
  const printer = openOutput(template, { ...OPTIONS, nullValue });
  const builder = new BatchBuilder({ codec: 'gzip' });
  for (const { key = null, value = null, headers = [], timestamp = TIME } of records)
    builder.append(key, value, headers, timestamp);
  const blob = builder.finish({ producerId: 7, producerEpoch: 2, baseSequence: 0, transactional: true });
  setBaseOffset(blob, 300);
  setLeaderEpoch(blob, 5);
  const out = new OutputBuffer(1);
  printBatch(blob, (place, cursor) => printer.write(place, cursor, out), { partition: 4 });
  return out.view().toString('latin1');
}

describe('a template in print', () => {
  it.each([
    ['%t %k %v', 'orders key \x00\xff~'],
    ['%T %K %V %H', '6 3 3 2'],
    ['%p %o %e %d %x %y', `4 300 5 ${TIME} 7 2`],
    ['%[ %| %]', '1 800 900'],
    ['%h{%k=%v;}', 'a=1;a=;'],
    ['%h{ %K%{%V%}}', ' 1{1} 1{0}'],
    ['%h{%k{hex}={%v{base64}}}', '61={MQ==}61={}'],
    ['{"k":"%k"}', '{"k":"key"}'],
    ['%%%{%}\\t\\n\\r\\\\\\0\\x41', '%{}\t\n\r\\\0A'],
    ['%t{hex} %k{base64} %v{base64raw} %k{base64raw}', '6f7264657273 a2V5 AP9+ a2V5'],
    ['%v{base64} %v{hex}', 'AP9+ 00ff7e'],
    ['%o{ascii}', '300'],
    ['%o{hex64} %o{hex32} %o{hex16} %o{hex8} %o{hex4} %o{hex}', '000000000000012c 0000012c 012c 2c c 12c'],
    ['%o{big64}', '\0\0\0\0\0\0\x01\x2c'],
    ['%o{big32}%o{big16}%o{big8}%o{byte}', '\0\0\x01\x2c\x01\x2c\x2c\x2c'],
    ['%o{little64}', '\x2c\x01\0\0\0\0\0\0'],
    ['%o{little32}%o{little16}%o{little8}', '\x2c\x01\0\0\x2c\x01\x2c'],
    ['%o{bool} %p{bool}', 'true true'],
    ['%d{hex64} %d{hex}', `${TIME.toString(16).padStart(16, '0')} ${TIME.toString(16)}`],
    ['%a{compression} %a{compression;number} %a{compression;hex8}', 'gzip 1 01'],
    ['%a{timestamp-type} %a{transactional-bit} %a{control-bit;bool} %a', '0 1 false 17'],
    ['%d{strftime[%F %T]}', '2026-11-21 09:04:05'],
    ['%d{strftime{%a, %d %b %Y}}', 'Sat, 21 Nov 2026'],
    ['%d{go[2006-01-02T15:04:05.000Z07:00]}', '2026-11-21T09:04:05.031Z'],
    ['%d{go##Mon Jan _2 3:04PM MST 06##}', 'Sat Nov 21 9:04AM UTC 26'],
    ['%k→', `key${Buffer.from('→').toString('latin1')}`],
  ])('%j', (template, expected) => {
    expect(print(template)).toBe(expected);
  });

  it('adds no newline of its own and counts (T2)', () => {
    expect(print('%i:%o ', [RECORD, RECORD, RECORD])).toBe('1:300 2:301 3:302 ');
  });

  it('prints null as nothing, or as it is told, with the length of that', () => {
    const record = { key: null, value: null, headers: [{ name: b('h'), value: null }] };
    expect(print('%k|%K|%v|%V|%h{%k=%v,%V}', [record])).toBe('|0||0|h=,0');
    expect(print('%k|%K|%v{hex}|%V|%h{%k=%v,%V}', [record], b('NULL'))).toBe('NULL|4|NULL|4|h=NULL,4');
  });

  it.each([
    ['<bBhH', [0xff, 0xff, 0xfe, 0xff, 0xfe, 0xff], '-1255-265534'],
    ['>hx<h', [0x01, 0x02, 0x01, 0x02], '258 513'],
    ['i', [0xff, 0xff, 0xff, 0xfe], '-2'],
    ['I', [0xff, 0xff, 0xff, 0xfe], '4294967294'],
    ['qx<q', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0], '-1 1'],
    ['Q', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], '18446744073709551615'],
    ['Bc.s$', [1, 0x61, 0x62, 0x63, 0x64], '1abcd'],
    ['B$', [1, 2], '1%!$(1 bytes left)'],
    ['Bi', [1, 2], '1%!i(4 bytes wanted, 1 left)'],
  ])('{unpack[%s]}', (layout, octets, expected) => {
    expect(print(`%v{unpack[${layout}]}`, [{ value: Buffer.from(octets) }])).toBe(expected);
  });

  it('prints negative numbers in two’s complement', () => {
    const template = '%d %d{hex64} %d{hex} %d{big16} %d{hex4}';
    expect(print(template, [{ value: null, timestamp: -2 }])).toBe('-2 fffffffffffffffe fffffffffffffffe \xff\xfe e');
  });

  it('leaves a time that no calendar can say as a number', () => {
    expect(print('%d{strftime[%F]} %d{go[2006]}', [{ value: null, timestamp: 9e15 }])).toBe(
      '9000000000000000 9000000000000000',
    );
  });
});

describe('strftime and Go layouts', () => {
  const at = (iso: string, template: string) => print(template, [{ value: null, timestamp: Date.parse(iso) }]);
  it.each([
    [
      '2026-01-01T00:00:00Z',
      '%a %A %b %B %C %e %g %G %h %I %j %k %l %p %P %u %U %V %w %W %y',
      'Thu Thursday Jan January 20  1 26 2026 Jan 12 001  0 12 AM am 4 00 01 4 00 26',
    ],
    [
      '2027-01-03T13:05:09Z',
      '%c|%D|%r|%R|%s|%x|%X|%z|%Z|%n|%t|%%',
      'Sun Jan  3 13:05:09 2027|01/03/27|01:05:09 PM|13:05|1798981509|01/03/27|13:05:09|+0000|UTC|\n|\t|%',
    ],
    ['2027-01-03T13:05:09Z', '%G-W%V-%u %U %W %j', '2026-W53-7 01 00 003'],
    ['2024-12-31T23:59:59Z', '%G-W%V-%u %U %W %j', '2025-W01-2 52 53 366'],
  ])('%s %s', (iso, layout, expected) => {
    expect(at(iso, `%d{strftime#${layout}#}`)).toBe(expected);
  });

  it.each([
    ['2027-01-03T13:05:09.120Z', 'Monday January 2 2006 002 03 pm', 'Sunday January 3 2027 003 01 pm'],
    [
      '2027-01-03T13:05:09.120Z',
      '15:04:05.999 4:5 1/2 -0700 -07:00 -07 Z0700',
      '13:05:09.12 5:9 1/3 +0000 +00:00 +00 Z',
    ],
    ['2027-01-03T13:05:09.120Z', '05.000000', '09.120000'],
    ['2027-01-03T13:05:09.000Z', '05.999|05,999', '09|09'],
  ])('%s %s', (iso, layout, expected) => {
    expect(at(iso, `%d{go[${layout}]}`)).toBe(expected);
  });
});

describe('a malformed template (T4)', () => {
  it.each([
    ['%k %q', "'%k %q', character 4: there is no field %q"],
    ['abc%', "'abc%', character 4: a % at the end"],
    ['%k\\q', "'%k\\q', character 3: there is no escape '\\q'"],
    ['%k\\', "'%k\\', character 3: there is no escape '\\'"],
    ['%k{hex', "'%k{hex', character 3: this brace is never closed"],
    ['%k{hex base64}', "'%k{hex base64}', character 7: a modifier ends at ' '"],
    ['%k{utf8}', "'%k{utf8}', character 3: %k has no modifier 'utf8'"],
    ['%k{big32}', "'%k{big32}', character 3: %k has no modifier 'big32'"],
    ['%K{hex7}', "'%K{hex7}', character 3: %K has no modifier 'hex7'"],
    ['%K{4}', "'%K{4}', character 3: %K has no modifier '4'"],
    ['%v{json}', "'%v{json}', character 3: %v has no modifier 'json'"],
    ['%v{hex[1]}', "'%v{hex[1]}', character 3: {hex} has no brackets"],
    ['%o{ascii[1]}', "'%o{ascii[1]}', character 3: {ascii} has no brackets"],
    ['%o{ascii;hex}', "'%o{ascii;hex}', character 3: {ascii} is not followed by ';hex'"],
    ['%v{unpack}', "'%v{unpack}', character 3: {unpack} wants something in brackets: {unpack[…]}"],
    ['%v{unpack[<z]}', "'%v{unpack[<z]}', character 3: {unpack} does not know 'z'"],
    ['%v{unpack[<b}', "'%v{unpack[<b}', character 10: '[' is never closed"],
    [
      '%d{strftime}',
      "'%d{strftime}', character 3: {strftime} wants a layout in brackets, as in {strftime[%F %T]} or {go[2006-01-02]}",
    ],
    ['%d{strftime[%Q]}', "'%d{strftime[%Q]}', character 3: strftime does not know '%Q'"],
    ['%d{strftime[%]}', "'%d{strftime[%]}', character 3: strftime does not know '%'"],
    ['%d{rfc3339}', "'%d{rfc3339}', character 3: %d has no modifier 'rfc3339'"],
    ['%a{codec}', "'%a{codec}', character 3: %a has no modifier 'codec'"],
    ['%a{compression;roman}', "'%a{compression;roman}', character 3: %a has no modifier 'roman'"],
    ['%h', "'%h', character 1: %h wants braces that say how a header looks, as in %h{%k=%v }"],
    ['%h{%k', "'%h{%k', character 3: this brace is never closed"],
    ['%h{%o}', "'%h{%o}', character 4: a header has %k %v %K and %V, not %o"],
    ['%h{%h{%k}}', "'%h{%h{%k}}', character 4: a header has %k %v %K and %V, not %h"],
  ])('%s', (template, problem) => {
    expect(() => openOutput(template, OPTIONS)).toThrow(expect.objectContaining({ code: 'USAGE', message: problem }));
  });
});
