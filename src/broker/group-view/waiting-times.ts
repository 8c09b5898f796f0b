import type { BatchRow, LogRows } from '../../log/rows.ts';
import { RecordCursor } from '../../record/cursor.ts';
import type { PlacedPartition, ViewRows } from './rows.ts';

/** Batches that one question opens; beyond that a record counts as old as the first of its batch. */
const MOST_OPENED = 500;

/** Says how old the records are at which groups go on reading. Groups at the same place share the answer. */
export class WaitingTimes {
  readonly #log: LogRows;
  readonly #rows: ViewRows;
  readonly #known = new Map<string, number | null>();
  #opened = 0;

  constructor(log: LogRows, rows: ViewRows) {
    this.#log = log;
    this.#rows = rows;
  }

  /** The timestamp (ms) of the first record from `next` on; null when there is none. */
  firstFrom(next: number, { id, end }: PlacedPartition): number | null {
    if (next >= end) return null;
    const key = `${id} ${next}`;
    let found = this.#known.get(key);
    if (found !== undefined) return found;
    found = this.#glance(id, next) ?? this.#find(id, next);
    this.#known.set(key, found);
    return found;
  }

  /** Where the batch tells without being opened. */
  #glance(partition: number, next: number): number | undefined {
    const batch = this.#rows.batchAt(partition, next);
    if (batch === undefined || batch.last < next || batch.records === 0) return undefined;
    const isUniform = batch.base === next || batch.baseTimestamp === batch.maxTimestamp;
    return isUniform ? batch.baseTimestamp : undefined;
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

  #firstIn(batch: BatchRow, next: number): number | undefined {
    if (this.#opened >= MOST_OPENED) return batch.baseTimestamp;
    this.#opened++;
    const blob = this.#log.data(batch.seq);
    const cursor = blob === undefined ? undefined : new RecordCursor(blob);
    while (cursor?.next()) if (cursor.offset >= next) return cursor.timestamp;
    return undefined;
  }
}
