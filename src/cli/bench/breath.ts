const EVERY_MS = 10;

/**
 * A loop whose awaits never wait keeps signals and stdin from being heard. This answers a function to be awaited in each
 * round of such a loop: now and then it lets Node look around.
 */
export function breather(now: () => number): () => Promise<void> | undefined {
  let next = now() + EVERY_MS;
  return () => {
    if (now() < next) return undefined;
    next = now() + EVERY_MS;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
