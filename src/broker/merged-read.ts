import { readableEnd } from '../log/offsets.ts';
import { batchesInRange, isVisible } from '../log/read.ts';
import type { BatchRow, LogRows } from '../log/rows.ts';
import type { Store } from '../store/store.ts';
import type { Isolation } from '../types.ts';
import { Heap } from './heap.ts';

/** How many rows are looked ahead in each partition; their blobs are read one by one. */
const AHEAD = 32;

/** A range of one partition: `from <= offset < until`. */
export interface ScanRange {
  readonly partition: number;
  readonly from: number;
  /** Number.MAX_SAFE_INTEGER when following. */
  readonly until: number;
}

export interface ScannedBatch {
  readonly row: BatchRow;
  readonly blob: Buffer;
  readonly from: number;
  readonly until: number;
}

interface Lane {
  readonly partition: number;
  readonly until: number;
  position: number;
  /** What a reader may see for now; at most `until`. */
  bound: number;
  /** Whether an open transaction is why it may not see more. */
  heldBack: boolean;
  ahead: BatchRow[];
  armed: boolean;
}

/**
 * Reads ranges of many partitions in the order in which their batches were committed (seq), each offset at most once. It
 * sees what was readable when it was opened; `refresh` lets it see what has come since.
 */
export class MergedRead {
  readonly #store: Store;
  readonly #rows: LogRows;
  readonly #isolation: Isolation;
  readonly #lanes = new Map<number, Lane>();
  readonly #heads = new Heap<Lane>();
  #seenSeq: number;

  constructor(store: Store, rows: LogRows, ranges: readonly ScanRange[], isolation: Isolation) {
    this.#store = store;
    this.#rows = rows;
    this.#isolation = isolation;
    this.#seenSeq = rows.lastSeq();
    for (const range of ranges) this.add(range);
  }

  /** Whether every range has been read up to its own end, and not only up to what is there for now. */
  get ended(): boolean {
    for (const lane of this.#lanes.values()) if (lane.position < lane.until) return false;
    return true;
  }

  add({ partition, from, until }: ScanRange): void {
    const lane: Lane = { partition, position: from, until, bound: 0, heldBack: false, ahead: [], armed: false };
    this.#lanes.set(partition, lane);
    this.#arm(lane);
  }

  /** What was looked ahead of it is forgotten; nothing more of it is seen. */
  remove(partition: number): void {
    const lane = this.#lanes.get(partition);
    if (lane === undefined) return;
    this.#lanes.delete(partition);
    lane.position = lane.until;
    lane.ahead = [];
  }

  /** The first offset of a partition that has not been looked at, behind markers and gaps too; undefined: it is not read. */
  position(partition: number): number | undefined {
    return this.#lanes.get(partition)?.position;
  }

  /** Whether an open transaction holds back anything of a range that has been read as far as may be. */
  get isHeldBack(): boolean {
    for (const lane of this.#lanes.values()) if (lane.heldBack) return true;
    return false;
  }

  /** Whether batches came that `refresh` would let be seen. */
  get isBehind(): boolean {
    return this.#rows.lastSeq() > this.#seenSeq;
  }

  /** Begins anew from these offsets; what was looked ahead is forgotten. */
  rewind(positions: ReadonlyMap<number, number>): void {
    while (this.#heads.pop() !== undefined);
    for (const lane of this.#lanes.values()) {
      lane.position = positions.get(lane.partition) ?? lane.position;
      lane.ahead = [];
      lane.armed = false;
      this.#arm(lane);
    }
  }

  /** Lets new batches be seen. Markers are batches too, so a lane held back by a transaction is among the touched. */
  refresh(): void {
    for (const { seq, partition } of this.#rows.since(this.#seenSeq)) {
      this.#seenSeq = seq;
      const lane = this.#lanes.get(partition);
      if (lane !== undefined) this.#arm(lane);
    }
  }

  /** The next visible batches, `maxBytes` at the most (but at least one). Empty: nothing more to see for now. */
  next(maxBytes: number): ScannedBatch[] {
    if (this.#heads.size === 0) return [];
    return this.#store.read(() => {
      const batches: ScannedBatch[] = [];
      for (let bytes = 0; bytes < maxBytes; ) {
        const lane = this.#heads.pop();
        if (lane === undefined) break;
        const batch = this.#take(lane);
        if (batch === undefined) continue;
        bytes += batch.blob.length;
        batches.push(batch);
      }
      return batches;
    });
  }

  /** The lane's next batch, if it is there still and may be seen; then the lane stands at the offset behind it. */
  #take(lane: Lane): ScannedBatch | undefined {
    lane.armed = false;
    const row = lane.ahead.shift();
    if (row === undefined) return undefined;
    const from = Math.max(lane.position, row.base);
    const until = Math.min(lane.bound, row.last + 1);
    lane.position = Math.max(lane.position, until);
    this.#arm(lane);
    if (from >= until || !isVisible(this.#rows, row, this.#isolation)) return undefined;
    const blob = this.#rows.data(row.seq);
    return blob === undefined ? undefined : { row, blob, from, until };
  }

  #arm(lane: Lane): void {
    if (lane.armed || lane.position >= lane.until) return;
    if (lane.ahead.length === 0) this.#lookAhead(lane);
    const head = lane.ahead[0];
    if (head === undefined) return;
    lane.armed = true;
    this.#heads.push(head.seq, lane);
  }

  #lookAhead(lane: Lane): void {
    const partition = this.#rows.partition(lane.partition);
    if (partition === undefined) {
      lane.position = lane.until;
      return;
    }
    lane.bound = Math.min(lane.until, readableEnd(partition, this.#isolation));
    lane.heldBack = lane.bound < Math.min(lane.until, partition.nextOffset);
    lane.position = Math.max(lane.position, Math.min(partition.logStart, lane.bound));
    lane.ahead = batchesInRange(this.#rows, lane.partition, lane.position, lane.bound, AHEAD);
    if (lane.ahead.length === 0 && lane.bound === lane.until) lane.position = lane.until;
  }
}
