import type { BegunRange, GroupConsumeOptions } from './group-reader.ts';
import type { LocatedRange, RangeQuestion } from './range.ts';

export interface Begun extends LocatedRange, BegunRange {}

/** What was found of a partition when the member came: its end, and how much an open transaction holds back behind it. */
export interface FoundEnd {
  readonly end: number;
  readonly heldBack: number;
}

/**
 * Where a member begins with a partition, and where a bounded one ends. From the committed offset; where there is none, from where
 * it was asked for, and from the start of a partition that came later (`found` is undefined). A committed offset that lies behind
 * the end is that of a partition that is no more.
 */
export function groupQuestion(
  { from, follow, isolation }: GroupConsumeOptions,
  at: {
    readonly partition: number;
    readonly committed: number | null;
    readonly end: number;
    found: FoundEnd | undefined;
  },
): { readonly question: RangeQuestion; readonly beyond: number | null } {
  const { partition, committed, end, found } = at;
  const beyond = committed !== null && committed > end ? committed : null;
  const elsewhere = found === undefined ? ({ at: 'start' } as const) : from;
  const begin = committed === null || beyond !== null ? elsewhere : ({ at: 'offset', offset: committed } as const);
  const until = follow || found === undefined ? undefined : ({ at: 'offset', offset: found.end } as const);
  return { question: { partitions: [partition], from: begin, until, follow, isolation }, beyond };
}
