import type { LocatedRange } from '../range.ts';
import type { ReadRange } from '../reader.ts';
import type { Line } from './line.ts';
import { endsOf } from './offsets.ts';

/** What `look` finds when nothing waits behind a process that is gone: asking for the transactions ends those of such. */
export async function settledRanges(
  line: Line,
  look: () => Promise<readonly LocatedRange[]>,
): Promise<readonly LocatedRange[]> {
  const seen = await look();
  if (seen.every(({ heldBack }) => heldBack === 0)) return seen;
  await line.call('listTransactions', {});
  return look();
}

/** Those of which an open transaction holds something back now, with the offsets of now. */
export async function heldBackNow(line: Line, ranges: readonly LocatedRange[]): Promise<ReadRange[]> {
  const ends = await endsOf(line, ranges);
  return ranges.flatMap((range) => {
    const { lastStable, highWatermark } = ends(range);
    if (lastStable >= Math.min(range.end ?? highWatermark, highWatermark)) return [];
    return [{ ...range, lastStable, highWatermark, heldBack: highWatermark - lastStable }];
  });
}
