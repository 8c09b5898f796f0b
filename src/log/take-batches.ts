import type { BatchRow, LogRows } from './rows.ts';

/** At most so many at once, however small they are. */
const BATCHES = 200;

/** The rows of the next batches with a base in [from, until), about `bytes` of batches and at least one; empty at the end. */
export function takeBatches(rows: LogRows, partition: number, from: number, until: number, bytes: number): BatchRow[] {
  const batches = rows.batches(partition, from, until, BATCHES);
  let sum = 0;
  const enough = batches.findIndex((row) => {
    sum += row.bytes;
    return sum >= bytes;
  });
  return enough < 0 ? batches : batches.slice(0, enough + 1);
}
