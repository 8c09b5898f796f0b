import { dayName, hour12, isoWeek, monthName, pad, yearDay } from './calendar.ts';

type Conversion = (t: Date) => string;

/** The conversions of strftime(3), in UTC and the C locale. Those that are made of others are templates. */
const CONVERSIONS: Readonly<Record<string, Conversion | string>> = {
  a: (t) => dayName(t).slice(0, 3),
  A: dayName,
  b: (t) => monthName(t).slice(0, 3),
  B: monthName,
  c: '%a %b %e %H:%M:%S %Y',
  C: (t) => pad(Math.floor(t.getUTCFullYear() / 100)),
  d: (t) => pad(t.getUTCDate()),
  D: '%m/%d/%y',
  e: (t) => pad(t.getUTCDate(), 2, ' '),
  F: '%Y-%m-%d',
  g: (t) => pad(isoWeek(t).year % 100),
  G: (t) => String(isoWeek(t).year),
  h: '%b',
  H: (t) => pad(t.getUTCHours()),
  I: (t) => pad(hour12(t)),
  j: (t) => pad(yearDay(t), 3),
  k: (t) => pad(t.getUTCHours(), 2, ' '),
  l: (t) => pad(hour12(t), 2, ' '),
  m: (t) => pad(t.getUTCMonth() + 1),
  M: (t) => pad(t.getUTCMinutes()),
  n: () => '\n',
  p: (t) => (t.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: (t) => (t.getUTCHours() < 12 ? 'am' : 'pm'),
  r: '%I:%M:%S %p',
  R: '%H:%M',
  s: (t) => String(Math.floor(t.getTime() / 1000)),
  S: (t) => pad(t.getUTCSeconds()),
  t: () => '\t',
  T: '%H:%M:%S',
  u: (t) => String(t.getUTCDay() || 7),
  U: (t) => pad(Math.floor((yearDay(t) + 6 - t.getUTCDay()) / 7)),
  V: (t) => pad(isoWeek(t).week),
  w: (t) => String(t.getUTCDay()),
  W: (t) => pad(Math.floor((yearDay(t) + 6 - ((t.getUTCDay() + 6) % 7)) / 7)),
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  y: (t) => pad(t.getUTCFullYear() % 100),
  Y: (t) => String(t.getUTCFullYear()),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
};

/** The first conversion that strftime does not know, such as `%q`; undefined when all are known. */
export function unknownConversion(layout: string): string | undefined {
  return layout.match(/%.?/gs)?.find((found) => !Object.hasOwn(CONVERSIONS, found.slice(1)));
}

/** `layout` with its conversions replaced by those of the time `ms`, in UTC. */
export function strftime(layout: string, ms: number): string {
  return expand(layout, new Date(ms));
}

function expand(layout: string, t: Date): string {
  return layout.replace(/%(.)/gs, (_, letter: string) => {
    const conversion = CONVERSIONS[letter] as Conversion | string;
    return typeof conversion === 'string' ? expand(conversion, t) : conversion(t);
  });
}
