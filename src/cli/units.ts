/** Numbers as a person says them. Exact ones belong to `--json`. */
import { groupDigits } from '../errors.ts';

export { groupDigits };

/** What stands where there is no value. */
export const NOTHING = '–';

type Units = readonly (readonly [size: number, name: string])[];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const BYTES: Units = [
  [1, 'B'],
  [1e3, 'kB'],
  [1e6, 'MB'],
  [1e9, 'GB'],
  [1e12, 'TB'],
];

const TIMES: Units = [
  [1, 'ms'],
  [SECOND, 's'],
  [MINUTE, 'min'],
  [HOUR, 'h'],
  [DAY, 'd'],
  [365 * DAY, 'y'],
];

/** `164 B`, `1.2 MB`: decimal units, two digits where there is one before the point. */
export function bytes(n: number): string {
  return inUnits(n, BYTES);
}

/** `4 ms`, `12 s`, `1.5 h`, `3 d`. A negative one is a clock that went back, or a time to come; it counts as none. */
export function duration(ms: number): string {
  return inUnits(Math.max(0, ms), TIMES);
}

/** How long records are kept, by a limit in ms; -1 is `for ever`. */
export function keptFor(ms: number): string {
  return ms < 0 ? 'for ever' : duration(ms);
}

/** How long ago, or nothing. Both in ms since the epoch. */
export function age(timestamp: number | null, now: number): string {
  return timestamp === null ? NOTHING : duration(now - timestamp);
}

/** The local time of day, `09:40:12.031`. */
export function clockTime(timestamp: number): string {
  return local(timestamp, (at) => `${timeOfDay(at)}.${pad(at.getMilliseconds(), 3)}`);
}

/** The local date and time, `2026-11-21 09:40:12`. */
export function dateTime(timestamp: number | null): string {
  if (timestamp === null) return NOTHING;
  return local(
    timestamp,
    (at) => `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${timeOfDay(at)}`,
  );
}

/** `1 record`, `2 records`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${groupDigits(n)} ${n === 1 ? one : many}`;
}

function timeOfDay(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => pad(part)).join(':');
}

function pad(n: number, width = 2): string {
  return String(n).padStart(width, '0');
}

/** A producer may send any 64-bit time; what no calendar can say is left as a number. */
function local(timestamp: number, say: (at: Date) => string): string {
  const at = new Date(timestamp);
  return Number.isNaN(at.getTime()) ? groupDigits(timestamp) : say(at);
}

/** The largest unit of which there is one; a rounding up to the next unit's size becomes one of that. */
function inUnits(n: number, units: Units): string {
  let at = units.findLastIndex(([size]) => n >= size);
  at = Math.max(0, at);
  const next = units[at + 1];
  if (next && rounded(n, units, at) * sizeOf(units, at) >= next[0]) at++;
  return `${groupInteger(rounded(n, units, at))} ${units[at]?.[1]}`;
}

function rounded(n: number, units: Units, at: number): number {
  const value = n / sizeOf(units, at);
  return at > 0 && value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value);
}

function sizeOf(units: Units, at: number): number {
  return units[at]?.[0] ?? 1;
}

function groupInteger(n: number): string {
  return Number.isInteger(n) ? groupDigits(n) : String(n);
}
