import { RecordCursor } from '../record/cursor.ts';
import type { Isolation, Position } from '../types.ts';
import type { LogRows, PartitionRow } from './rows.ts';

/** Up to where a reader of this isolation may read: the last stable offset, or the high watermark. */
export function readableEnd({ lastStable, nextOffset }: PartitionRow, isolation: Isolation): number {
  return isolation === 'read_committed' ? lastStable : nextOffset;
}

/**
 * The offset a position means in this partition. `end` is what the reader may see. Not bounded by log start and end: an
 * offset that people wrote stays what they wrote, so that the caller can say what is missing.
 */
export function resolvePosition(rows: LogRows, partition: PartitionRow, position: Position, end: number): number {
  const { logStart } = partition;
  return placeOf(position, { logStart, end }, (timestamp) => offsetForTime(rows, partition, timestamp)?.offset);
}

/** As `resolvePosition`, for whoever knows the partition otherwise. `atTime` is asked for the first offset of a time (ms) or later. */
export function placeOf(
  position: Position,
  { logStart, end }: { readonly logStart: number; readonly end: number },
  atTime: (timestamp: number) => number | undefined,
): number {
  switch (position.at) {
    case 'start':
      return logStart;
    case 'end':
      return end;
    case 'offset':
      return position.offset;
    case 'before-end':
      return Math.max(logStart, end - position.count);
    case 'after-start':
      return logStart + position.count;
    case 'time':
      return atTime(position.timestamp) ?? end;
  }
}

/**
 * The first record at or after `timestamp` (ms), by offset: Kafka's ListOffsets with a time. Undefined when there is none.
 * The running maximum finds the batch even when times are out of order; inside it the records are read.
 */
export function offsetForTime(
  rows: LogRows,
  partition: PartitionRow,
  timestamp: number,
): { readonly offset: number; readonly timestamp: number } | undefined {
  let batch = rows.batchByTime(partition.id, timestamp);
  while (batch !== undefined) {
    const found =
      batch.maxTimestamp < timestamp ? undefined : firstInBatch(rows, batch.seq, partition.logStart, timestamp);
    if (found !== undefined) return found;
    batch = rows.batchReaching(partition.id, batch.base + 1, timestamp);
  }
  return undefined;
}

function firstInBatch(
  rows: LogRows,
  seq: number,
  logStart: number,
  timestamp: number,
): { offset: number; timestamp: number } | undefined {
  const blob = rows.data(seq);
  if (blob === undefined) return undefined;
  const cursor = new RecordCursor(blob);
  while (cursor.next()) {
    if (cursor.offset >= logStart && cursor.timestamp >= timestamp)
      return { offset: cursor.offset, timestamp: cursor.timestamp };
  }
  return undefined;
}
