import { BrokerError } from '../errors.ts';
import type { Position } from '../types.ts';
import { parseUnits } from './durations.ts';

const POSITION_HINT = 'a position is start, end, N, -N (N before the end), +N (N after the start) or @TIME';
const TIME_HINT =
  'a time is like 2026-11-21, 2026-11-21T09:40:12.031Z (local without a zone), 1795254012031 (ms since 1970) or -1h30m (back from now)';

/** What Kafka users try first. */
const SYNONYMS: Readonly<Record<string, string>> = { earliest: 'start', beginning: 'start', latest: 'end' };

/**
 * A place in a partition as people say it: `start end N -N +N @TIME`. `now` in ms.
 * @throws BrokerError USAGE saying what was wrong and what would be right
 */
export function parsePosition(text: string, now: number): Position {
  if (text === 'start' || text === 'end') return { at: text };
  if (text.startsWith('@')) return { at: 'time', timestamp: parseTime(text.slice(1), now) };
  const count = Number(text.replace(/^[+-]/, ''));
  if (!/^[+-]?\d+$/.test(text)) throw noPosition(text);
  if (!Number.isSafeInteger(count)) throw noPosition(text, 'it is larger than any offset');
  if (text.startsWith('-')) return { at: 'before-end', count };
  return text.startsWith('+') ? { at: 'after-start', count } : { at: 'offset', offset: count };
}

function noPosition(text: string, problem?: string): BrokerError {
  const synonym = Object.hasOwn(SYNONYMS, text) ? `it is '${SYNONYMS[text]}' here` : undefined;
  const time = isTimeLike(text) ? 'a time wants an @ in front' : undefined;
  const why = problem ?? synonym ?? time;
  return new BrokerError('USAGE', {
    problem: `'${text}' is no position${why === undefined ? '' : `: ${why}`}`,
    hint: POSITION_HINT,
  });
}

function isTimeLike(text: string): boolean {
  return /^\d{4}-\d\d/.test(text) || /^-?\d+(\.\d+)?(ms|[wdhms])/.test(text);
}

/**
 * A time as people say it, in ms since the epoch: ISO 8601 (a date, or a date and a time; without a zone local), epoch ms, or a
 * duration back from `now` (`-1h30m`). Ten digits are refused: they are seconds that were meant, not a day in 1970.
 * @throws BrokerError USAGE saying what was wrong and what would be right
 */
export function parseTime(text: string, now: number): number {
  if (text.startsWith('-')) return back(text, now);
  if (/^\d+$/.test(text)) return epoch(text);
  const match = ISO.exec(text);
  if (match === null) throw noTime(text);
  return isoTime(text, match.groups as Readonly<Record<string, string | undefined>>);
}

function back(text: string, now: number): number {
  try {
    return now - parseUnits(text.slice(1));
  } catch (error) {
    throw noTime(text, (error as Error).message);
  }
}

function epoch(text: string): number {
  const ms = Number(text);
  if (!Number.isSafeInteger(ms)) throw noTime(text, 'it has too many digits');
  if (text.length === 10) throw noTime(text, `ten digits are seconds; in milliseconds it is ${text}000`);
  return ms;
}

const ISO =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[Tt ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?(?<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;

type IsoParts = Readonly<Record<string, string | undefined>>;

/** The parts of a time after the year, and how large each may be. */
const MOST: Readonly<Record<string, number>> = { month: 12, hour: 23, minute: 59, second: 59 };

function isoTime(text: string, parts: IsoParts): number {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  for (const [name, most] of Object.entries(MOST)) {
    if (Number(parts[name] ?? 0) > most) throw noTime(text, `there is no ${name} ${parts[name]}`);
  }
  const fields = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    milliseconds(parts.fraction),
  ] as const;
  const utc = new Date(0);
  utc.setUTCFullYear(fields[0], fields[1], fields[2]);
  if (Number(month) < 1 || utc.getUTCDate() !== fields[2])
    throw noTime(text, `there is no day ${year}-${month}-${day}`);
  if (parts.zone === undefined) return local(fields);
  return utc.setUTCHours(fields[3], fields[4], fields[5], fields[6]) - zoneOffset(text, parts.zone);
}

/** Years below 100 mean themselves, which `new Date(year, …)` would not let them. */
function local([year, month, day, hour, minute, second, ms]: readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
]): number {
  const time = new Date(2000, 0, 1, hour, minute, second, ms);
  time.setFullYear(year, month, day);
  return time.setHours(hour, minute, second, ms);
}

/** A fraction of a second in ms; what is finer is dropped. */
function milliseconds(fraction = ''): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function zoneOffset(text: string, zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) throw noTime(text, `there is no zone ${zone}`);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function noTime(text: string, problem?: string): BrokerError {
  return new BrokerError('USAGE', {
    problem: `'${text}' is no time${problem === undefined ? '' : `: ${problem}`}`,
    hint: TIME_HINT,
  });
}
