import { BrokerError } from '../errors.ts';

/** Milliseconds of each unit, largest first: the order in which a duration names them. */
const UNITS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

export const DURATION_HINT = 'a duration is like 500ms, 2s, 1h30m or 7d (units w d h m s ms)';

/**
 * A duration on the command line, in whole milliseconds: numbers with units, largest first (`1h30m`, `1.5s`). A bare number is
 * seconds, as in timeout(1).
 * @throws BrokerError USAGE saying what was wrong
 */
export function parseDuration(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? wholeMs(text, Number(text) * 1000) : parseUnits(text);
}

/** As `parseDuration`, but every number wants its unit: where a bare one would mean something else. */
export function parseUnits(text: string): number {
  const pieces = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[wdhms])/g)];
  if (pieces.length === 0 || pieces.map(([piece]) => piece).join('') !== text) throw noDuration(text, problemOf(text));
  const order = Object.keys(UNITS);
  let total = 0;
  let last = -1;
  for (const [, number, unit] of pieces as unknown as [string, string, string][]) {
    const place = order.indexOf(unit);
    if (place <= last) throw noDuration(text, `${unit} comes after ${order[last]}`);
    last = place;
    total += Number(number) * (UNITS[unit] as number);
  }
  return wholeMs(text, total);
}

function wholeMs(text: string, ms: number): number {
  const whole = Math.round(ms);
  if (!Number.isSafeInteger(whole)) throw noDuration(text, 'it is too long');
  return whole;
}

function problemOf(text: string): string {
  if (text === '') return 'it is empty';
  if (text.startsWith('-')) return 'it is negative';
  const bare = /(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (bare !== undefined && /^(\d+(\.\d+)?(ms|[wdhms]))*\d+(\.\d+)?$/.test(text)) return `${bare} has no unit`;
  return 'it is not made of numbers and units';
}

function noDuration(text: string, problem: string): BrokerError {
  return new BrokerError('USAGE', { problem: `'${text}' is no duration: ${problem}`, hint: DURATION_HINT });
}
