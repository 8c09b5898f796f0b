import { FETCH_BYTES } from '../../settings.ts';
import type { Isolation } from '../../types.ts';
import { type LocatedRange, scanRange } from '../range.ts';
import type { ReadBatch } from '../reader.ts';
import { type BatchPlace, damageOf, namedBatch } from '../whole-batches.ts';
import type { Line } from './line.ts';
import type { WirePlaces } from './places.ts';
import { WireRead } from './wire-read.ts';

export interface TailQuestion {
  readonly ranges: readonly LocatedRange[];
  readonly wanted: number;
  readonly count: (batch: ReadBatch) => number;
  /** Set to where the tail begins. */
  readonly read: WireRead;
}

interface Around {
  readonly line: Line;
  readonly places: WirePlaces;
  readonly isolation: Isolation;
  readonly nameOf: (id: number) => BatchPlace;
}

/** A batch that was looked at. */
interface Counted {
  readonly id: number;
  readonly seq: number;
  readonly from: number;
  readonly matches: number;
}

/** How much further back the next look begins. */
const GROWTH = 4;

/**
 * As `locateTail`, where nothing can be read backwards: looks at the last offsets of each partition, then at more of them, until the
 * newest batches of all that are known for certain to be the newest have enough. Answers how many matches are too many.
 */
export async function wireTail(around: Around, { ranges, wanted, count, read }: TailQuestion): Promise<number> {
  const ends = ranges.map((range) =>
    Math.max(range.start, Math.min(range.end ?? readable(range, around), readable(range, around))),
  );
  for (let size = Math.max(wanted, 1); ; size *= GROWTH) {
    const starts = ranges.map(({ start }, i) => Math.max(start, (ends[i] as number) - size));
    const windows = ranges.map(({ id: partition }, i) => ({
      partition,
      from: starts[i] as number,
      until: ends[i] as number,
    }));
    const counted = await countAll(around, windows, count);
    const isWhole = ranges.every(({ start }, i) => start === starts[i]);
    const { positions, found } = newest(counted, wanted, isWhole ? -1 : knownSince(windows, ranges, counted));
    if (found < wanted && !isWhole) continue;
    for (const [i, range] of ranges.entries()) {
      read.remove(range.id);
      read.add({
        ...scanRange(range),
        from: positions.get(range.id) ?? (isWhole && found < wanted ? range.start : (ends[i] as number)),
      });
    }
    return Math.max(0, found - wanted);
  }
}

function readable({ lastStable, highWatermark }: LocatedRange, { isolation }: Around): number {
  return isolation === 'read_committed' ? lastStable : highWatermark;
}

async function countAll(
  { line, places, isolation, nameOf }: Around,
  windows: readonly { partition: number; from: number; until: number }[],
  count: (batch: ReadBatch) => number,
): Promise<Counted[]> {
  const read = new WireRead(line, places, isolation, windows);
  const counted: Counted[] = [];
  while (!read.ended) {
    for (const scanned of await read.next(FETCH_BYTES)) {
      const named = namedBatch(scanned, nameOf);
      const damage = damageOf(named);
      if (damage !== undefined) throw damage;
      counted.push({ id: scanned.row.partition, seq: scanned.row.seq, from: scanned.from, matches: count(named) });
    }
  }
  return counted;
}

/** From this place in the order of commits on, every batch of all ranges was looked at. */
function knownSince(
  windows: readonly { readonly partition: number; readonly from: number }[],
  ranges: readonly LocatedRange[],
  counted: readonly Counted[],
): number {
  const cut = windows.filter(({ from }, i) => from > (ranges[i] as LocatedRange).start);
  const firsts = cut.map(
    ({ partition }) => counted.find(({ id }) => id === partition)?.seq ?? Number.POSITIVE_INFINITY,
  );
  return Math.max(-1, ...firsts);
}

function newest(counted: readonly Counted[], wanted: number, since: number) {
  const positions = new Map<number, number>();
  let found = 0;
  for (let i = counted.length - 1; i >= 0 && found < wanted; i--) {
    const { id, seq, from, matches } = counted[i] as Counted;
    if (seq < since) break;
    positions.set(id, from);
    found += matches;
  }
  return { positions, found };
}
