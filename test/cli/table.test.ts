import { describe, expect, it } from 'vitest';
import { type Column, table } from '../../src/cli/table.ts';

interface Row {
  topic: string;
  records: number;
  kept: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'TOPIC', value: (row) => row.topic },
  { title: 'RECORDS', align: 'right', value: (row) => String(row.records), drop: 2 },
  {
    title: 'KEPT',
    value: (row) => row.kept,
    drop: 1,
    paint: (row, { red }) => (row.kept === 'gone' ? red : undefined),
  },
];
const ROWS: readonly Row[] = [
  { topic: 'commits', records: 1204, kept: 'for ever' },
  { topic: 'or\tde\nrs\x1b[2J', records: 2, kept: '1 h' },
];

const terminal = (columns: number, env = {}) => ({ writer: { isTTY: true, columns }, env: { NO_COLOR: '1', ...env } });
const pipe = { writer: { isTTY: false, columns: undefined }, env: {} };

describe('in a pipe', () => {
  it('separates by tabs, keeps the heads, cuts nothing, and one row stays one line', async () => {
    expect(await table(ROWS, COLUMNS, pipe)).toBe(
      'TOPIC\tRECORDS\tKEPT\ncommits\t1204\tfor ever\nor\\tde\\nrs\\x1b[2J\t2\t1 h\n',
    );
  });

  it('never colours without being forced', async () => {
    expect(await table([{ topic: 'a', records: 1, kept: 'gone' }], COLUMNS, pipe)).not.toContain('\x1b');
  });

  it('prints the heads alone when there is nothing', async () => {
    expect(await table([], COLUMNS, pipe)).toBe('TOPIC\tRECORDS\tKEPT\n');
  });
});

describe('on a terminal', () => {
  it('aligns, numbers to the right', async () => {
    expect(await table(ROWS, COLUMNS, terminal(80))).toBe(
      [
        'TOPIC              RECORDS  KEPT',
        'commits               1204  for ever',
        'or\\tde\\nrs\\x1b[2J        2  1 h',
        '',
      ].join('\n'),
    );
  });

  it('lets the least needed columns go first', async () => {
    expect(await table(ROWS, COLUMNS, terminal(30))).toMatch(/^TOPIC +RECORDS\n/);
    expect(await table(ROWS, COLUMNS, terminal(20))).toMatch(/^TOPIC\n/);
  });

  it('then cuts the widest text, never a number', async () => {
    const columns = COLUMNS.map(({ drop: _, ...column }) => column);
    const lines = (
      await table([{ topic: 'x'.repeat(60), records: 123456789, kept: 'for ever' }], columns, terminal(40))
    ).split('\n');
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines[1]).toMatch(/^x+… {2}123456789 {2}for ever$/);
  });

  it('counts wide characters twice and colours not at all', async () => {
    const rows = [
      { topic: '注文', records: 1, kept: 'gone' },
      { topic: 'abcd', records: 2, kept: 'gone' },
    ];
    expect(await table(rows, COLUMNS, terminal(80, { FORCE_COLOR: '1' }))).toBe(
      'TOPIC  RECORDS  KEPT\n注文         1  \x1b[31mgone\x1b[39m\nabcd         2  \x1b[31mgone\x1b[39m\n',
    );
  });
});
