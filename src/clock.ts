/** The time, as a parameter: below the broker nobody asks the system for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/**
 * Milliseconds on a clock that never goes back, for measuring how long something takes. Not `monotonic()`: loading what
 * stands behind that costs a short command 3 ms.
 */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
