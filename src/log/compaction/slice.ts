import { ATTRIBUTE, readHeader } from '../../record/batch.ts';
import type { BatchRow, LogRows, PartitionRow } from '../rows.ts';
import { type Lost, NOTHING_LOST } from './compact-batch.ts';

/** What becomes of one batch. */
export interface Change {
  /** Null: the batch goes. */
  readonly blob: Buffer | null;
  readonly lost: Lost;
}

/** Neighbouring batches that have been judged, and are to be written. */
export interface Slice {
  /** Everything from the batch before (its last offset + 1) … */
  readonly from: number;
  /** … up to here has been judged. */
  readonly until: number;
  /** The log start that was judged by. */
  readonly logStart: number;
  readonly batches: readonly BatchRow[];
  /** By seq. */
  readonly changes: ReadonlyMap<number, Change>;
  /** Markers whose transaction has no record left. */
  readonly emptied: readonly number[];
}

/**
 * Writes what was judged, inside the caller's write: all of it, or nothing when the batches are no longer as they were then.
 * `compacted_to` moves along, so that a compaction that is cut short leaves a whole partition (L3).
 * Answers whether it wrote, and whether running maxima after the slice have become too high.
 */
export function writeSlice(rows: LogRows, partition: PartitionRow, slice: Slice): { written: boolean; lowered: boolean } {
  const { id } = partition;
  const found = rows.batches(id, slice.from, slice.until, slice.batches.length + 1);
  if (partition.logStart !== slice.logStart || !areSame(found, slice.batches)) return { written: false, lowered: false };
  const before = rows.batchesBelow(id, slice.from, 1)[0]?.runningMax ?? -1;
  const running = writeBatches(rows, found, slice, before);
  for (const marker of slice.emptied) rows.forgetAbort(id, marker);
  rows.keep({ ...lighter(partition, found, slice), compactedTo: Math.max(partition.compactedTo, slice.until) });
  return { written: true, lowered: running < (found.at(-1)?.runningMax ?? running) };
}

/** A batch that compaction rewrites gets smaller, loses records, or gets its delete horizon; nothing else rewrites one. */
function areSame(found: readonly BatchRow[], judged: readonly BatchRow[]): boolean {
  return (
    found.length === judged.length &&
    found.every((row, i) => {
      const { seq, records, bytes, attributes } = judged[i] as BatchRow;
      return row.seq === seq && row.records === records && row.bytes === bytes && row.attributes === attributes;
    })
  );
}

/** Answers the running maximum at the end. */
function writeBatches(rows: LogRows, batches: readonly BatchRow[], slice: Slice, before: number): number {
  let running = before;
  for (const row of batches) {
    const change = slice.changes.get(row.seq);
    if (change?.blob === null) {
      rows.remove(row.seq);
      continue;
    }
    const blob = change?.blob;
    const header = blob === undefined ? row : readHeader(blob);
    running = Math.max(running, header.maxTimestamp);
    if (blob !== undefined) rewrite(rows, row.seq, blob, running);
    else if (row.runningMax !== running) rows.setRunningMax(row.seq, running);
  }
  return running;
}

function rewrite(rows: LogRows, seq: number, data: Buffer, runningMax: number): void {
  const { baseTimestamp, maxTimestamp, attributes, control, count } = readHeader(data);
  rows.rewrite(seq, { baseTimestamp, maxTimestamp, runningMax, records: control ? 0 : count, bytes: data.length, attributes, data });
}

function lighter(partition: PartitionRow, batches: readonly BatchRow[], slice: Slice): PartitionRow {
  let { records, bytes } = partition;
  for (const row of batches) {
    const change = slice.changes.get(row.seq);
    if (change === undefined) continue;
    records -= change.lost.superseded.records + change.lost.tombstones.records;
    bytes -= row.bytes - (change.blob?.length ?? 0);
  }
  return { ...partition, records, bytes };
}

/** Whether a batch is a marker, and whether it has its delete horizon. */
export const isControl = (row: BatchRow): boolean => (row.attributes & ATTRIBUTE.control) !== 0;
export const isTransactional = (row: BatchRow): boolean => (row.attributes & ATTRIBUTE.transactional) !== 0;
export const horizonPassed = (row: BatchRow, now: number): boolean =>
  (row.attributes & ATTRIBUTE.deleteHorizon) !== 0 && row.baseTimestamp <= now;

export const UNCHANGED: Change['lost'] = NOTHING_LOST;
