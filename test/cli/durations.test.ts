import { describe, expect, it } from 'vitest';
import { parseDuration, parseUnits } from '../../src/cli/durations.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
    ['1w2d3h4m5s6ms', 788_645_006],
    ['1.5s', 1500],
    ['2min', 120_000],
    ['0.25h', 900_000],
    ['0s', 0],
    ['5', 5000],
    ['0.5', 500],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ['', "'' is no duration: it is empty"],
    ['soon', "'soon' is no duration: it is not made of numbers and units"],
    ['-1h', "'-1h' is no duration: it is negative"],
    ['1h30', "'1h30' is no duration: 30 has no unit"],
    ['30m1h', "'30m1h' is no duration: its units go from the largest to the smallest"],
    ['1s1s', "'1s1s' is no duration: its units go from the largest to the smallest"],
    ['1y', "'1y' is no duration: it is not made of numbers and units"],
    ['1 h', "'1 h' is no duration: it is not made of numbers and units"],
    ['1H', "'1H' is no duration: it is not made of numbers and units"],
    ['P1D', "'P1D' is no duration: it is not made of numbers and units"],
    ['99999999999999w', "'99999999999999w' is no duration: it is too long, or finer than a millisecond"],
    ['0.5ms', "'0.5ms' is no duration: it is too long, or finer than a millisecond"],
    ['0.0001', "'0.0001' is no duration: it is too long, or finer than a millisecond"],
  ])('%j is wrong usage', (text, message) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: 'USAGE', message, hint: expect.stringContaining('1h30m') }),
    );
  });

  it('wants its units where a bare number would mean something else', () => {
    expect(parseUnits('5s')).toBe(5000);
    expect(() => parseUnits('5')).toThrow("'5' is no duration: 5 has no unit");
  });
});
