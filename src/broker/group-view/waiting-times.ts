import type { LogRows } from '../../log/rows.ts';
import { RecordCursor } from '../../record/cursor.ts';
import type { BatchGlance, PlacedPartition, ViewRows } from './rows.ts';

/** Batches that one question opens; beyond that a record counts as old as the first of its batch. */
const MOST_OPENED = 500;

/**
 * Says how old the records are at which groups go on reading. What was found out of a batch is remembered: groups that read the
 * same are mostly near each other.
 */
export class WaitingTimes {
  readonly #log: LogRows;
  readonly #rows: ViewRows;
  /** By partition, in their order. */
  readonly #batches = new Map<number, BatchGlance[]>();
  /** By partition and offset. */
  readonly #found = new Map<string, number | null>();
  #opened = 0;

  constructor(log: LogRows, rows: ViewRows) {
    this.#log = log;
    this.#rows = rows;
  }

  /** The timestamp (ms) of the first record from `next` on; null when there is none. */
  firstFrom(next: number, { id, end }: PlacedPartition): number | null {
    if (next >= end) return null;
    const batch = this.#batchAt(id, next);
    const isKnown = batch !== undefined && (batch.base === next || batch.baseTimestamp === batch.maxTimestamp);
    if (isKnown) return batch.baseTimestamp;
    const key = `${id} ${next}`;
    const found = this.#found.get(key) ?? this.#find(id, next);
    this.#found.set(key, found);
    return found;
  }

  /** The batch with records that holds an offset. */
  #batchAt(partition: number, offset: number): BatchGlance | undefined {
    let known = this.#batches.get(partition);
    if (known === undefined) {
      known = [];
      this.#batches.set(partition, known);
    }
    const at = placeOf(known, offset);
    const near = known[at - 1];
    if (near !== undefined && offset <= near.last) return near;
    const batch = this.#rows.batchAt(partition, offset);
    if (batch === undefined || batch.last < offset || batch.records === 0) return undefined;
    known.splice(at, 0, batch);
    return batch;
  }

  /** Control batches, and what compaction has emptied, are passed over. */
  #find(partition: number, next: number): number | null {
    let batch = this.#log.batchFrom(partition, next);
    while (batch !== undefined) {
      const found = batch.records === 0 ? undefined : this.#firstIn(batch, next);
      if (found !== undefined) return found;
      batch = this.#log.batchFrom(partition, batch.last + 1);
    }
    return null;
  }

  #firstIn({ seq, baseTimestamp }: { seq: number; baseTimestamp: number }, next: number): number | undefined {
    if (this.#opened >= MOST_OPENED) return baseTimestamp;
    this.#opened++;
    const blob = this.#log.data(seq);
    const cursor = blob === undefined ? undefined : new RecordCursor(blob);
    while (cursor?.next()) if (cursor.offset >= next) return cursor.timestamp;
    return undefined;
  }
}

/** How many of the batches begin at or before an offset. */
function placeOf(batches: readonly BatchGlance[], offset: number): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((batches[middle] as BatchGlance).base <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
