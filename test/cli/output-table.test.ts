import { describe, expect, it } from 'vitest';
import { OutputBuffer, type OutputOptions, openOutput } from '../../src/cli/output/index.ts';
import { cutText, textWidth } from '../../src/cli/output/text-width.ts';
import { visibleText } from '../../src/cli/output/visible-text.ts';
import { print, type TestRecord } from './output-print.ts';

const b = (text: string) => Buffer.from(text);
const NOW = new Date(2026, 10, 21, 9, 40, 12, 31).getTime();
const YESTERDAY = new Date(2026, 10, 20, 23, 59, 59, 999).getTime();
const TERMINAL = { terminal: { isTTY: true, columns: 80 }, now: NOW };

const table = (records: readonly TestRecord[], options: Partial<OutputOptions> = TERMINAL, base = 0) =>
  print(
    'table',
    records.map((record) => ({ timestamp: NOW, ...record })),
    options,
    base,
  ).toString();

describe('a table on a terminal', () => {
  it('is aligned, as wide as it needs to be', () => {
    const got = table([
      { key: b('alice'), value: b('{"id":1}') },
      { key: null, value: b('{"id":2}') },
    ]);
    expect(got).toBe(` P  OFFSET  TIME          KEY    VALUE
 0       0  09:40:12.031  alice  {"id":1}
 0       1  09:40:12.031  –      {"id":2}
`);
  });

  it('has a column for the topic when several come', () => {
    expect(
      table([{ key: b('k'), value: b('v') }], { ...TERMINAL, manyTopics: true }),
    ).toBe(`TOPIC    P  OFFSET  TIME          KEY  VALUE
orders   0       0  09:40:12.031  k    v
`);
  });

  it('says the date when it is not today’s, and nothing where there is no time', () => {
    expect(
      table([{ timestamp: YESTERDAY }, { timestamp: -1 }, {}])
        .split('\n')
        .slice(1, 4),
    ).toEqual([
      ' 0       0  2026-11-20 23:59:59.999  –    –',
      ' 0       1  –                        –    –',
      ' 0       2  09:40:12.031             –    –',
    ]);
  });

  it('fits: the value is cut first, a long key to a third', () => {
    for (const columns of [30, 40, 60, 80, 200]) {
      const long = { key: b('k'.repeat(90)), value: b('v'.repeat(300)) };
      const lines = table(
        [long, { key: b('k'), value: b('日本語'.repeat(80)) }],
        { ...TERMINAL, terminal: { isTTY: true, columns } },
        123_456,
      )
        .trimEnd()
        .split('\n');
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines[1]).toMatch(/k… {2,}v+…$/);
      expect(lines[2]).toMatch(/(日|本|語)…$/);
    }
  });

  it('lets the least needed columns go on a narrow one', () => {
    const head = (columns: number) =>
      table([{ key: b('key'), value: b('v'.repeat(99)) }], { ...TERMINAL, terminal: { isTTY: true, columns } })
        .split('\n')[0]
        ?.trim()
        .split(/ +/);
    expect(head(60)).toEqual(['P', 'OFFSET', 'TIME', 'KEY', 'VALUE']);
    expect(head(40)).toEqual(['P', 'OFFSET', 'KEY', 'VALUE']);
    expect(head(34)).toEqual(['OFFSET', 'KEY', 'VALUE']);
    expect(head(30)).toEqual(['KEY', 'VALUE']);
    expect(head(1)).toEqual(['KEY', 'VALUE'].map((name) => expect.stringMatching(new RegExp(`^(${name}|…)$`))));
  });

  it('holds rows back only until it is flushed, and its columns never shrink (O4)', () => {
    const printer = openOutput('table', { delimiter: b('\n'), manyTopics: false, ...TERMINAL });
    const out = new OutputBuffer();
    const header = {
      timestampType: 'CreateTime',
      attributes: 0,
      codec: 'none',
      producerId: -1,
      producerEpoch: -1,
      leaderEpoch: 0,
    } as const;
    const place = { topic: 't', partition: 0, header, logStart: 0, highWatermark: 0, lastStable: 0 };
    const row = (key: string) => ({
      bytes: b(key),
      offset: 0,
      timestamp: NOW,
      keyStart: 0,
      keyLength: key.length,
      valueStart: 0,
      valueLength: 0,
      headerCount: 0,
      headers: () => [],
    });
    printer.write(place, row('longer'), out);
    expect(out.length).toBe(0);
    printer.flush(out);
    printer.write(place, row('a'), out);
    printer.flush(out);
    printer.flush(out);
    printer.end(out);
    expect(out.view().toString()).toBe(` P  OFFSET  TIME          KEY     VALUE
 0       0  09:40:12.031  longer  ""
 0       0  09:40:12.031  a       ""
`);
  });

  it('prints nothing when there is nothing', () => {
    expect(table([])).toBe('');
  });
});

describe('a table in a pipe', () => {
  it('has tabs, the whole time and the whole value (O3)', () => {
    const long = 'v'.repeat(500);
    expect(
      table(
        [
          { key: b('a\tb\n'), value: b(long) },
          { timestamp: YESTERDAY, value: b('') },
        ],
        { now: NOW },
      ),
    ).toBe(
      `P\tOFFSET\tTIME\tKEY\tVALUE\n0\t0\t2026-11-21 09:40:12.031\ta\\tb\\n\t${long}\n0\t1\t2026-11-20 23:59:59.999\t–\t""\n`,
    );
  });
});

describe('visible text', () => {
  it.each([
    [b('null'), 'null'],
    [b(''), '""'],
    [null, '–'],
    [b('a\tb\r\n\0\x1b[31m\x7f'), 'a\\tb\\r\\n\\x00\\x1b[31m\\x7f'],
    [b('é日😀'), 'é日😀'],
    [b('\u0085\u202e\u2028\ufeff'), '\\x85\\u202e\\u2028\\ufeff'],
    [Buffer.of(0x61, 0xff, 0x0a, 0xe2), 'a\\xff\\n\\xe2'],
  ])('%j is %s', (bytes, expected) => {
    expect(visibleText(bytes)).toBe(expected);
  });

  it('is one line of what a terminal shows, for every byte', () => {
    for (let byte = 0; byte < 256; byte++) expect(visibleText(Buffer.of(byte))).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('text width', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['–', 1],
  ])('%s takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['abc', 1, '…'],
  ])('%s cut to %i is %s', (text, width, expected) => {
    expect(cutText(text, width)).toBe(expected);
  });
});
