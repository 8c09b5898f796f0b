import { BrokerError } from '../errors.ts';
import { parseDuration as parseWithUnits } from '../topic/units.ts';

export const DURATION_HINT = 'a duration is like 500ms, 2s, 1h30m or 7d (units w d h m s ms)';

const BARE = /^\d+(\.\d+)?$/;

/**
 * A duration on the command line, in whole milliseconds: numbers with units, largest first (`1h30m`, `1.5s`), as in topic configs. A bare number
 * is seconds, as in timeout(1).
 * @throws BrokerError USAGE saying what was wrong
 */
export function parseDuration(text: string): number {
  return BARE.test(text) ? inMs(text, `${text}s`) : inMs(text, text);
}

/** As `parseDuration`, but every number wants its unit: where a bare one would mean something else. */
export function parseUnits(text: string): number {
  return inMs(text, text);
}

/** `shown` is what was typed. */
function inMs(shown: string, text: string): number {
  const ms = parseWithUnits(text);
  if (ms !== undefined) return ms;
  throw new BrokerError('USAGE', { problem: `'${shown}' is no duration: ${problemOf(text)}`, hint: DURATION_HINT });
}

function problemOf(text: string): string {
  if (text === '') return 'it is empty';
  if (text.startsWith('-')) return 'it is negative';
  const [, pieces = '', bare] = /^((?:\d+(?:\.\d+)?[a-z]+)*)(\d+(?:\.\d+)?)?$/.exec(text) ?? [];
  if (bare !== undefined) return `${bare} has no unit`;
  const units = [...pieces.matchAll(/[a-z]+/g)].map(([unit]) => `1${unit}`);
  if (units.length === 0 || units.some((unit) => parseWithUnits(unit) === undefined))
    return 'it is not made of numbers and units';
  const ordered = parseWithUnits(units.join('')) !== undefined;
  return ordered ? 'it is too long, or finer than a millisecond' : 'its units go from the largest to the smallest';
}
