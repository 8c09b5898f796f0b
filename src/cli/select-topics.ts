import type { TopicSelector } from '../client/cluster.ts';

/** What was asked for: these names, or with `--regex` all topics that one of these expressions matches as a whole. */
export function selectTopics(given: readonly string[], regex: boolean): TopicSelector {
  if (!regex) return { names: given };
  const [only = '', ...others] = given;
  // One alone stays as it was typed: it is shown when nothing matches it.
  return { pattern: others.length === 0 ? only : given.map((each) => `(?:${each})`).join('|') };
}
