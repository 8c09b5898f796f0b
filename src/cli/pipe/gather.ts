import type { ReadBatch } from '../../client/cluster.ts';
import { countRecords, cut, type PipedBatch } from './piped-batch.ts';

/** Of the log, from which on a batch is full whatever the number of its records. */
const FULL_BYTES = 4 << 20;

/** Of all partitions together, from which on nobody waits any more. */
const MOST_BYTES = 32 << 20;

interface Gathered {
  readonly piece: ReadBatch;
  readonly records: number;
}

/** What has been read of a partition and not been run. */
interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly gathered: Gathered[];
  records: number;
  bytes: number;
  /** When (ms, monotonic) it began to wait. */
  since: number;
}

/** Gathers what was read, each partition for itself, until there is enough for a run of the command. */
export class Gather {
  readonly #most: number;
  readonly #lanes = new Map<string, Lane>();
  #bytes = 0;

  /** `most`: records of one batch. */
  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** Of an earlier stay of the partition with this member nothing is kept. Throws CORRUPT_MESSAGE. */
  add(piece: ReadBatch, now: number): void {
    const records = countRecords(piece);
    const { topic, partition } = piece;
    const name = nameOf(piece);
    let lane = this.#lanes.get(name);
    if (lane === undefined || first(lane).tenure !== piece.tenure) {
      this.#bytes -= lane?.bytes ?? 0;
      lane = { topic, partition, gathered: [], records: 0, bytes: 0, since: now };
      this.#lanes.set(name, lane);
    }
    lane.gathered.push({ piece, records });
    this.#grow(lane, records, piece.blob.length);
  }

  /** Takes out a batch that is full or has waited for so long (ms): of those, what was read first. Throws CORRUPT_MESSAGE. */
  take(now: number, lingerMs: number): PipedBatch | undefined {
    let oldest: Lane | undefined;
    for (const lane of this.#lanes.values())
      if (this.#isDue(lane, now, lingerMs) && (oldest === undefined || first(lane).seq < first(oldest).seq))
        oldest = lane;
    return oldest && this.#takeFrom(oldest, now);
  }

  /** ms until one has waited for so long; null when none waits. */
  dueIn(now: number, lingerMs: number): number | null {
    let due = Number.POSITIVE_INFINITY;
    for (const { since } of this.#lanes.values()) due = Math.min(due, since + lingerMs - now);
    return this.isEmpty ? null : Math.max(0, due);
  }

  #isDue({ records, bytes, since }: Lane, now: number, lingerMs: number): boolean {
    const isFull = records >= this.#most || bytes >= FULL_BYTES;
    return isFull || this.#bytes >= MOST_BYTES || now - since >= lingerMs;
  }

  #takeFrom(lane: Lane, now: number): PipedBatch {
    const { topic, partition, gathered } = lane;
    const limit = this.#most;
    let [count, records, bytes] = [0, 0, 0];
    for (; count < gathered.length && records < limit && bytes < FULL_BYTES; count++) {
      records += (gathered[count] as Gathered).records;
      bytes += (gathered[count] as Gathered).piece.blob.length;
    }
    const pieces = gathered.splice(0, count).map(({ piece }) => piece);
    this.#grow(lane, -records, -bytes);
    lane.since = now;
    const all = { topic, partition, pieces, records };
    if (records <= limit) return this.#without(lane, all);
    const [batch, { pieces: rest }] = cut(all, limit);
    gathered.unshift(...rest.map((piece) => ({ piece, records: records - limit })));
    this.#grow(lane, records - limit, (rest[0] as ReadBatch).blob.length);
    return batch;
  }

  #without(lane: Lane, batch: PipedBatch): PipedBatch {
    if (lane.gathered.length === 0) this.#lanes.delete(nameOf(batch));
    return batch;
  }

  #grow(lane: Lane, records: number, bytes: number): void {
    lane.records += records;
    lane.bytes += bytes;
    this.#bytes += bytes;
  }
}

function first({ gathered }: Lane): ReadBatch {
  return (gathered[0] as Gathered).piece;
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${partition} ${topic}`;
}
