import type { Groups } from '../group/groups.ts';
import { appendMarker } from '../log/log.ts';
import type { LogRows } from '../log/rows.ts';
import type { TransactionRow, TransactionRows } from './rows.ts';
import { ended } from './transaction.ts';

/** What this room reads and writes. */
export interface Room {
  readonly rows: TransactionRows;
  readonly log: LogRows;
  readonly groups: Groups;
}

/** Markers into every partition that is still there, offsets to their groups, and the state (X3); inside the caller's write. */
export function endTransaction({ rows, log, groups }: Room, row: TransactionRow, commit: boolean, now: number): void {
  const { producerId, epoch: producerEpoch } = row;
  const marker = { producerId, producerEpoch, commit, coordinatorEpoch: 0, timestamp: now };
  for (const id of rows.partitions(row.id)) {
    const partition = log.partition(id);
    if (partition !== undefined) appendMarker(log, partition, marker);
  }
  if (commit) for (const { grp, ...offset } of rows.pending(row.id)) groups.store(grp, offset, now);
  rows.clear(row.id);
  rows.keep(ended(row, commit, now));
}

/** A transactional id goes, and what partitions know of its producer; what it has left open is aborted. */
export function forgetTransaction(room: Room, row: TransactionRow, now: number): void {
  if (row.state === 'Ongoing') endTransaction(room, row, false, now);
  room.rows.remove(row.id);
  room.log.producers.forget(row.producerId);
}
