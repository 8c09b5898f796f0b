import type { LogRows } from './rows.ts';

/**
 * The running maximum of timestamps (L5) after batches before it were lost. Until it is repaired it is too high, never too
 * low, and still rises with the offsets: a search by time then finds a batch that is too early and goes on from there.
 */

/** Bytes of batches whose rows are written in one go; SQLite reads a row's blob to change a number before it. */
const SLICE_BYTES = 4 << 20;

/**
 * Sets the maxima right from the batch at `from` on, until one is right already or so many bytes are done; inside the
 * caller's write. Answers the base to go on from, undefined when all is done.
 */
export function repairRunningMax(
  rows: LogRows,
  partition: number,
  from: number,
  sliceBytes = SLICE_BYTES,
): number | undefined {
  let running = rows.batchesBelow(partition, from, 1)[0]?.runningMax ?? -1;
  let bytes = 0;
  for (let at = from; ; ) {
    const batch = rows.batches(partition, at, Number.MAX_SAFE_INTEGER, 1)[0];
    if (batch === undefined) return repairEnd(rows, partition, running);
    running = Math.max(running, batch.maxTimestamp);
    if (batch.runningMax === running) return undefined;
    rows.setRunningMax(batch.seq, running);
    bytes += batch.bytes;
    at = batch.base + 1;
    if (bytes >= sliceBytes) return at;
  }
}

function repairEnd(rows: LogRows, id: number, running: number): undefined {
  const partition = rows.partition(id);
  if (partition !== undefined && partition.maxTimestamp !== running) rows.keep({ ...partition, maxTimestamp: running });
}

/** The base from which on the maximum is still a removed record's, because a repair was cut short; undefined when none is. */
export function staleFrom(rows: LogRows, partition: number): number | undefined {
  const end = rows.partition(partition)?.maxTimestamp ?? -1;
  const first = rows.batchByTime(partition, end);
  return first !== undefined && first.maxTimestamp < end ? first.base : undefined;
}
