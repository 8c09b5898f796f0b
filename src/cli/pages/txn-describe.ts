import type { PendingOffset, TransactionDescription, TransactionPartition } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { count, duration, groupDigits, NOTHING } from '../units.ts';
import { ownerWords, type TransactionDocument, transactionDocument } from './txn-list.ts';

/** A transaction with what it has open; `timeout` in ms, null: it lives as long as its process. */
export interface TransactionDescriptionDocument extends TransactionDocument {
  readonly producerId: number;
  readonly epoch: number;
  readonly changed: number;
  readonly timeout: number | null;
  readonly partitionList: readonly TransactionPartition[];
  readonly offsets: readonly PendingOffset[];
}

export function transactionDescriptionDocument(transaction: TransactionDescription): TransactionDescriptionDocument {
  const { producerId, epoch, changed, timeoutMs: timeout, partitionList, offsets } = transaction;
  return { ...transactionDocument(transaction), producerId, epoch, changed, timeout, partitionList, offsets };
}

/** The transactions, an empty line between two of them. */
export async function transactionPage(transactions: readonly TransactionDescription[], io: Io): Promise<string> {
  const pages: string[] = [];
  for (const transaction of transactions) pages.push(await onePage(transaction, io));
  return pages.join('\n');
}

async function onePage(transaction: TransactionDescription, io: Io): Promise<string> {
  const to = { writer: io.stdout, env: io.env };
  const parts = [`${headline(transaction, io.now())}\n${lifeLine(transaction)}\n`];
  const { partitionList, offsets } = transaction;
  if (partitionList.length > 0) parts.push(await table(partitionList, PARTITION_COLUMNS, to));
  if (offsets.length > 0) parts.push(await table(offsets, OFFSET_COLUMNS, to));
  if (transaction.state === 'Ongoing') parts.push(`${endLine(transaction)}\n`);
  return parts.join('\n');
}

/** `beck-4712-9f3c: Ongoing for 12 s, 3 partitions, 300 000 offsets held back` */
function headline(transaction: TransactionDescription, now: number): string {
  const { transactionalId, state, since, changed, partitions, heldBack } = transaction;
  if (since === null) return `${transactionalId}: ${state} since ${duration(now - changed)}, nothing is open`;
  const held = heldBack === 0 ? 'nothing held back' : `${count(heldBack, 'offset')} held back`;
  return `${transactionalId}: ${state} for ${duration(now - since)}, ${count(partitions, 'partition')}, ${held}`;
}

/** Whose it is, and how long that may take. */
function lifeLine(transaction: TransactionDescription): string {
  const { producerId, epoch, timeoutMs } = transaction;
  const whose = `${ownerWords(transaction)}, producer id ${groupDigits(producerId)}, epoch ${groupDigits(epoch)}`;
  return timeoutMs === null
    ? `${whose}; lives as long as its process`
    : `${whose}; aborted after ${duration(timeoutMs)} by itself`;
}

function endLine({ transactionalId, process: owner }: TransactionDescription): string {
  const stop = owner?.here ? `\`kill ${owner.pid}\` or ` : '';
  return `${stop}\`beck txn abort ${transactionalId}\` ends it; nothing of it will be seen`;
}

const PARTITION_COLUMNS: readonly Column<TransactionPartition>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'FIRST', align: 'right', value: ({ first }) => (first === null ? NOTHING : groupDigits(first)) },
  { title: 'END', align: 'right', drop: 1, value: ({ end }) => groupDigits(end) },
  { title: 'HELD BACK', align: 'right', value: ({ heldBack }) => groupDigits(heldBack) },
];

const OFFSET_COLUMNS: readonly Column<PendingOffset>[] = [
  { title: 'GROUP', value: ({ group }) => group },
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'OFFSET', align: 'right', value: ({ offset }) => groupDigits(offset) },
];
