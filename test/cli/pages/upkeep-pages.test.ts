import { describe, expect, it } from 'vitest';
import { checkPage, checkProblem, salvagePage } from '../../../src/cli/pages/check.ts';
import { retainedLine, retentionPage } from '../../../src/cli/pages/retention.ts';
import type { CheckReport, RetentionRow, SalvageReport } from '../../../src/client/cluster.ts';
import { memoryIo } from '../memory-io.ts';

const terminal = memoryIo({ tty: true, env: { HOME: '/home/me' } }).io;

describe('retention', () => {
  const rows: readonly RetentionRow[] = [
    {
      topic: 'orders',
      partition: 0,
      why: 'time',
      limit: 3_600_000,
      start: 0,
      newStart: 812,
      records: 812,
      bytes: 96_000,
    },
    {
      topic: 'orders',
      partition: 0,
      why: 'size',
      limit: 1_000_000_000,
      start: 812,
      newStart: 1_212_812,
      records: 1_212_000,
      bytes: 5_000_000,
    },
    {
      topic: 'users',
      partition: 0,
      why: 'compaction',
      limit: null,
      start: 0,
      newStart: 0,
      records: 4031,
      bytes: 1_200_000,
    },
    { topic: 'users', partition: 0, why: 'tombstone', limit: null, start: 0, newStart: 0, records: 1, bytes: 70 },
  ];

  it('says why, which offsets, how much', async () => {
    expect(await retentionPage(rows, terminal)).toBe(
      [
        'TOPIC   PARTITION  WHY                                OFFSETS    RECORDS   FREES',
        'orders          0  older than 1 h                     0 – 811        812   96 kB',
        'orders          0  over 1 GB                  812 – 1 212 811  1 212 000    5 MB',
        'users           0  a newer value of its key                 –      4 031  1.2 MB',
        'users           0  a tombstone past its time                –          1    70 B',
        '',
      ].join('\n'),
    );
  });

  it('sums up in a line', () => {
    expect(retainedLine(rows)).toBe('1 216 844 records (6.3 MB) let go, in 2 partitions');
    expect(retainedLine([])).toBe('nothing to let go of');
  });
});

describe('check', () => {
  const report: CheckReport = { path: '/home/me/.beck/beck.db', batches: 1, records: 1200, bytes: 1e6, problems: [] };
  const problems = ['orders 0 at 3: the batch ends \u001b[31mearly', 'b'].map((what) => ({
    what,
    topic: null,
    partition: null,
    offset: null,
  }));

  it('tells what was read, or each problem in a line that no terminal obeys', () => {
    expect(checkPage(report, terminal)).toBe(
      '~/.beck/beck.db is in order: 1 batch, 1 200 records, 1 MB, every byte read',
    );
    const page = checkPage({ ...report, problems }, terminal);
    expect(page.split('\n')).toHaveLength(2);
    expect(page).not.toContain('\u001b');
    expect(checkProblem({ ...report, problems }, terminal)).toBe('~/.beck/beck.db has 2 problems');
  });
});

describe('salvage', () => {
  const report: SalvageReport = { path: '/home/me/rescued', topics: 2, records: 54, gaps: [], unread: [] };

  it('tells what was copied and which offsets were not', async () => {
    expect(await salvagePage(report, terminal)).toBe('~/rescued: 2 topics, 54 records salvaged; nothing is missing\n');
    expect(
      await salvagePage({ ...report, gaps: [{ topic: 'orders', partition: 1, from: 4, until: 8 }] }, terminal),
    ).toBe(
      '~/rescued: 2 topics, 54 records salvaged; 4 offsets could not be read\n\nTOPIC   PARTITION  LOST OFFSETS\norders          1         4 – 7\n',
    );
    expect(await salvagePage({ ...report, unread: ['partition', 'topic'] }, terminal)).toBe(
      '~/rescued: 2 topics, 54 records salvaged; what else there was is not known, since part of partition, topic could not be read\n',
    );
  });
});
