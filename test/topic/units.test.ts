import { expect, it } from 'vitest';
import { parseDuration, parseSize } from '../../src/topic/units.ts';

it.each([
  ['0ms', 0],
  ['500ms', 500],
  ['90s', 90_000],
  ['5m', 300_000],
  ['5min', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['1d12h30m', 131_400_000],
  ['0.5s', 500],
  ['2.3s', 2300],
])('%s lasts %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

it.each([
  '',
  '7',
  'd',
  '7D',
  '7 d',
  '-7d',
  '7d ',
  '7days',
  '1h30',
  '1.h',
  '0.5ms',
  '99999999999999w',
  '7d!',
  '1d,2h',
  '30m1h',
  '1s1s',
])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined());

it.each([
  ['0B', 0],
  ['512b', 512],
  ['1kB', 1000],
  ['1KB', 1000],
  ['1K', 1024],
  ['1KiB', 1024],
  ['1.5MB', 1_500_000],
  ['1 GB', 1_000_000_000],
  ['2G', 2_147_483_648],
  ['1TiB', 1_099_511_627_776],
  ['4.1kB', 4100],
])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

it.each(['', '7', 'GB', '-1GB', '1XB', '1 G B', '0.5B', '1GBs', '99999999999TB', '1e3B'])('%j is no size', (text) =>
  expect(parseSize(text)).toBeUndefined(),
);
