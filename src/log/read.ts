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

/** An aborted transaction: what its producer wrote from `first` on, up to its marker, is nothing. */
export interface Aborted {
  readonly producerId: number;
  readonly first: number;
}

/**
 * Kafka's list of aborted transactions for batches that are handed out unopened, markers among them: what a reader of committed
 * records has to leave out of them. In the order of their beginnings. One of which only the marker is among them is in it too:
 * @platformatic/kafka looks up every marker in the list.
 */
export function abortedAmong(rows: LogRows, batches: readonly BatchRow[]): Aborted[] {
  const found = new Map<string, Aborted>();
  for (const { partition, base, producerId, attributes } of batches) {
    if ((attributes & ATTRIBUTE.transactional) === 0) continue;
    const first = rows.producers.abortedFrom(partition, base, producerId);
    if (first !== undefined) found.set(`${producerId} ${first}`, { producerId, first });
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
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
