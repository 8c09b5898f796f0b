import { offsetForTime, readableEnd } from '../log/offsets.ts';
import type { LogRows, PartitionRow } from '../log/rows.ts';
import type { Isolation } from '../types.ts';

/** A place in a partition as clients ask for it; a number is the first record of that time (ms) or later. */
export type Sought = 'latest' | 'earliest' | 'largest-timestamp' | number;

export interface FoundOffset {
  readonly offset: number;
  /** Of the record there, ms; -1 where a time was not what was asked for. */
  readonly timestamp: number;
}

/**
 * Kafka's ListOffsets for one partition, inside the caller's read; undefined when no such record can be read at this isolation
 * (kafka.cluster.Partition.fetchOffsetForTimestamp). Throws CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE.
 */
export function listOffset(
  rows: LogRows,
  partition: PartitionRow,
  sought: Sought,
  isolation: Isolation,
): FoundOffset | undefined {
  const end = readableEnd(partition, isolation);
  if (sought === 'latest') return { offset: end, timestamp: -1 };
  if (sought === 'earliest') return { offset: partition.logStart, timestamp: -1 };
  const time = sought === 'largest-timestamp' ? partition.maxTimestamp : sought;
  const found = offsetForTime(rows, partition, time);
  return found === undefined || found.offset >= end ? undefined : found;
}
