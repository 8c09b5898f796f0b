/** Percentiles of what was waited for: as data, and as a small picture. */
import type { Histogram } from './histogram.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const SHARES = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999, max: 1 } as const;
const NAMES: Readonly<Record<keyof Percentiles, string>> = {
  p50: 'p50',
  p90: 'p90',
  p99: 'p99',
  p999: 'p99.9',
  max: 'max',
};
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

export const PERCENTILES = Object.keys(SHARES) as readonly (keyof Percentiles)[];

/** Of a histogram of microseconds; null where nothing was measured. */
export function percentilesOf(histogram: Histogram): Percentiles | null {
  if (histogram.count === 0) return null;
  return Object.fromEntries(
    PERCENTILES.map((name) => [name, histogram.percentile(SHARES[name]) / 1000]),
  ) as unknown as Percentiles;
}

/** A line a percentile, as long as its wait; the longest fills `width` cells. */
export function picture(percentiles: Percentiles, width: number): string[] {
  const texts = PERCENTILES.map((name) => milliseconds(percentiles[name]));
  const widest = Math.max(...texts.map((text) => text.length));
  return PERCENTILES.map((name, i) => {
    const cells = percentiles.max === 0 ? 0 : (percentiles[name] / percentiles.max) * width;
    return `  ${NAMES[name].padEnd(5)}  ${(texts[i] ?? '').padStart(widest)} ms  ${bar(cells)}`;
  });
}

/** Three digits that count: `0.084`, `1.25`, `310`. */
export function milliseconds(ms: number): string {
  if (ms >= 100) return ms.toFixed(0);
  return ms >= 10 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(3);
}

/** What is not nothing is seen. */
function bar(cells: number): string {
  const eighths = cells > 0 ? Math.max(1, Math.round(cells * 8)) : 0;
  return `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`;
}
