import { describe, expect, it } from 'vitest';
import { age, bytes, clockTime, count, dateTime, duration, groupDigits, keptFor } from '../../src/cli/units.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [164, '164 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1234, '1.2 kB'],
    [9949, '9.9 kB'],
    [9951, '10 kB'],
    [148_200, '148 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [4_100_000, '4.1 MB'],
    [2_000_000_000, '2 GB'],
    [5_000_000_000_000_000, '5 000 TB'],
  ])('%d is %s', (n, said) => expect(bytes(n)).toBe(said));
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [4, '4 ms'],
    [1300, '1.3 s'],
    [41_000, '41 s'],
    [59_600, '1 min'],
    [120_000, '2 min'],
    [HOUR, '1 h'],
    [1.5 * HOUR, '1.5 h'],
    [23.9 * HOUR, '1 d'],
    [7 * DAY, '7 d'],
    [3 * 365 * DAY, '3 y'],
    [-5, '0 ms'],
  ])('%d ms is %s', (ms, said) => expect(duration(ms)).toBe(said));

  it('knows what is kept for ever', () => {
    expect(keptFor(-1)).toBe('for ever');
    expect(keptFor(HOUR)).toBe('1 h');
  });

  it('tells the age of what there is, and of nothing', () => {
    expect(age(1000, 13_000)).toBe('12 s');
    expect(age(null, 13_000)).toBe('–');
  });
});

describe('clock times', () => {
  const at = new Date(2026, 10, 21, 9, 40, 12, 31).getTime();

  it('are local', () => {
    expect(clockTime(at)).toBe('09:40:12.031');
    expect(dateTime(at)).toBe('2026-11-21 09:40:12');
  });

  it('stay numbers where no calendar can say them', () => {
    expect(dateTime(9_007_199_254_740_991)).toBe('9 007 199 254 740 991');
    expect(dateTime(null)).toBe('–');
  });
});

it('groups digits and counts things', () => {
  expect(groupDigits(1_048_588)).toBe('1 048 588');
  expect(count(1, 'record')).toBe('1 record');
  expect(count(1204, 'batch', 'batches')).toBe('1 204 batches');
});
