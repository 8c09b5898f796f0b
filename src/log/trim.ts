import { lossBetween } from './loss.ts';
import type { LogRows, PartitionRow } from './rows.ts';
import { repairRunningMax, staleFrom } from './running-max.ts';

/** What one step removes at most; a row costs about 10 µs, a MB less than that. */
export interface TrimSlice {
  readonly batches: number;
  readonly bytes: number;
}

const SLICE: TrimSlice = { batches: 500, bytes: 64 << 20 };

/**
 * Moves a partition's log start up to `newStart`, removing the batches that fall behind it. Each step is one short write;
 * after each of them, and so after a kill, the partition is a whole one with a log start somewhere on the way (L4, L6).
 */
export class Trim {
  readonly #rows: LogRows;
  readonly #partition: number;
  readonly #newStart: number;
  readonly #slice: TrimSlice;
  /** Where the repair of the running maxima goes on; null while batches are still to be removed. */
  #repairFrom: number | null = null;
  #records = 0;
  #bytes = 0;

  constructor(rows: LogRows, partition: number, newStart: number, slice: TrimSlice = SLICE) {
    this.#rows = rows;
    this.#partition = partition;
    this.#newStart = newStart;
    this.#slice = slice;
  }

  /** Records gone so far. */
  get records(): number {
    return this.#records;
  }

  /** Bytes of the batches gone so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The next slice, inside the caller's write. True while there is more to do. After a write that failed, begin anew.
   * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE when `newStart` lies in a batch that compaction has
   *   thinned out and that cannot be read; nothing is changed then
   */
  step(): boolean {
    const rows = this.#rows;
    const partition = rows.partition(this.#partition);
    if (partition === undefined) return false;
    if (this.#repairFrom === null) {
      if (!this.#remove(partition)) return true;
      this.#repairFrom = 0;
    }
    const next = repairRunningMax(rows, partition.id, this.#repairFrom) ?? staleFrom(rows, partition.id);
    if (next === undefined) return false;
    this.#repairFrom = next;
    return true;
  }

  /** Whether the log start has arrived. */
  #remove(partition: PartitionRow): boolean {
    const { id, logStart, nextOffset } = partition;
    const goal = Math.min(this.#newStart, nextOffset);
    if (goal <= logStart) return true;
    const to = this.#stopAt(id, goal);
    this.#moveTo(partition, to);
    return to === goal;
  }

  /** The offset up to which this step gets. */
  #stopAt(partition: number, goal: number): number {
    let bytes = 0;
    let stop = 0;
    const batches = this.#rows.batches(partition, 0, goal, this.#slice.batches + 1);
    for (const batch of batches.slice(0, this.#slice.batches)) {
      if (batch.last >= goal) return goal;
      bytes += batch.bytes;
      stop = batch.last + 1;
      if (bytes >= this.#slice.bytes) return stop;
    }
    return batches.length > this.#slice.batches ? stop : goal;
  }

  #moveTo(partition: PartitionRow, logStart: number): void {
    const rows = this.#rows;
    const { id } = partition;
    const { records, bytes } = lossBetween(rows, id, partition.logStart, logStart);
    const first = rows.batchFrom(id, logStart);
    rows.removeBelow(id, Math.min(logStart, first?.base ?? logStart));
    rows.producers.forgetAborted(id, logStart);
    const maxTimestamp = first === undefined ? -1 : partition.maxTimestamp;
    rows.keep({
      ...partition,
      logStart,
      records: partition.records - records,
      bytes: partition.bytes - bytes,
      maxTimestamp,
    });
    this.#records += records;
    this.#bytes += bytes;
  }
}
