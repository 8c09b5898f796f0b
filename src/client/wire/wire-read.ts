import { setTimeout as pause } from 'node:timers/promises';
import { Heap } from '../../broker/heap.ts';
import type { ScanRange } from '../../broker/merged-read.ts';
import { BATCH_BYTES, FETCH_BYTES } from '../../settings.ts';
import type { Isolation } from '../../types.ts';
import type { LaneRead } from '../group-lanes.ts';
import type { ScannedBatch } from '../whole-batches.ts';
import { Fetcher } from './fetcher.ts';
import type { Line } from './line.ts';
import type { WirePlaces } from './places.ts';
import { ReadLane } from './read-lane.ts';

/**
 * Reads ranges of many partitions from afar in the order in which their batches were committed, each offset at most once, as
 * `MergedRead` does beside the log. What is waited for goes over a connection of its own, so that nothing waits behind it.
 */
export class WireRead implements LaneRead {
  readonly #lanes = new Map<number, ReadLane>();
  readonly #fetcher: Fetcher;
  readonly #waiter: Fetcher;
  readonly #waitingLine: Line;

  constructor(line: Line, places: WirePlaces, isolation: Isolation, ranges: readonly ScanRange[] = []) {
    this.#waitingLine = line.another();
    this.#fetcher = new Fetcher(line, places, isolation);
    this.#waiter = new Fetcher(this.#waitingLine, places, isolation);
    for (const range of ranges) this.add(range);
  }

  get ended(): boolean {
    for (const lane of this.#lanes.values()) if (!lane.isFinished) return false;
    return true;
  }

  get isHeldBack(): boolean {
    for (const lane of this.#lanes.values()) if (lane.isHeldBack) return true;
    return false;
  }

  add(range: ScanRange): void {
    this.#lanes.set(range.partition, new ReadLane(range));
  }

  remove(partition: number): void {
    this.#lanes.delete(partition);
  }

  position(partition: number): number | undefined {
    return this.#lanes.get(partition)?.position;
  }

  /** The next visible batches, about `maxBytes` at the most (but at least one). Empty: nothing more to see for now. */
  async next(maxBytes: number): Promise<ScannedBatch[]> {
    for (;;) {
      await this.#fill(maxBytes);
      const batches = this.#merge(maxBytes);
      if (batches.length > 0 || this.#hungry().length === 0) return batches;
    }
  }

  /** Waits, `ms` at most, until there may be more. Answers whether there is. */
  async wait(ms: number): Promise<boolean> {
    const lanes = [...this.#lanes.values()].filter((lane) => lane.next === undefined && !lane.isFinished);
    if (lanes.length === 0) {
      await pause(ms, undefined, { ref: false });
      return false;
    }
    const before = lanes.map(({ bound }) => bound);
    const question = { maxBytes: FETCH_BYTES, partitionMaxBytes: FETCH_BYTES, waitMs: ms };
    const hasAny = await this.#waiter.fetch(lanes, question, this.#isWanted);
    return hasAny || lanes.some(({ bound, isBehind }, i) => isBehind || bound !== before[i]);
  }

  close(): void {
    this.#waitingLine.close();
  }

  readonly #isWanted = (lane: ReadLane): boolean => this.#lanes.get(lane.id) === lane;

  /** Fetches until each lane has its next batch or has none for now. */
  async #fill(maxBytes: number): Promise<void> {
    for (let lanes = this.#hungry(); lanes.length > 0; lanes = this.#hungry()) {
      const share = Math.max(BATCH_BYTES, Math.ceil(maxBytes / lanes.length));
      const question = { maxBytes, partitionMaxBytes: Math.min(share, maxBytes), waitMs: 0 };
      const hasAny = await this.#fetcher.fetch(lanes, question, this.#isWanted);
      // Where nothing at all was there, not even one batch of the first, it is not that there was no room.
      if (!hasAny) for (const lane of lanes) lane.skipGap();
    }
  }

  /** Those that have more, and those that may have had something before the next batch of another one was committed. */
  #hungry(): ReadLane[] {
    const lanes = [...this.#lanes.values()];
    const first = lanes.reduce(
      (least, { next = Number.POSITIVE_INFINITY }) => Math.min(least, next),
      Number.POSITIVE_INFINITY,
    );
    return lanes.filter(
      (lane) => lane.isBehind || (isDry(lane) && first < Number.POSITIVE_INFINITY && lane.seen < first),
    );
  }

  #merge(maxBytes: number): ScannedBatch[] {
    const heads = new Heap<ReadLane>();
    let seen = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      if (lane.next !== undefined) heads.push(lane.next, lane);
      else if (isDry(lane)) seen = Math.min(seen, lane.seen);
    }
    const batches: ScannedBatch[] = [];
    for (let bytes = 0; bytes < maxBytes; ) {
      const lane = heads.pop();
      if (lane?.next === undefined || lane.next > seen) break;
      const batch = lane.shift() as ScannedBatch;
      bytes += batch.blob.length;
      batches.push(batch);
      if (lane.next !== undefined) heads.push(lane.next, lane);
      else if (lane.isBehind) break;
      else if (isDry(lane)) seen = Math.min(seen, lane.seen);
    }
    return batches;
  }
}

/** All of it that there is for now was given out, and more may come. */
function isDry(lane: ReadLane): boolean {
  return lane.next === undefined && !lane.isFinished;
}
