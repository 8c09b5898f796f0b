import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePosition, parseTime } from '../../src/cli/positions.ts';

const NOW = 1_795_254_012_031;
const local = (...parts: readonly [number, number, number, number?, number?, number?, number?]) =>
  new Date(...(parts as [number, number, number])).getTime();

describe('a position', () => {
  it.each([
    ['start', { at: 'start' }],
    ['end', { at: 'end' }],
    ['0', { at: 'offset', offset: 0 }],
    ['42', { at: 'offset', offset: 42 }],
    ['9007199254740991', { at: 'offset', offset: Number.MAX_SAFE_INTEGER }],
    ['-5', { at: 'before-end', count: 5 }],
    ['-0', { at: 'before-end', count: 0 }],
    ['+5', { at: 'after-start', count: 5 }],
    ['@0', { at: 'time', timestamp: 0 }],
    ['@1795254012031', { at: 'time', timestamp: 1_795_254_012_031 }],
    ['@-1h', { at: 'time', timestamp: NOW - 3_600_000 }],
    ['@2026-11-21T09:40:12.031Z', { at: 'time', timestamp: Date.UTC(2026, 10, 21, 9, 40, 12, 31) }],
  ])('%s', (text, expected) => {
    expect(parsePosition(text, NOW)).toEqual(expected);
  });

  it.each([
    ['', "'' is no position"],
    ['soon', "'soon' is no position"],
    ['earliest', "'earliest' is no position: it is 'start' here"],
    ['beginning', "'beginning' is no position: it is 'start' here"],
    ['latest', "'latest' is no position: it is 'end' here"],
    ['1.5', "'1.5' is no position"],
    ['--5', "'--5' is no position"],
    ['9007199254740992', "'9007199254740992' is no position: it is larger than any offset"],
    ['2026-11-21', "'2026-11-21' is no position: a time wants an @ in front"],
    ['-1h', "'-1h' is no position: a time wants an @ in front"],
    ['constructor', "'constructor' is no position"],
  ])('%j is wrong usage', (text, message) => {
    expect(() => parsePosition(text, NOW)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message,
        hint: 'a position is start, end, N, -N (N before the end), +N (N after the start) or @TIME',
      }),
    );
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-21', local(2026, 10, 21)],
    ['2026-11-21T09:40', local(2026, 10, 21, 9, 40)],
    ['2026-11-21 09:40:12', local(2026, 10, 21, 9, 40, 12)],
    ['2026-11-21t09:40:12.5', local(2026, 10, 21, 9, 40, 12, 500)],
    ['2026-11-21T09:40:12,0319999', local(2026, 10, 21, 9, 40, 12, 31)],
    ['2026-11-21T09:40:12Z', Date.UTC(2026, 10, 21, 9, 40, 12)],
    ['2026-11-21T09:40z', Date.UTC(2026, 10, 21, 9, 40)],
    ['2026-11-21T09:40+01:00', Date.UTC(2026, 10, 21, 8, 40)],
    ['2026-11-21T09:40:12.001-0530', Date.UTC(2026, 10, 21, 15, 10, 12, 1)],
    ['2026-11-21T00:00+02', Date.UTC(2026, 10, 20, 22)],
    ['2024-02-29T00:00Z', Date.UTC(2024, 1, 29)],
    ['0001-01-01T00:00Z', -62_135_596_800_000],
    ['0', 0],
    ['123', 123],
    ['17952540120310', 17_952_540_120_310],
    ['-90s', NOW - 90_000],
    ['-1h30m', NOW - 5_400_000],
    ['-0s', NOW],
  ])('%s', (text, expected) => {
    expect(parseTime(text, NOW)).toBe(expected);
  });

  it('is what Date says of the same ISO 8601 text', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          const iso = date.toISOString();
          expect(parseTime(iso, NOW)).toBe(date.getTime());
          const withoutZone = iso.slice(0, -1);
          if (date.getFullYear() >= 1000) expect(parseTime(withoutZone, NOW)).toBe(new Date(withoutZone).getTime());
        },
      ),
    );
  });

  it.each([
    ['', "'' is no time"],
    ['yesterday', "'yesterday' is no time"],
    ['2026-13-01', "'2026-13-01' is no time: there is no month 13"],
    ['2026-00-01', "'2026-00-01' is no time: there is no day 2026-00-01"],
    ['2026-02-29', "'2026-02-29' is no time: there is no day 2026-02-29"],
    ['2026-11-21T24:00', "'2026-11-21T24:00' is no time: there is no hour 24"],
    ['2026-11-21T09:60', "'2026-11-21T09:60' is no time: there is no minute 60"],
    ['2026-11-21T09:40:60', "'2026-11-21T09:40:60' is no time: there is no second 60"],
    ['2026-11-21T09:40+25:00', "'2026-11-21T09:40+25:00' is no time: there is no zone +25:00"],
    ['2026-11-21T9:40', "'2026-11-21T9:40' is no time"],
    ['2026-11-21T09', "'2026-11-21T09' is no time"],
    ['2026-1-2', "'2026-1-2' is no time"],
    ['1795254012', "'1795254012' is no time: ten digits are seconds; in milliseconds it is 1795254012000"],
    ['99999999999999999999', "'99999999999999999999' is no time: it has too many digits"],
    ['-5', "'-5' is no time: '5' is no duration: 5 has no unit"],
    ['-soon', "'-soon' is no time: 'soon' is no duration: it is not made of numbers and units"],
    ['+1h', "'+1h' is no time"],
  ])('%j is wrong usage', (text, message) => {
    expect(() => parseTime(text, NOW)).toThrow(
      expect.objectContaining({ code: 'USAGE', message, hint: expect.stringContaining('2026-11-21T09:40:12.031Z') }),
    );
  });
});
