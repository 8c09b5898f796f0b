/** How far long work has come. */
export interface Step {
  readonly done: number;
  readonly total: number;
  /** What is counted; bytes where nothing is said. */
  readonly unit?: string;
}

/**
 * Long work in short steps: between any two, others may write, and whoever drives may pause or stop (`return`), which leaves
 * everything consistent.
 */
export type Steps<T> = Generator<Step, T>;
