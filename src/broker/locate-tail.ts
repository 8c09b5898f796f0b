import { readableEnd } from '../log/offsets.ts';
import { isVisible } from '../log/read.ts';
import type { BatchRow, LogRows } from '../log/rows.ts';
import type { Store } from '../store/store.ts';
import type { Isolation } from '../types.ts';
import { Heap } from './heap.ts';
import type { ScannedBatch, ScanRange } from './merged-read.ts';

const AHEAD = 16;

interface Lane {
  readonly partition: number;
  readonly from: number;
  /** Everything at and above has been counted. */
  position: number;
  behind: BatchRow[];
}

export interface Tail {
  /** By partition row: where to begin reading. */
  readonly positions: ReadonlyMap<number, number>;
  /** How many of the matches from there on are too many. */
  readonly skip: number;
}

/**
 * Where the last `wanted` matches of all ranges together begin, in commit order: walks batch by batch from the newest,
 * asking `count` how many records of each match. Each step reads for itself, so a long walk holds nothing back.
 */
export function locateTail(
  store: Store,
  rows: LogRows,
  {
    ranges,
    isolation,
    wanted,
    count,
  }: {
    readonly ranges: readonly ScanRange[];
    readonly isolation: Isolation;
    readonly wanted: number;
    readonly count: (batch: ScannedBatch) => number;
  },
): Tail {
  const newest = new Heap<Lane>();
  const lanes = store.read(() => ranges.map((range) => openLane(rows, range, isolation)));
  store.read(() => {
    for (const lane of lanes) arm(rows, newest, lane);
  });
  let found = 0;
  while (found < wanted) {
    const lane = newest.pop();
    if (lane === undefined) break;
    const batch = store.read(() => take(rows, newest, lane, isolation));
    if (batch !== undefined) found += count(batch);
  }
  return {
    positions: new Map(lanes.map((lane) => [lane.partition, lane.position])),
    skip: Math.max(0, found - wanted),
  };
}

function openLane(rows: LogRows, { partition, from, until }: ScanRange, isolation: Isolation): Lane {
  const row = rows.partition(partition);
  const end = row === undefined ? from : Math.min(until, readableEnd(row, isolation));
  return { partition, from, position: Math.max(from, end), behind: [] };
}

function arm(rows: LogRows, newest: Heap<Lane>, lane: Lane): void {
  if (lane.position <= lane.from) return;
  if (lane.behind.length === 0) lane.behind = rows.batchesBelow(lane.partition, lane.position, AHEAD);
  const head = lane.behind[0];
  if (head === undefined || head.last < lane.from) return;
  newest.push(-head.seq, lane);
}

function take(rows: LogRows, newest: Heap<Lane>, lane: Lane, isolation: Isolation): ScannedBatch | undefined {
  const row = lane.behind.shift() as BatchRow;
  const until = Math.min(lane.position, row.last + 1);
  const from = Math.max(lane.from, row.base);
  lane.position = from;
  arm(rows, newest, lane);
  const blob = isVisible(rows, row, isolation) ? rows.data(row.seq) : undefined;
  return blob === undefined ? undefined : { row, blob, from, until };
}
