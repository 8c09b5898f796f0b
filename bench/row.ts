/** A line of the table: a figure, what was wanted of it, and how it was come by. */
export interface Row {
  readonly group: string;
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** The smallest and the largest of the rounds, in the same unit. */
  readonly spread: readonly [number, number];
  /** At most this, where something is wanted. */
  readonly wanted?: number | undefined;
  /** The medians behind a ratio. */
  readonly times?: string | undefined;
  readonly method: string;
}

/** `times` is a ratio; the others are absolute and belong to this machine alone. */
export type Unit = 'times' | 'ms' | '% of a core' | 'MB';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** `a` against `b`: the ratio of the medians; its spread is that of the ratios round by round. */
export function ratioOf(a: readonly number[], b: readonly number[]): Pick<Row, 'value' | 'unit' | 'spread' | 'times'> {
  const rounds = a.map((ms, i) => ms / (b[i] as number));
  return {
    value: median(a) / median(b),
    unit: 'times',
    spread: [Math.min(...rounds), Math.max(...rounds)],
    times: `${time(median(a))} / ${time(median(b))}`,
  };
}

export function absolute(values: readonly number[], unit: Unit): Pick<Row, 'value' | 'unit' | 'spread'> {
  return { value: median(values), unit, spread: [Math.min(...values), Math.max(...values)] };
}

function time(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toPrecision(3)} ms`;
}
