import type { ScanRange } from '../broker/merged-read.ts';
import type { TopicPartition } from '../types.ts';
import type { PartitionOffset } from './group-reader.ts';
import { type LocatedRange, scanRange } from './range.ts';
import type { ReadBatch } from './reader.ts';
import type { BatchPlace, ScannedBatch } from './whole-batches.ts';

/** What is read, by the ids of partitions: `MergedRead`, or what does the same from afar. */
export interface LaneRead {
  add(range: ScanRange): void;
  /** What was looked ahead of it is forgotten. */
  remove(partition: number): void;
  /** The first offset that has not been looked at; undefined: it is not read. */
  position(partition: number): number | undefined;
}

/** A partition that a member has. Offsets are those behind the last record that is meant. */
interface GroupLane {
  readonly range: LocatedRange;
  /** Given out by `next`. */
  handed: number;
  /** Begun to be shown. */
  taken: number;
  /** Shown. */
  done: number;
  /** What the group has committed; null: nothing. */
  stored: number | null;
  /** It shall be another's: nothing more of it is given out. */
  revoked: boolean;
  /** Counts its stays here: what was given out in an earlier one is not shown any more. */
  tenure: number;
}

/** How far a member has come with each partition that it has. */
export class GroupLanes {
  readonly #read: LaneRead;
  readonly #lanes = new Map<number, GroupLane>();
  readonly #byName = new Map<string, GroupLane>();
  #revoked = 0;
  #tenures = 0;

  constructor(read: LaneRead) {
    this.#read = read;
  }

  get size(): number {
    return this.#lanes.size;
  }

  get ids(): number[] {
    return [...this.#lanes.keys()];
  }

  get ranges(): LocatedRange[] {
    return [...this.#lanes.values()].map(({ range }) => range);
  }

  has(id: number): boolean {
    return this.#lanes.has(id);
  }

  /** Nothing is being shown. */
  settle(): void {
    for (const lane of this.#lanes.values()) lane.taken = lane.done;
  }

  /** Inside the caller's read. */
  add(range: LocatedRange, stored: number | null): void {
    const { id, start } = range;
    const tenure = this.#tenures++;
    const lane = { range, handed: start, taken: start, done: start, stored, revoked: false, tenure };
    this.#lanes.set(id, lane);
    this.#byName.set(nameOf(range), lane);
    this.#read.add(scanRange(range));
  }

  /** Inside the caller's read: a revoked one of which nothing is being shown is kept after all. */
  keep(id: number): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined || !lane.revoked) return;
    this.#revoked--;
    lane.revoked = false;
    this.#rewind(lane);
  }

  /** Inside the caller's read: what was given out and is not done is given out again, unless the partition is another's by now. */
  again(topic: string, partition: number): void {
    const lane = this.#byName.get(nameOf({ topic, partition }));
    if (lane === undefined) return;
    lane.taken = lane.done;
    if (lane.revoked) return;
    this.#read.remove(lane.range.id);
    this.#rewind(lane);
  }

  #rewind(lane: GroupLane): void {
    lane.tenure = this.#tenures++;
    lane.handed = lane.done;
    lane.taken = lane.done;
    this.#read.add({ ...scanRange(lane.range), from: lane.done });
  }

  revoke(id: number): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined || lane.revoked) return;
    lane.revoked = true;
    this.#revoked++;
    this.#read.remove(id);
  }

  drop(id: number): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined) return;
    if (lane.revoked) this.#revoked--;
    this.#read.remove(id);
    this.#lanes.delete(id);
    this.#byName.delete(nameOf(lane.range));
  }

  /** Batches are given out; also those that are kept back, for being damaged: nothing behind them is done. */
  hand(batches: readonly ScannedBatch[]): void {
    for (const { row, until } of batches) this.#lane(row.partition).handed = until;
  }

  /** Where a batch of this partition belongs to. */
  place(id: number): BatchPlace {
    const { range, tenure } = this.#lane(id);
    return { topic: range.topic, partition: range.partition, tenure };
  }

  /** False: the partition is given up, or was lost, even if it is back. */
  take(batch: ReadBatch): boolean {
    const lane = this.#byName.get(nameOf(batch));
    if (lane === undefined || lane.revoked || lane.tenure !== batch.tenure) return false;
    lane.taken = batch.until;
    return true;
  }

  done(topic: string, partition: number, next: number): void {
    const lane = this.#byName.get(nameOf({ topic, partition }));
    if (lane !== undefined) lane.done = Math.max(lane.done, next);
  }

  /** A transaction has stored it: everything below `next` has been shown. */
  doneAndStored(topic: string, partition: number, next: number): void {
    this.done(topic, partition, next);
    const lane = this.#byName.get(nameOf({ topic, partition }));
    if (lane !== undefined) lane.stored = next;
  }

  /** The revoked ones of which nothing is being shown any more. */
  get givenUp(): number[] {
    if (this.#revoked === 0) return [];
    return this.ids.filter((id) => {
      const { revoked, done, taken } = this.#lane(id);
      return revoked && done >= taken;
    });
  }

  /** What is to be committed. A beginning that lies ahead of the end is none to be kept: it would be taken for a lost one. */
  get unstored(): { readonly id: number; readonly offset: number }[] {
    const found: { id: number; offset: number }[] = [];
    for (const [id, lane] of this.#lanes) {
      const offset = this.#position(id, lane);
      const { start, highWatermark } = lane.range;
      if (offset !== lane.stored && (offset > start || start <= highWatermark)) found.push({ id, offset });
    }
    return found;
  }

  stored(id: number, offset: number): void {
    const lane = this.#lanes.get(id);
    if (lane !== undefined) lane.stored = offset;
  }

  get committed(): PartitionOffset[] {
    return [...this.#lanes.values()].flatMap(({ range: { topic, partition }, stored }) =>
      stored === null ? [] : [{ topic, partition, offset: stored }],
    );
  }

  #lane(id: number): GroupLane {
    return this.#lanes.get(id) as GroupLane;
  }

  /** When all that was given out has been shown, what can't be shown counts too: markers, gaps. */
  #position(id: number, { done, handed }: GroupLane): number {
    return done < handed ? done : Math.max(done, this.#read.position(id) ?? done);
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
