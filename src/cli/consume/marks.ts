/** Everything of a partition below `next` has been passed: it was shown, or no filter let it through. */
export interface Passed {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

interface Mark extends Passed {
  /** So many records wait before it. */
  readonly records: number;
}

/** Which offsets the records stand for that wait to be written. */
export class Marks {
  readonly #marks: Mark[] = [];
  /** Of the records that wait. */
  readonly #offsets: number[] = [];
  #records = 0;

  record(offset: number): void {
    this.#offsets[this.#records++] = offset;
  }

  /** As `record` for so many offsets, one after the other. */
  records(first: number, count: number): void {
    for (let n = 0; n < count; n++) this.record(first + n);
  }

  /** The records so far, and no later one, stand for this; each partition's marks come in its order. */
  pass(topic: string, partition: number, next: number): void {
    this.#marks.push({ topic, partition, next, records: this.#records });
  }

  /** What has been passed when the first so many of the records are written. */
  until(records: number): Passed[] {
    const whole = this.#marks.filter((mark) => mark.records <= records);
    const cut = this.#marks[whole.length];
    const before = whole.at(-1)?.records ?? 0;
    if (cut === undefined || records === before) return whole;
    return [...whole, { ...cut, next: (this.#offsets[records - 1] as number) + 1 }];
  }

  all(): readonly Passed[] {
    return this.#marks;
  }

  clear(): void {
    this.#marks.length = 0;
    this.#records = 0;
  }
}
