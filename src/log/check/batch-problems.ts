import { BrokerError } from '../../errors.ts';
import { type BatchHeader, readHeader, verifyChecksum } from '../../record/batch.ts';
import { RecordCursor } from '../../record/cursor.ts';
import type { BatchRow, PartitionRow } from '../rows.ts';

/**
 * What is wrong with a batch beside its neighbours (L1–L5), as sentences without their place; empty when nothing is.
 * `previous` is the batch before it, undefined for the first.
 */
export function chainProblems(partition: PartitionRow, previous: BatchRow | undefined, batch: BatchRow): string[] {
  const { base, last, seq, runningMax, maxTimestamp } = batch;
  const expected = previous === undefined ? partition.logStart : previous.last + 1;
  const least = Math.max(previous?.runningMax ?? -1, maxTimestamp);
  return sentences([
    [last < base, `the batch ends at ${last}, before it begins`],
    [last < partition.logStart, `the batch ends at ${last}, below the log start at ${partition.logStart}`],
    [last >= partition.nextOffset, `the batch ends at ${last}, beyond the partition's end at ${partition.nextOffset}`],
    [previous !== undefined && base < expected, `the batch overlaps the one before it, which ends at ${expected - 1}`],
    [base > expected && base > denseFrom(partition), `offsets ${expected} to ${base - 1} are missing`],
    [
      previous !== undefined && seq <= previous.seq,
      `the batch has number ${seq}, but the one before it ${previous?.seq}`,
    ],
    [runningMax < least, `the running maximum of timestamps is ${runningMax}, less than ${least}`],
  ]);
}

/** What is wrong with a partition's end, after its last batch; as `chainProblems`. */
export function endProblems(partition: PartitionRow, last: BatchRow | undefined): string[] {
  const { logStart, nextOffset, compactedTo, maxTimestamp } = partition;
  const expected = last === undefined ? logStart : last.last + 1;
  return sentences([
    [logStart < 0 || logStart > nextOffset, `the log start is ${logStart}, the end ${nextOffset}`],
    [compactedTo > nextOffset, `it is said to be compacted up to ${compactedTo}, beyond the end at ${nextOffset}`],
    [
      nextOffset > expected && nextOffset > denseFrom(partition),
      `offsets ${expected} to ${nextOffset - 1} are missing at the end`,
    ],
    [
      maxTimestamp < (last?.runningMax ?? -1),
      `the largest timestamp is said to be ${maxTimestamp}, but there is ${last?.runningMax}`,
    ],
  ]);
}

/** What is wrong with a batch's bytes, alone and beside its row (L3, L7); as `chainProblems`. Reads every record. */
export function blobProblems(partition: PartitionRow, row: BatchRow, data: unknown): string[] {
  if (!Buffer.isBuffer(data)) return ['the batch has no bytes'];
  if (data.length !== row.bytes) return [`the batch has ${data.length} bytes, its row says ${row.bytes}`];
  return orError(() => {
    const header = readHeader(data);
    if (header.length !== data.length)
      return [`the batch says it has ${header.length} bytes, there are ${data.length}`];
    if (!verifyChecksum(data)) return ['the checksum of the batch does not match its bytes'];
    return [...headerProblems(partition, row, header), ...orError(() => recordProblems(data, header))];
  });
}

/** What makes no sense to record/ is a problem of its own. */
export function orError(problems: () => string[]): string[] {
  try {
    return problems();
  } catch (error) {
    if (error instanceof BrokerError) return [error.message];
    throw error;
  }
}

function headerProblems(partition: PartitionRow, row: BatchRow, header: BatchHeader): string[] {
  const { control, count, lastOffsetDelta } = header;
  const said: readonly (readonly [string, number, number])[] = [
    ['base offset', row.base, header.baseOffset],
    ['last offset', row.last, header.lastOffset],
    ['base timestamp', row.baseTimestamp, header.baseTimestamp],
    ['largest timestamp', row.maxTimestamp, header.maxTimestamp],
    ['number of records', row.records, control ? 0 : count],
    ['producer id', row.producerId, header.producerId],
    ['attributes', row.attributes, header.attributes],
  ];
  const dense = row.base < denseFrom(partition) || count === lastOffsetDelta + 1;
  return sentences([
    ...said.map(
      ([what, inRow, inBatch]) => [inRow !== inBatch, `its row says ${what} ${inRow}, the batch ${inBatch}`] as const,
    ),
    [!dense, `the batch has ${count} records for ${lastOffsetDelta + 1} offsets, but was not compacted`],
  ]);
}

function recordProblems(data: Buffer, header: BatchHeader): string[] {
  const cursor = new RecordCursor(data);
  let largest = Number.NEGATIVE_INFINITY;
  while (cursor.next()) largest = Math.max(largest, cursor.timestamp);
  return sentences([
    [
      header.count > 0 && largest !== header.maxTimestamp,
      `the batch says its largest timestamp is ${header.maxTimestamp}; it is ${largest}`,
    ],
  ]);
}

/** Below, compaction may have left gaps, and trims may have left the head of a batch. */
function denseFrom({ compactedTo, logStart }: PartitionRow): number {
  return Math.max(compactedTo, logStart);
}

function sentences(cases: readonly (readonly [wrong: boolean, sentence: string])[]): string[] {
  return cases.filter(([wrong]) => wrong).map(([, sentence]) => sentence);
}
