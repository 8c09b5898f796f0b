import { ATTRIBUTE } from '../record/batch.ts';
import type { Isolation } from '../types.ts';
import type { BatchRow, LogRows } from './rows.ts';

/**
 * Whether a reader of this isolation is shown the records of a batch: never those of a control batch, and none of an
 * aborted transaction unless uncommitted ones were asked for.
 */
export function isVisible(rows: LogRows, batch: BatchRow, isolation: Isolation): boolean {
  if ((batch.attributes & ATTRIBUTE.control) !== 0) return false;
  if (isolation === 'read_uncommitted' || (batch.attributes & ATTRIBUTE.transactional) === 0) return true;
  return !rows.producers.isAborted(batch.partition, batch.base, batch.producerId);
}

/**
 * The rows of the next batches that hold offsets in [from, until), oldest first, at most `limit`. The first may begin below
 * `from`.
 */
export function batchesInRange(
  rows: LogRows,
  partition: number,
  from: number,
  until: number,
  limit: number,
): BatchRow[] {
  if (from >= until) return [];
  const batches = rows.batches(partition, from, until, limit);
  if (batches[0]?.base === from) return batches;
  const holding = rows.batchHolding(partition, from);
  return holding === undefined ? batches : [holding, ...batches.slice(0, limit - 1)];
}
