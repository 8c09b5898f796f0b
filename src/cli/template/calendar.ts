/** The names and counts that both time languages need. Always UTC, as in rpk, and in English. */
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const DAY_MS = 86_400_000;

export const dayName = (t: Date): string => DAYS[t.getUTCDay()] as string;
export const monthName = (t: Date): string => MONTHS[t.getUTCMonth()] as string;

/** `n` with zeros (or `fill`) in front, at least `width` characters. */
export const pad = (n: number, width = 2, fill = '0'): string => String(n).padStart(width, fill);

/** The hour of a clock of twelve. */
export const hour12 = (t: Date): number => ((t.getUTCHours() + 11) % 12) + 1;

/** The day of the year, from 1. */
export function yearDay(t: Date): number {
  return Math.floor((t.getTime() - Date.UTC(t.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** The ISO 8601 week and the year it belongs to: those of the same week's Thursday. */
export function isoWeek(t: Date): { year: number; week: number } {
  const thursday = new Date(t.getTime() + (3 - ((t.getUTCDay() + 6) % 7)) * DAY_MS);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(yearDay(thursday) / 7) };
}
