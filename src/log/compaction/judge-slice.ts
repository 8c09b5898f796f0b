import { ATTRIBUTE } from '../../record/batch.ts';
import type { BatchRow, LogRows, PartitionRow } from '../rows.ts';
import { takeBatches } from '../take-batches.ts';
import { compactBatch, type Lost, NOTHING_LOST, withHorizon } from './compact-batch.ts';
import type { KeyMap } from './key-map.ts';

/** What becomes of one batch. */
export interface Change {
  /** Null: the batch goes. */
  readonly blob: Buffer | null;
  readonly lost: Lost;
}

/** Neighbouring batches that have been judged, and may be written. */
export interface Slice {
  /** Offsets: all batches with a base in [from, until). */
  readonly from: number;
  readonly until: number;
  /** The log start by which was judged. */
  readonly logStart: number;
  readonly batches: readonly BatchRow[];
  /** By seq; batches that stay as they are have none. */
  readonly changes: ReadonlyMap<number, Change>;
  /** Markers (offsets) whose transaction has no record left. */
  readonly emptied: readonly number[];
  /** Producers with records of a transaction whose marker is still to come. */
  readonly openAfter: ReadonlySet<number>;
}

/** By what a slice is judged. */
export interface Grounds {
  readonly latest: KeyMap;
  /** ms */
  readonly now: number;
  readonly deleteRetention: number;
  /** What earlier rounds of a dry run found superseded, by seq. */
  readonly marks: ReadonlyMap<number, Uint8Array>;
}

/**
 * Judges the next batches with a base in [from, until), about `sliceBytes` of them and at least one. Reads only; inside the
 * caller's transaction. @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE
 */
export function judgeSlice(
  rows: LogRows,
  partition: PartitionRow,
  grounds: Grounds,
  range: { from: number; until: number; sliceBytes: number; open: ReadonlySet<number> },
): Slice {
  const batches = takeBatches(rows, partition.id, range.from, range.until, range.sliceBytes);
  const last = batches.at(-1);
  const open = new Set(range.open);
  const changes = new Map<number, Change>();
  const emptied: number[] = [];
  for (const row of batches) {
    const change = isControl(row)
      ? judgeMarker(rows, row, grounds, open, emptied)
      : judgeBatch(rows, partition, row, grounds, open);
    if (change !== undefined) changes.set(row.seq, change);
  }
  const until = last === undefined ? range.until : last.last + 1;
  return { from: range.from, until, logStart: partition.logStart, batches, changes, emptied, openAfter: open };
}

export function isControl(row: BatchRow): boolean {
  return (row.attributes & ATTRIBUTE.control) !== 0;
}

export function isAborted(rows: LogRows, row: BatchRow): boolean {
  return (
    (row.attributes & ATTRIBUTE.transactional) !== 0 &&
    rows.producers.isAborted(row.partition, row.base, row.producerId)
  );
}

function judgeBatch(
  rows: LogRows,
  partition: PartitionRow,
  row: BatchRow,
  grounds: Grounds,
  open: Set<number>,
): Change | undefined {
  if ((row.attributes & ATTRIBUTE.transactional) !== 0) open.add(row.producerId);
  const { latest, now, deleteRetention, marks } = grounds;
  const nothingNew = latest.size === 0 && row.base < partition.compactedTo;
  if (nothingNew && !horizonPassed(row, now)) return undefined;
  const blob = rows.data(row.seq);
  if (blob === undefined) return undefined;
  const rule = {
    latest,
    now,
    deleteRetention,
    logStart: partition.logStart,
    aborted: isAborted(rows, row),
    marked: marks.get(row.seq),
  };
  const compacted = compactBatch(blob, rule);
  return compacted.blob === blob ? undefined : compacted;
}

/**
 * A marker stays as long as records of its transaction do, and then until its delete horizon, so that a reader who is in the
 * middle of it learns how it ended (KIP-534; org.apache.kafka.storage.internals.log.CleanedTransactionMetadata). An aborted
 * transaction without records needs no filtering any more.
 */
function judgeMarker(
  rows: LogRows,
  row: BatchRow,
  grounds: Grounds,
  open: Set<number>,
  emptied: number[],
): Change | undefined {
  if (open.delete(row.producerId)) return undefined;
  if (horizonPassed(row, grounds.now))
    return { blob: null, lost: { ...NOTHING_LOST, tombstones: { records: 0, bytes: row.bytes } } };
  const blob = (row.attributes & ATTRIBUTE.deleteHorizon) === 0 ? rows.data(row.seq) : undefined;
  if (blob === undefined) return undefined;
  emptied.push(row.base);
  return { blob: withHorizon(blob, grounds), lost: NOTHING_LOST };
}

function horizonPassed(row: BatchRow, now: number): boolean {
  return (row.attributes & ATTRIBUTE.deleteHorizon) !== 0 && row.baseTimestamp <= now;
}
