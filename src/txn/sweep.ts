import { TRANSACTIONAL_ID_EXPIRATION_MS } from '../settings.ts';
import { endTransaction, forgetTransaction, type Room } from './end-transaction.ts';
import type { TransactionRow, TransactionRows } from './rows.ts';
import { fenced, type Surroundings, verdictOn } from './transaction.ts';

/** The transactional ids of which something is to be ended, forgotten or put right. Reads only. */
export function findOverdue(rows: TransactionRows, s: Surroundings): string[] {
  return rows
    .watched(s.now - TRANSACTIONAL_ID_EXPIRATION_MS, s.now)
    .filter((row) => isAhead(row, s.now) || verdictOn(row, row.isMember, s) !== null)
    .map(({ transactionalId }) => transactionalId);
}

/** Does that to one of them, if it is still right; inside the caller's write. Answers whether a transaction was aborted. */
export function settleOverdue(room: Room, transactionalId: string, s: Surroundings): boolean {
  const found = room.rows.named(transactionalId);
  if (found === undefined) return false;
  const row = rewound(room.rows, found, s.now);
  const verdict = verdictOn(row, row.isMember, s);
  if (verdict === null) return false;
  if (verdict === 'gone' || verdict === 'expired') forgetTransaction(room, row, s.now);
  else endTransaction(room, fenced(row), false, s.now);
  return row.state === 'Ongoing';
}

/** The clock was set back: what began in the future began now, or it would be waited for until then. */
function rewound(rows: TransactionRows, row: TransactionRow, now: number): TransactionRow {
  if (!isAhead(row, now)) return row;
  const { started, changed } = row;
  const right = { ...row, started: started === null ? null : Math.min(started, now), changed: Math.min(changed, now) };
  rows.keep(right);
  return right;
}

function isAhead({ started, changed }: TransactionRow, now: number): boolean {
  return changed > now || (started !== null && started > now);
}
