/** Those that stand in a list more than once. */
export function repeated<T>(all: readonly T[]): Set<T> {
  const seen = new Set<T>();
  return new Set(all.filter((each) => seen.size === seen.add(each).size));
}
