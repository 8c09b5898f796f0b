/** Durations and sizes as people write them, for configs and flags alike. */

const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** As coreutils reads them: `kB` is 1000, `K` and `KiB` are 1024. */
const SIZES: Readonly<Record<string, number>> = Object.fromEntries(
  ['k', 'm', 'g', 't'].flatMap((letter, i) => [
    [letter, 1024 ** (i + 1)],
    [`${letter}ib`, 1024 ** (i + 1)],
    [`${letter}b`, 1000 ** (i + 1)],
  ]),
);

const QUANTITY = /(\d+(?:\.\d+)?)([a-z]+)/y;

/**
 * A duration such as `500ms`, `90s`, `1.5h`, `7d` or `1d12h` (largest unit first), in ms. Undefined for everything else, a bare
 * number too: what that would mean is the caller's to say.
 */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  let last = Number.POSITIVE_INFINITY;
  QUANTITY.lastIndex = 0;
  do {
    const part = QUANTITY.exec(text);
    const unit = part === null ? undefined : DURATIONS[part[2] as string];
    if (part === null || unit === undefined || unit >= last) return undefined;
    last = unit;
    total += Number(part[1]) * unit;
  } while (QUANTITY.lastIndex < text.length);
  return wholeNumber(total);
}

/** A size such as `512B`, `64kB`, `1.5MB`, `1GiB` or `10M`, in bytes. Undefined for everything else, a bare number too. */
export function parseSize(text: string): number | undefined {
  const part = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text);
  if (part === null) return undefined;
  const letters = (part[2] as string).toLowerCase();
  const unit = letters === 'b' ? 1 : SIZES[letters];
  return unit === undefined ? undefined : wholeNumber(Number(part[1]) * unit);
}

/** `1.1 * 1000` is not quite 1100 in binary; what people mean is the whole number next to it, if there is one. */
function wholeNumber(n: number): number | undefined {
  const whole = Math.round(n);
  return Number.isSafeInteger(whole) && Math.abs(n - whole) < 1e-6 * Math.max(1, whole) ? whole : undefined;
}
