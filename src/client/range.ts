import type { ScanRange } from '../broker/merged-read.ts';
import type { Isolation, Position } from '../types.ts';
import type { ReadRange } from './reader.ts';

/** A range, and what the partition is called where it is read. */
export interface LocatedRange extends ReadRange {
  readonly id: number;
}

/** What is asked of each partition. */
export interface RangeQuestion {
  readonly partitions?: readonly number[] | undefined;
  readonly from: Position;
  readonly until?: Position | undefined;
  readonly follow: boolean;
  readonly isolation: Isolation;
}

/** The offsets of a partition at one moment. */
export interface PartitionEnds {
  readonly logStart: number;
  readonly highWatermark: number;
  readonly lastStable: number;
}

/** The range that is asked for, as it is frozen now; `place` says which offset a position means, `readable` being the end. */
export function rangeWithin(
  ends: PartitionEnds,
  question: Pick<RangeQuestion, 'from' | 'until' | 'follow' | 'isolation'>,
  place: (position: Position, readable: number) => number,
): Omit<ReadRange, 'topic' | 'partition'> {
  const { logStart, highWatermark, lastStable } = ends;
  const readable = question.isolation === 'read_committed' ? lastStable : highWatermark;
  const asked = place(question.from, readable);
  const start = Math.max(asked, logStart);
  const until = question.until === undefined ? undefined : place(question.until, readable);
  const wanted = Math.min(until ?? highWatermark, highWatermark);
  return {
    start,
    end: rangeEnd(question, start, until, readable),
    logStart,
    highWatermark,
    lastStable,
    heldBack: Math.max(0, wanted - readable),
    lost: start - asked,
  };
}

/** Bounded reads end at what is readable now; followers at what they asked for, which may lie ahead, or never (null). */
function rangeEnd(
  { follow }: Pick<RangeQuestion, 'follow'>,
  start: number,
  until: number | undefined,
  readable: number,
): number | null {
  if (follow) return until === undefined ? null : Math.max(start, until);
  return Math.max(start, Math.min(until ?? readable, readable));
}

export function scanRange({ id, start, end }: LocatedRange): ScanRange {
  return { partition: id, from: start, until: end ?? Number.MAX_SAFE_INTEGER };
}
