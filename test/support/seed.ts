/**
 * A random generator of 0 ≤ x < 1 whose seed is printed, so that a failure can be had again: `BECK_SEED=… npx vitest run …`.
 * The generator is mulberry32.
 */
export function seeded(what: string): () => number {
  let state =
    process.env.BECK_SEED === undefined ? (Math.random() * 2 ** 32) >>> 0 : Number(process.env.BECK_SEED) >>> 0;
  process.stdout.write(`${what}: BECK_SEED=${state}\n`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
