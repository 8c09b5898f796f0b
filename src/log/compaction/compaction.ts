import { recordCount } from '../../record/batch.ts';
import type { LogConfig } from '../../types.ts';
import type { Loss } from '../loss.ts';
import type { BatchRow, LogRows, PartitionRow } from '../rows.ts';
import { repairRunningMax } from '../running-max.ts';
import { takeBatches } from '../take-batches.ts';
import { findCleanable } from './cleanable.ts';
import { type Lost, markSuperseded, NOTHING_LOST, noteLatest } from './compact-batch.ts';
import { isAborted, isControl, judgeSlice, type Slice } from './judge-slice.ts';
import { KeyMap } from './key-map.ts';
import { writeSlice } from './write-slice.ts';

export interface CompactionOptions {
  /** Only find out what would go. */
  readonly dryRun?: boolean;
  /** Distinct keys that are looked after in one round; 25 to 70 bytes of memory each. */
  readonly maxKeys?: number;
  /** Bytes of batches that one step reads or writes. */
  readonly sliceBytes?: number;
}

const MAX_KEYS = 1_000_000;
const SLICE_BYTES = 1 << 20;

/** What the next step is, and so in which kind of transaction it has to run. */
export type NextStep = 'read' | 'write' | 'done';

type Phase = 'map' | 'filter' | 'write' | 'repair' | 'done';

/**
 * Compacts a partition as Kafka's log cleaner does (org.apache.kafka.storage.internals.log.Cleaner): finds the latest offset
 * of each key in what is new, then takes out of every batch from the log start on what has a newer record of its key,
 * tombstones whose delete horizon is over, and records of aborted transactions. Batches keep seq, base and last offset.
 *
 * More keys than `maxKeys` take several rounds. What is appended after the start is left for the next compaction. Every step
 * is short; between steps anything may happen to the file, and after any of them the compaction may be dropped: the partition
 * is a whole one (L1–L9), and the next compaction does the rest.
 */
export class Compaction {
  readonly #rows: LogRows;
  readonly #partition: number;
  readonly #config: LogConfig;
  readonly #now: number;
  readonly #options: Required<CompactionOptions>;

  #phase: Phase = 'map';
  /** Where the last round ends; NaN until the first step. */
  #until = Number.NaN;
  /** The latest offsets of the keys in this round's new batches, and where those end. */
  #latest = new KeyMap();
  #mappedTo = 0;
  /** Where the next slice begins, and whose transactions are open there. */
  #at = 0;
  #open: ReadonlySet<number> = new Set();
  #slice: Slice | undefined;
  /** Running maxima from `#at` on are too high. */
  #lowered = false;
  readonly #marks = new Map<number, Uint8Array>();
  #lost: Lost = NOTHING_LOST;
  #bytesDone = 0;
  #bytesInAll = 0;

  constructor(rows: LogRows, partition: number, config: LogConfig, now: number, options: CompactionOptions = {}) {
    this.#rows = rows;
    this.#partition = partition;
    this.#config = config;
    this.#now = now;
    this.#options = { dryRun: false, maxKeys: MAX_KEYS, sliceBytes: SLICE_BYTES, ...options };
    if (!config.cleanupPolicy.includes('compact')) this.#phase = 'done';
  }

