/** Below this every whole number has a bucket of its own; above, each power of two has so many buckets. */
const FINE = 128;

export interface HistogramParts {
  readonly buckets: readonly (readonly [index: number, count: number])[];
  readonly max: number;
}

/**
 * How often which value came, in little memory: buckets at most 1/128 wider than what lies in them, the largest value exact.
 * Made to be sent between processes and merged, which a list of percentiles cannot be. Values are not negative, in any unit.
 */
export class Histogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  static from({ buckets, max }: HistogramParts): Histogram {
    const made = new Histogram();
    for (const [index, count] of buckets) made.#put(index, count);
    made.#max = max;
    return made;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** A clock that is read in two processes may be a hair behind: less than nothing is nothing. */
  add(value: number, count = 1): void {
    const whole = Math.max(0, Math.round(value));
    this.#put(indexOf(whole), count);
    if (whole > this.#max) this.#max = whole;
  }

  merge(other: Histogram): this {
    for (const [index, count] of other.#buckets.entries()) if (count) this.#put(index, count);
    this.#max = Math.max(this.#max, other.#max);
    return this;
  }

  /** The value that `share` (0 to 1) of all do not exceed; NaN when there is none. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (const [index, count] of this.#buckets.entries()) {
      seen += count ?? 0;
      if (seen >= wanted) return Math.min(this.#max, upperBound(index));
    }
    return Number.NaN;
  }

  parts(): HistogramParts {
    const buckets = [...this.#buckets.entries()].filter(([, count]) => count > 0);
    return { buckets, max: this.#max };
  }

  #put(index: number, count: number): void {
    while (this.#buckets.length <= index) this.#buckets.push(0);
    this.#buckets[index] = (this.#buckets[index] ?? 0) + count;
    this.#count += count;
  }
}

function indexOf(value: number): number {
  if (value < 2 * FINE) return value;
  const shift = Math.floor(Math.log2(value)) - Math.log2(FINE);
  return shift * FINE + Math.floor(value / 2 ** shift);
}

/** The largest whole number that falls into the bucket. */
function upperBound(index: number): number {
  if (index < 2 * FINE) return index;
  const shift = Math.floor(index / FINE) - 1;
  return (index - shift * FINE + 1) * 2 ** shift - 1;
}
