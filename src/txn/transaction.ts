import { BrokerError } from '../errors.ts';
import type { Origin } from '../log/validate.ts';
import { TRANSACTIONAL_ID_EXPIRATION_MS, UNSEEN_PROCESS_MS } from '../settings.ts';
import type { ProcessId } from '../types.ts';

/**
 * One transactional id, and what may become of it: pure decisions over its row (org.apache.kafka.coordinator.transaction.
 * TransactionMetadata). A commit is one SQLite transaction, so Kafka's Prepare states are never seen.
 */
export type TransactionState = 'Empty' | 'Ongoing' | 'CompleteCommit' | 'CompleteAbort';

export interface ProducerIdentity {
  readonly producerId: number;
  readonly epoch: number;
}

export interface TransactionRef extends ProducerIdentity {
  readonly transactionalId: string;
}

/** Times in ms. */
export interface Transaction extends TransactionRef {
  /** What its producer was before it asked for the identity that it has; who asks as that again is answered the same. */
  readonly previous: ProducerIdentity | null;
  readonly state: TransactionState;
  /** Null: it may take as long as its process lives. */
  readonly timeout: number | null;
  /** When the ongoing one began. */
  readonly started: number | null;
  readonly changed: number;
  /** Null: a socket's client. */
  readonly process: ProcessId | null;
}

/** What whoever comes as a transactional id brings. */
export interface Wish {
  readonly timeout: number | null;
  readonly process: ProcessId | null;
  /** What it was until now: only then may it go on (KIP-360). */
  readonly current?: ProducerIdentity | undefined;
}

/** Kafka's largest epoch. No producer has it: it is left for fencing the one that has the epoch before. */
export const LAST_EPOCH = 32_767;

/** Who comes for the first time. One that says what it was has been forgotten meanwhile, and may go on. */
export function begun(transactionalId: string, producerId: number, wish: Wish, now: number): Transaction {
  const { timeout, process, current } = wish;
  const identity = { transactionalId, producerId, epoch: 0, previous: current ?? null };
  return { ...identity, state: 'Empty', timeout, started: null, changed: now, process };
}

/**
 * Whether who says to be `current` has asked for its successor already, and did not hear the answer.
 * Throws PRODUCER_FENCED when it is neither what the row says nor what was there before.
 */
export function asksAgain(row: Transaction, current: ProducerIdentity | undefined): boolean {
  if (current === undefined || isSame(current, row)) return false;
  if (row.previous !== null && isSame(current, row.previous)) return true;
  throw fencedError(row, current);
}

/** The next epoch of a transactional id, or a new producer id when there is none: `newId` is asked only then. */
export function succeeded<T extends Transaction>(row: T, wish: Wish, newId: () => number, now: number): T {
  const exhausted = row.epoch >= LAST_EPOCH - 1;
  const identity = exhausted ? { producerId: newId(), epoch: 0 } : { producerId: row.producerId, epoch: row.epoch + 1 };
  const { timeout, process, current } = wish;
  return {
    ...row,
    ...identity,
    previous: current ?? null,
    state: 'Empty',
    timeout,
    started: null,
    changed: now,
    process,
  };
}

/** Throws INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED unless `ref` is what the row says. */
export function requireSame<T extends Transaction>(row: T | undefined, ref: TransactionRef): T {
  if (row === undefined || row.producerId !== ref.producerId)
    throw new BrokerError('INVALID_PRODUCER_ID_MAPPING', { producer: `${ref.producerId}` });
  if (row.epoch !== ref.epoch) throw fencedError(row, ref);
  return row;
}

/** Something is added to it, so it is ongoing. */
export function ongoing<T extends Transaction>(row: T, now: number): T {
  return row.state === 'Ongoing' ? { ...row, changed: now } : { ...row, state: 'Ongoing', started: now, changed: now };
}

/** Whether it is to be ended; false: it has ended so already. Throws INVALID_TXN_STATE for anything else. */
export function mustEnd({ state, transactionalId }: Transaction, commit: boolean): boolean {
  if (state === 'Ongoing') return true;
  if (state === (commit ? 'CompleteCommit' : 'CompleteAbort')) return false;
  const problem = state === 'Empty' ? 'no transaction has begun' : 'the transaction has ended otherwise';
  throw new BrokerError('INVALID_TXN_STATE', { id: transactionalId, problem });
}

export function ended<T extends Transaction>(row: T, commit: boolean, now: number): T {
  return { ...row, state: commit ? 'CompleteCommit' : 'CompleteAbort', started: null, changed: now };
}

/** With an epoch that its producer does not have: whatever that still sends is refused. */
export function fenced<T extends Transaction>(row: T): T {
  return { ...row, epoch: row.epoch + 1, previous: null };
}

/**
 * Whether a transactional batch may be appended. One of beck's own adds its partition by that; a client has to have said so
 * before. Throws INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE.
 */
export function judgeBatch<T extends Transaction>(
  row: T | undefined,
  { producerId, epoch }: ProducerIdentity,
  { added, origin }: { readonly added: boolean; readonly origin: Origin },
): T {
  if (row === undefined) throw new BrokerError('INVALID_PRODUCER_ID_MAPPING', { producer: `${producerId}` });
  if (row.epoch !== epoch)
    throw new BrokerError('INVALID_PRODUCER_EPOCH', { producer: `${producerId}`, epoch, current: row.epoch });
  if (origin !== 'client' || (row.state === 'Ongoing' && added)) return row;
  const { transactionalId } = row;
  throw new BrokerError('INVALID_TXN_STATE', {
    id: transactionalId,
    problem: 'the partition of a batch is not part of its transaction',
  });
}

/** What those who sweep are told by whoever runs them. */
export interface Surroundings {
  /** ms */
  readonly now: number;
  /** Whether a process has surely ended; false where that can't be known. */
  isGone(process: ProcessId): boolean;
  /** Whether `isGone` can know. */
  sees(process: ProcessId): boolean;
}

/** gone: its process; overdue: its time is up; excluded: its member has lost its partitions; expired: nobody comes as it. */
export type Verdict = 'gone' | 'overdue' | 'excluded' | 'expired';

/**
 * Whether a transactional id has to be ended or forgotten by whoever comes next; `isMember`: the group member that it works for
 * is one still. A process that cannot be seen is given as much time as Kafka gives a client, after its last write.
 */
export function verdictOn(row: Transaction, isMember: boolean, s: Surroundings): Verdict | null {
  const { process, state, timeout, started, changed } = row;
  const seen = process !== null && s.sees(process);
  if (seen && s.isGone(process)) return 'gone';
  if (state !== 'Ongoing') return !seen && s.now - changed > TRANSACTIONAL_ID_EXPIRATION_MS ? 'expired' : null;
  if (process !== null && !isMember) return 'excluded';
  if (timeout !== null) return s.now - (started ?? changed) > timeout ? 'overdue' : null;
  return !seen && s.now - changed > UNSEEN_PROCESS_MS ? 'overdue' : null;
}

function isSame(a: ProducerIdentity, b: ProducerIdentity): boolean {
  return a.producerId === b.producerId && a.epoch === b.epoch;
}

function fencedError({ transactionalId, epoch: current }: TransactionRef, { epoch }: ProducerIdentity): BrokerError {
  return new BrokerError('PRODUCER_FENCED', { id: transactionalId, epoch, current });
}
