import type { Store } from '../../store/store.ts';

/** A row that belongs to nothing, or contradicts another one. */
export interface TransactionStray {
  readonly topic: string | null;
  readonly partition: number | null;
  readonly what: string;
}

const NOWHERE = 'NULL AS topic, NULL AS partition';

/** Each row of an answer is a problem; `what` is the sentence. By the invariants of transactions.ts. */
const STRAYS = [
  `SELECT ${NOWHERE}, 'transactional id ' || name || ' has producer id ' || producer_id || ', and the next one to be given is '
      || coalesce((SELECT next FROM producer_counter), 'unknown') AS what
    FROM txn WHERE producer_id < 0 OR producer_id >= coalesce((SELECT next FROM producer_counter), 0)`,
  `SELECT ${NOWHERE}, 'transactional id ' || name || ' has epoch ' || epoch AS what FROM txn WHERE epoch NOT BETWEEN 0 AND 32767`,
  `SELECT ${NOWHERE}, 'transactional id ' || name || ' is ' || state || CASE WHEN started IS NULL THEN ', and has not begun'
      ELSE ', and has begun' END AS what
    FROM txn WHERE state NOT IN ('Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort') OR (state = 'Ongoing') = (started IS NULL)`,
  `SELECT ${NOWHERE}, 'transactional id ' || name || ' has neither a process nor a timeout' AS what
    FROM txn WHERE timeout IS NULL AND CASE WHEN json_valid(process) THEN process ->> 'pid' END IS NULL`,
  `SELECT c.name AS topic, p.number AS partition, c.name || ' ' || p.number || ': producer ' || o.producer_id
      || ' has a transaction open from ' || o.first || ' on, which no transactional id has' AS what
    FROM ongoing_txn o JOIN partition p ON p.id = o.partition JOIN topic c ON c.id = p.topic
    WHERE NOT EXISTS (SELECT 1 FROM txn t JOIN txn_partition a ON a.txn = t.id
      WHERE t.producer_id = o.producer_id AND t.state = 'Ongoing' AND a.partition = o.partition)`,
  `SELECT ${NOWHERE}, kind || ' belong to transaction ' || txn || ', which is not open' AS what
    FROM (SELECT txn, 'partitions' AS kind FROM txn_partition UNION SELECT txn, 'offsets' FROM txn_offset)
    WHERE txn NOT IN (SELECT id FROM txn WHERE state = 'Ongoing')`,
  `SELECT ${NOWHERE}, 'transactions have partition ' || partition || ', which does not exist' AS what
    FROM (SELECT partition FROM txn_partition UNION SELECT partition FROM txn_offset)
    WHERE partition NOT IN (SELECT id FROM partition)`,
  `SELECT DISTINCT ${NOWHERE}, 'a transaction has offsets of group ' || grp || ', which does not exist' AS what
    FROM txn_offset WHERE grp NOT IN (SELECT id FROM consumer_group)`,
] as const;

/** The questions about transactions that only a check has, to be asked one by one. Reads only, inside the caller's `store.read`. */
export function transactionStrays(store: Store): readonly (() => TransactionStray[])[] {
  return STRAYS.map((sql) => () => (store.prepare(sql).all() as Found[]).map(spoken));
}

/** A sentence is nothing where a part of it is: a name that damage took away. */
type Found = Omit<TransactionStray, 'what'> & { readonly what: string | null };

function spoken({ what, ...place }: Found): TransactionStray {
  return { ...place, what: what ?? 'a transactional id has lost what it was called' };
}
