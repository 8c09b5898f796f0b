import type { TransactionListing, TransactionProcess } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { age, groupDigits } from '../units.ts';

/** A transaction under `--json`; `since` in ms since the epoch, null while nothing is open; `owner` null: a client behind a socket. */
export interface TransactionDocument {
  readonly transaction: string;
  readonly state: string;
  readonly since: number | null;
  readonly owner: TransactionProcess | null;
  readonly partitions: number;
  readonly heldBack: number;
}

export function transactionDocument(listing: TransactionListing): TransactionDocument {
  const { transactionalId: transaction, state, since, process: owner, partitions, heldBack } = listing;
  return { transaction, state, since, owner, partitions, heldBack };
}

/** A transaction a line. A narrow terminal loses PARTITIONS first, then OWNER. */
export function transactionListPage(listings: readonly TransactionListing[], io: Io): Promise<string> {
  return table(listings, columns(io.now()), { writer: io.stdout, env: io.env });
}

function columns(now: number): readonly Column<TransactionListing>[] {
  return [
    { title: 'TRANSACTION', value: ({ transactionalId }) => transactionalId },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'SINCE', align: 'right', value: ({ since }) => age(since, now) },
    { title: 'OWNER', drop: 2, value: (listing) => ownerWords(listing) },
    { title: 'PARTITIONS', align: 'right', drop: 1, value: ({ partitions }) => groupDigits(partitions) },
    {
      title: 'HELD BACK',
      align: 'right',
      value: ({ heldBack }) => groupDigits(heldBack),
      paint: ({ heldBack }, { yellow }) => (heldBack > 0 ? yellow : undefined),
    },
  ];
}

/** `process 4712`, `a client`. */
export function ownerWords({ process: owner }: Pick<TransactionListing, 'process'>): string {
  if (owner === null) return 'a client';
  return owner.here ? `process ${owner.pid}` : `process ${owner.pid} elsewhere`;
}
