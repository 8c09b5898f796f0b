import type { ScanRange } from '../../broker/merged-read.ts';
import { BrokerError } from '../../errors.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import type { fetch } from '../../protocol/messages/01-fetch.ts';
import { type BatchHeader, readHeader, splitBatches } from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import type { Isolation } from '../../types.ts';
import type { ScannedBatch } from '../whole-batches.ts';

export type FetchedPartition = ResponseOf<typeof fetch>['responses'][number]['partitions'][number];

const NOTHING = Buffer.alloc(0);

interface Ahead {
  readonly seq: number;
  readonly blob: Buffer;
  readonly from: number;
  readonly until: number;
}

/** One partition as it is read from afar: what was fetched and is not given out yet, and up to where there is more. */
export class ReadLane {
  readonly id: number;
  readonly until: number;
  /** The next offset to be fetched. */
  fetchAt: number;
  /** What a reader may see for now, at most `until`; at first it is not known. */
  bound: number;
  /** Everything that was committed up to this place in the order of all commits has been seen. */
  seen = -1;
  /** Behind what a reader may see. */
  highWatermark = 0;
  readonly #from: number;
  readonly #ahead: Ahead[] = [];

  constructor({ partition, from, until }: ScanRange) {
    this.id = partition;
    this.#from = from;
    this.fetchAt = from;
    this.until = until;
    this.bound = until;
  }

  /** The place of its next batch in the order of all commits; undefined: none was fetched. */
  get next(): number | undefined {
    return this.#ahead[0]?.seq;
  }

  /** The first offset that nobody has looked at. */
  get position(): number {
    return this.#ahead[0]?.from ?? Math.max(this.#from, this.fetchAt);
  }

  get isFinished(): boolean {
    return this.#ahead.length === 0 && this.fetchAt >= this.until;
  }

  /** Whether there is more of it to be seen now. */
  get isBehind(): boolean {
    return this.#ahead.length === 0 && this.fetchAt < this.bound;
  }

  /** Whether an open transaction holds back what follows. */
  get isHeldBack(): boolean {
    return this.fetchAt >= this.bound && this.bound < Math.min(this.until, this.highWatermark);
  }

  shift(): ScannedBatch | undefined {
    const head = this.#ahead.shift();
    return head && { row: { partition: this.id, seq: head.seq }, ...head };
  }

  /** What was fetched from `fetchAt` on, when everything up to `lastSeq` was committed. Throws CORRUPT_MESSAGE. */
  take(fetched: FetchedPartition, isolation: Isolation, lastSeq: number): void {
    const { highWatermark, lastStableOffset, sequence } = fetched;
    this.highWatermark = highWatermark;
    this.bound = Math.min(this.until, isolation === 'read_committed' ? lastStableOffset : highWatermark);
    const visible = visibleTo(isolation, fetched);
    for (const [i, blob] of splitBatches(fetched.records ?? NOTHING).entries()) {
      const header = readHeader(blob);
      const from = Math.max(this.#from, this.fetchAt, header.baseOffset);
      const until = Math.min(this.bound, header.lastOffset + 1);
      this.fetchAt = Math.max(this.fetchAt, until);
      if (from < until && visible(header, blob)) this.#ahead.push({ seq: sequence[i] ?? 0, blob, from, until });
    }
    this.seen = lastSeq;
  }

  /** Nothing lies between here and the end: it was compacted away. */
  skipGap(): void {
    this.fetchAt = Math.max(this.fetchAt, this.bound);
  }

  /** The log has lost its beginning, or does not reach up to here yet: offsets below `position` are not given out. */
  moveInto(logStart: number, highWatermark: number): void {
    this.fetchAt = Math.max(logStart, Math.min(this.fetchAt, highWatermark));
    this.bound = Math.min(this.until, Math.max(this.fetchAt, highWatermark));
  }

  /** The partition is no more. */
  finish(): void {
    this.fetchAt = this.until;
  }
}

/**
 * Whether a reader is shown a batch, asked for one after the other (Kafka's CompletedFetch): none of markers, and none of a
 * transaction between its first offset in the list of aborted ones and its marker.
 */
function visibleTo(isolation: Isolation, { abortedTransactions }: FetchedPartition) {
  const coming = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<number>();
  return ({ control, transactional, producerId, lastOffset }: BatchHeader, blob: Buffer): boolean => {
    if (isolation === 'read_uncommitted') return !control;
    while (coming[0] !== undefined && coming[0].firstOffset <= lastOffset)
      aborted.add(coming.shift()?.producerId as number);
    if (!control) return !transactional || !aborted.has(producerId);
    if (!readMarker(blob).commit) aborted.delete(producerId);
    return false;
  };
}

/** Why a partition could not be read. */
export function fetchProblem(code: number, topic: string, partition: number): BrokerError {
  return new BrokerError('STORAGE_FAILED', {
    path: `${topic} ${partition}`,
    problem: `the server could not read it (error ${code})`,
  });
}
