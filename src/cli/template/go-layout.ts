import { dayName, hour12, monthName, pad, yearDay } from './calendar.ts';

/**
 * The pieces of a layout of Go's `time` package: a layout is how the reference time, Mon Jan 2 15:04:05 MST 2006, would look.
 * Longer pieces come before those they begin with. Time is UTC, so every zone is `Z`, `+00…` or `UTC`.
 */
const PIECES: readonly (readonly [piece: string, write: (t: Date) => string])[] = [
  ['January', monthName],
  ['Jan', (t) => monthName(t).slice(0, 3)],
  ['Monday', dayName],
  ['Mon', (t) => dayName(t).slice(0, 3)],
  ['MST', () => 'UTC'],
  ['2006', (t) => pad(t.getUTCFullYear(), 4)],
  ['002', (t) => pad(yearDay(t), 3)],
  ['01', (t) => pad(t.getUTCMonth() + 1)],
  ['02', (t) => pad(t.getUTCDate())],
  ['03', (t) => pad(hour12(t))],
  ['04', (t) => pad(t.getUTCMinutes())],
  ['05', (t) => pad(t.getUTCSeconds())],
  ['06', (t) => pad(t.getUTCFullYear() % 100)],
  ['15', (t) => pad(t.getUTCHours())],
  ['PM', (t) => (t.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['pm', (t) => (t.getUTCHours() < 12 ? 'am' : 'pm')],
  ['Z07:00:00', () => 'Z'],
  ['Z07:00', () => 'Z'],
  ['Z070000', () => 'Z'],
  ['Z0700', () => 'Z'],
  ['Z07', () => 'Z'],
  ['-07:00:00', () => '+00:00:00'],
  ['-07:00', () => '+00:00'],
  ['-070000', () => '+000000'],
  ['-0700', () => '+0000'],
  ['-07', () => '+00'],
  ['_2', (t) => pad(t.getUTCDate(), 2, ' ')],
  ['1', (t) => String(t.getUTCMonth() + 1)],
  ['2', (t) => String(t.getUTCDate())],
  ['3', (t) => String(hour12(t))],
  ['4', (t) => String(t.getUTCMinutes())],
  ['5', (t) => String(t.getUTCSeconds())],
];

/** Fractions of a second: `.000` keeps its zeros, `.999` drops them at the end. A digit behind makes it something else. */
const FRACTION = /[.,](?:0+|9+)(?!\d)/.source;
const PIECE = new RegExp(`${FRACTION}|${PIECES.map(([piece]) => piece).join('|')}`, 'g');
const WRITE = new Map(PIECES);

/** The time `ms` in Go's `layout`, in UTC. Anything that is no piece of a layout stands for itself. */
export function formatGo(layout: string, ms: number): string {
  const t = new Date(ms);
  return layout.replace(PIECE, (piece) => WRITE.get(piece)?.(t) ?? fraction(piece, t));
}

function fraction(piece: string, t: Date): string {
  const digits = pad(t.getUTCMilliseconds(), 3)
    .padEnd(piece.length - 1, '0')
    .slice(0, piece.length - 1);
  if (piece.charAt(1) === '0') return piece.charAt(0) + digits;
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : piece.charAt(0) + kept;
}
