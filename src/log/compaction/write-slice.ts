import { readHeader } from '../../record/batch.ts';
import type { BatchRow, LogRows, PartitionRow } from '../rows.ts';
import type { Slice } from './judge-slice.ts';

/**
 * Writes what was judged, inside the caller's write: all of it, or nothing when the batches are no longer those that were
 * judged. `compacted_to` moves along, so that a compaction that is cut short leaves a whole partition (L3).
 *
 * Answers whether running maxima after the slice are too high now, null when nothing was written.
 */
export function writeSlice(rows: LogRows, partition: PartitionRow, slice: Slice): { readonly lowered: boolean } | null {
  const { id } = partition;
  const found = rows.batches(id, slice.from, slice.until, slice.batches.length + 1);
  if (partition.logStart !== slice.logStart || !areSame(found, slice.batches)) return null;
  const before = rows.batchesBelow(id, slice.from, 1)[0]?.runningMax ?? -1;
  const running = writeBatches(rows, found, slice, before);
  for (const marker of slice.emptied) rows.producers.forgetAbort(id, marker);
  rows.keep({ ...lighter(partition, found, slice), compactedTo: Math.max(partition.compactedTo, slice.until) });
  return { lowered: running < (found.at(-1)?.runningMax ?? running) };
}

/** A batch that compaction rewrites loses records or gets its delete horizon; nothing else rewrites one. */
function areSame(found: readonly BatchRow[], judged: readonly BatchRow[]): boolean {
  return found.length === judged.length && found.every((row, i) => isSame(row, judged[i] as BatchRow));
}

function isSame(a: BatchRow, b: BatchRow): boolean {
  return a.seq === b.seq && a.records === b.records && a.bytes === b.bytes && a.attributes === b.attributes;
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
    running = Math.max(running, blob === undefined ? row.maxTimestamp : readHeader(blob).maxTimestamp);
    if (blob !== undefined) rewrite(rows, row.seq, blob, running);
    else if (row.runningMax !== running) rows.setRunningMax(row.seq, running);
  }
  return running;
}

function rewrite(rows: LogRows, seq: number, data: Buffer, runningMax: number): void {
  const { baseTimestamp, maxTimestamp, attributes, control, count } = readHeader(data);
  rows.rewrite(seq, {
    baseTimestamp,
    maxTimestamp,
    runningMax,
    records: control ? 0 : count,
    bytes: data.length,
    attributes,
    data,
  });
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
