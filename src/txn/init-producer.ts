import { BrokerError } from '../errors.ts';
import type { MemberRef } from '../group/groups.ts';
import { MAX_TRANSACTION_TIMEOUT_MS } from '../settings.ts';
import type { ProcessId } from '../types.ts';
import { endTransaction, type Room } from './end-transaction.ts';
import type { TransactionRow } from './rows.ts';
import { asksAgain, begun, fenced, type ProducerIdentity, succeeded, type Wish } from './transaction.ts';

/** Who comes to write. */
export interface InitRequest {
  /** Null: idempotent, without transactions. */
  readonly transactionalId: string | null;
  /** ms; null: as long as its process. */
  readonly timeoutMs: number | null;
  /** What it was until now, when it wants to go on (KIP-360). */
  readonly current?: ProducerIdentity | undefined;
  /** One of beck's own; null: a socket's client. */
  readonly process?: ProcessId | null | undefined;
  /** The group member on whose behalf it works: when that is one no more, the transaction is aborted. */
  readonly member?: MemberRef | null | undefined;
}

/**
 * Kafka's InitProducerId, inside the caller's write. What its transactional id has left open is aborted in the same step.
 * Throws USAGE (the id), INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED.
 */
export function initProducer(room: Room, request: InitRequest, now: number): ProducerIdentity {
  const { rows } = room;
  const { transactionalId, timeoutMs: timeout, current, process = null, member = null } = request;
  if (transactionalId === null) return { producerId: rows.nextProducerId(), epoch: 0 };
  checkTransactionalId(transactionalId);
  checkTimeout(timeout, process);
  const known = rows.named(transactionalId);
  if (known !== undefined && asksAgain(known, current)) return identityOf(known);
  const wish = { timeout, process, current };
  const row = known === undefined ? newcomer(room, transactionalId, wish, now) : successor(room, known, wish, now);
  rows.workFor(row.id, member);
  return identityOf(row);
}

function newcomer({ rows }: Room, transactionalId: string, wish: Wish, now: number): TransactionRow {
  return rows.add(begun(transactionalId, rows.nextProducerId(), wish, now));
}

/** An open transaction is aborted with the epoch that comes next, which then is its successor's. */
function successor(room: Room, row: TransactionRow, wish: Wish, now: number): TransactionRow {
  if (row.state === 'Ongoing') endTransaction(room, fenced(row), false, now);
  const next = succeeded(row, wish, () => room.rows.nextProducerId(), now);
  room.rows.keep(next);
  return next;
}

function identityOf({ producerId, epoch }: ProducerIdentity): ProducerIdentity {
  return { producerId, epoch };
}

/** Kafka takes every name but the empty one; what a terminal would obey is refused as well. */
function checkTransactionalId(name: string): void {
  const problem = name === '' ? 'it is empty' : /\p{Cc}/u.test(name) ? 'it contains control characters' : undefined;
  if (problem === undefined) return;
  throw new BrokerError('USAGE', {
    problem: `'${JSON.stringify(name).slice(1, -1)}' is no transactional id: ${problem}`,
    hint: 'any other text is one',
  });
}

function checkTimeout(timeout: number | null, process: ProcessId | null): void {
  if (timeout === null ? process !== null : timeout > 0 && timeout <= MAX_TRANSACTION_TIMEOUT_MS) return;
  throw new BrokerError('INVALID_TRANSACTION_TIMEOUT', {
    timeout: timeout ?? 'none',
    most: MAX_TRANSACTION_TIMEOUT_MS,
  });
}