  get next(): NextStep {
    if (this.#phase === 'done') return 'done';
    return this.#phase === 'write' || this.#phase === 'repair' ? 'write' : 'read';
  }

  /** What has gone so far, or would go. */
  get lost(): Lost {
    return this.#lost;
  }

  /** Bytes of batches that have been read, and that are to be; a guess when there is more than one round. */
  get progress(): { readonly done: number; readonly total: number } {
    return { done: Math.min(this.#bytesDone, this.#bytesInAll), total: this.#bytesInAll };
  }

  /**
   * Does the next step, inside the caller's `store.read` or `store.write`, as `next` says. True while there is more to do.
   * After a transaction that failed, begin anew: the object no longer knows where it is.
   * @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE: a batch cannot be read, and this partition not compacted
   */
  step(): boolean {
    const partition = this.#rows.partition(this.#partition);
    this.#phase = partition === undefined ? 'done' : this.#do(partition);
    return this.#phase !== 'done';
  }

  #do(partition: PartitionRow): Phase {
    switch (this.#phase) {
      case 'map':
        return this.#map(partition);
      case 'filter':
        return this.#filter(partition);
      case 'write':
        return this.#write(partition);
      case 'repair':
        return this.#repair();
      case 'done':
        return 'done';
    }
  }

  #begin(partition: PartitionRow): void {
    const { from, until, dirtyBytes, totalBytes } = findCleanable(this.#rows, partition, this.#config, this.#now);
    this.#mappedTo = from;
    this.#until = until;
    this.#bytesInAll = dirtyBytes + totalBytes;
  }

  /** Reads the keys of some new batches. A round ends before the batch that finds the map full. */
  #map(partition: PartitionRow): Phase {
    if (Number.isNaN(this.#until)) this.#begin(partition);
    const batches = this.#take(partition, this.#mappedTo, this.#until);
    for (const row of batches) {
      if (this.#latest.size >= this.#options.maxKeys) return 'filter';
      const blob = isControl(row) || isAborted(this.#rows, row) ? undefined : this.#rows.data(row.seq);
      if (blob !== undefined) noteLatest(blob, this.#latest, partition.logStart);
      this.#mappedTo = row.last + 1;
      this.#bytesDone += row.bytes;
    }
    if (batches.length > 0) return 'map';
    this.#mappedTo = this.#until;
    return 'filter';
  }

  #take(partition: PartitionRow, from: number, until: number): BatchRow[] {
    return takeBatches(this.#rows, partition.id, from, until, this.#options.sliceBytes);
  }

  #filter(partition: PartitionRow): Phase {
    const { dryRun, sliceBytes } = this.#options;
    if (dryRun && this.#mappedTo < this.#until) return this.#mark(partition);
    const grounds = {
      latest: this.#latest,
      now: this.#now,
      deleteRetention: this.#config.deleteRetentionMs,
      marks: this.#marks,
    };
    const range = { from: this.#at, until: this.#mappedTo, sliceBytes, open: this.#open };
    const slice = judgeSlice(this.#rows, partition, grounds, range);
    const newsAtTheEnd = slice.until >= this.#mappedTo && slice.until > partition.compactedTo;
    if (dryRun || (slice.changes.size === 0 && !this.#lowered && !newsAtTheEnd)) return this.#pass(slice);
    this.#slice = slice;
    return 'write';
  }

  /** A round of a dry run that is not the last changes nothing: what it finds is kept in mind for the last. */
  #mark(partition: PartitionRow): Phase {
    const batches = this.#take(partition, this.#at, this.#mappedTo);
    for (const row of batches) {
      const blob = isControl(row) ? undefined : this.#rows.data(row.seq);
      if (blob === undefined) continue;
      const marked = this.#marks.get(row.seq) ?? new Uint8Array(recordCount(blob));
      this.#marks.set(row.seq, marked);
      markSuperseded(blob, this.#latest, marked);
    }
    this.#at = (batches.at(-1)?.last ?? this.#mappedTo) + 1;
    return batches.length > 0 ? 'filter' : this.#endRound();
  }

  #write(partition: PartitionRow): Phase {
    const slice = this.#slice;
    const written = slice === undefined ? null : writeSlice(this.#rows, partition, slice);
    if (slice === undefined || written === null) return 'filter';
    if (slice.batches.length > 0) this.#lowered = written.lowered;
    return this.#pass(slice);
  }

  #pass(slice: Slice): Phase {
    for (const { lost } of slice.changes.values()) this.#lost = plus(this.#lost, lost);
    for (const { bytes } of slice.batches) this.#bytesDone += bytes;
    this.#at = slice.until;
    this.#open = slice.openAfter;
    if (this.#at < this.#mappedTo) return 'filter';
    return this.#lowered ? 'repair' : this.#endRound();
  }

  #repair(): Phase {
    const next = repairRunningMax(this.#rows, this.#partition, this.#at);
    if (next === undefined) return this.#endRound();
    this.#at = next;
    return 'repair';
  }

  #endRound(): Phase {
    if (this.#mappedTo >= this.#until) return 'done';
    this.#latest = new KeyMap();
    this.#at = 0;
    this.#open = new Set();
    this.#lowered = false;
    return 'map';
  }
}

function plus(a: Lost, b: Lost): Lost {
  return { superseded: sum(a.superseded, b.superseded), tombstones: sum(a.tombstones, b.tombstones) };
}

function sum(a: Loss, b: Loss): Loss {
  return { records: a.records + b.records, bytes: a.bytes + b.bytes };
}
