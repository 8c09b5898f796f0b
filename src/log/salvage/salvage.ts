import { BrokerError } from '../../errors.ts';
import { readHeader } from '../../record/batch.ts';
import type { Store } from '../../store/store.ts';
import type { TopicPartition } from '../../types.ts';
import { appendMarker } from '../log.ts';
import { recordsBelow } from '../loss.ts';
import { type BatchRow, LogRows } from '../rows.ts';
import { takeBatches } from '../take-batches.ts';
import { noteTransaction } from '../transactions.ts';
import { tryRead } from '../try-read.ts';
import { type CopiedPartition, copyBatches } from './copy-batches.ts';
import { copyTables } from './copy-tables.ts';
import { nameTheLost } from './name-the-lost.ts';
import { type SalvagedPartition, SalvageRows } from './rows.ts';

/** Offsets [from, until) that could not be read. */
export interface Gap extends TopicPartition {
  readonly from: number;
  readonly until: number;
}

export interface Salvage {
  readonly topics: number;
  readonly records: number;
  readonly gaps: readonly Gap[];
  /** Tables that could not be read to their end, so that there may have been more than is known of. */
  readonly unread: readonly string[];
}

/** What these say, the batches say too, or nobody needs to know. */
const DISPENSABLE = new Set([
  ...['ongoing_txn', 'aborted_txn', 'producer_state', 'producer_counter', 'txn', 'txn_partition', 'txn_offset'],
  ...['housekeeping', 'member', 'pending_member', 'assignment', 'departure'],
]);

const READ_BYTES = 4 << 20;

/**
 * Copies what can be read of a damaged file into a new, empty one, which is in order afterwards: every batch whose checksum
 * holds, under its own offset and number; topics, configs and every other table row by row. Nothing is written to `source`.
 * What has no name any more gets one (name-the-lost.ts). Yields batches done, of about how many.
 */
export function* salvageLog(
  source: Store,
  target: Store,
): Generator<{ readonly done: number; readonly total: number }, Salvage> {
  const incomplete = copyTables(source, target);
  const total = lastSeq(source);
  for (const steps = copyBatches(source, target, total); ; ) {
    const { done, value } = steps.next();
    if (done !== true) {
      yield { done: Math.min(value, total), total };
      continue;
    }
    target.write(() => nameTheLost(new SalvageRows(target), value));
    if (incomplete.has('ongoing_txn') || incomplete.has('aborted_txn')) target.write(() => rebuildTransactions(target));
    const unread = [...incomplete].filter((table) => !DISPENSABLE.has(table)).sort();
    return { ...target.write(() => finish(source, target, value)), unread };
  }
}

/** The highest number of a batch, as far as anything says so. */
function lastSeq(source: Store): number {
  const rows = new SalvageRows(source);
  const inTable = tryRead(source, () => rows.lastSeq());
  const given = tryRead(source, () => rows.sequences().find(({ name }) => name === 'batch')?.seq ?? 0);
  const said = [inTable, given].flatMap((answer) => ('value' in answer ? [answer.value] : []));
  return said.length === 0 ? Number.MAX_SAFE_INTEGER : Math.max(...said);
}

/** From the batches themselves, where the tables that say the same could not be read. */
function rebuildTransactions(target: Store): void {
  const rows = new LogRows(target);
  const salvaged = new SalvageRows(target);
  salvaged.clearTransactions();
  for (const { id } of salvaged.partitions()) {
    for (const row of allBatches(rows, id)) {
      const blob = rows.data(row.seq) as Buffer;
      noteTransaction(rows, id, readHeader(blob), row.base, blob);
    }
  }
}

function* allBatches(rows: LogRows, partition: number): Generator<BatchRow> {
  for (let from = 0; ; ) {
    const batches = takeBatches(rows, partition, from, Number.MAX_SAFE_INTEGER, READ_BYTES);
    yield* batches;
    const last = batches.at(-1);
    if (last === undefined) return;
    from = last.base + 1;
  }
}

/** Brings the partitions' own rows in line with what is there, and says what isn't. */
function finish(
  source: Store,
  target: Store,
  copied: ReadonlyMap<number, CopiedPartition>,
): Pick<Salvage, 'topics' | 'records' | 'gaps'> {
  const rows = new SalvageRows(target);
  rows.removeStrays();
  rows.clearMembers();
  const partitions = rows.partitions();
  const gaps = partitions.flatMap((partition) => finishPartition(source, target, partition, copied.get(partition.id)));
  endProducers(target);
  const log = new LogRows(target);
  const records = partitions.reduce((sum, { id }) => sum + (log.partition(id)?.records ?? 0), 0);
  return { topics: new Set(partitions.map(({ topic }) => topic)).size, records, gaps };
}

/** Nobody goes on with what was open when the file was damaged: it is aborted. */
function endProducers(target: Store): void {
  const rows = new LogRows(target);
  const salvaged = new SalvageRows(target);
  for (const { partition: id, producerId } of salvaged.ongoing()) {
    const partition = rows.partition(id);
    if (partition === undefined) continue;
    const producerEpoch = rows.producers.state(id, producerId)?.epoch ?? 0;
    const timestamp = Math.max(0, partition.maxTimestamp);
    appendMarker(rows, partition, { producerId, producerEpoch, commit: false, coordinatorEpoch: 0, timestamp });
  }
  salvaged.clearProducers();
}

function finishPartition(
  source: Store,
  target: Store,
  partition: SalvagedPartition,
  copied: CopiedPartition | undefined,
): Gap[] {
  const rows = new SalvageRows(target);
  const { id, compactedTo } = partition;
  const nextOffset = Math.max(partition.nextOffset, copied?.end ?? 0);
  const logStart = soundStart(partition, copied, nextOffset);
  const gaps = holesOf(copied, logStart, nextOffset)
    .filter(([from, until]) => until > compactedTo || mayHaveHeld(source, id, from, until))
    .map(([from, until]) => ({ topic: partition.name, partition: partition.number, from, until }));
  const { records, bytes } = rows.sums(id);
  const readable = records - behind(new LogRows(target), id, logStart);
  const denseFrom = Math.max(Math.min(compactedTo, nextOffset), gaps.at(-1)?.until ?? 0);
  rows.finish(id, {
    logStart,
    nextOffset,
    compactedTo: denseFrom,
    records: readable,
    bytes,
    maxTimestamp: copied?.runningMax ?? -1,
  });
  return gaps;
}

/** A log start with a whole batch below it (L4) is damage itself. */
function soundStart({ logStart }: SalvagedPartition, copied: CopiedPartition | undefined, nextOffset: number): number {
  return copied !== undefined && copied.firstLast < logStart
    ? copied.start
    : Math.max(0, Math.min(logStart, nextOffset));
}

function holesOf(
  copied: CopiedPartition | undefined,
  logStart: number,
  nextOffset: number,
): (readonly [from: number, until: number])[] {
  if (copied === undefined) return logStart < nextOffset ? [[logStart, nextOffset]] : [];
  const { start, holes, end } = copied;
  const all = [[logStart, start] as const, ...holes, [end, nextOffset] as const];
  return all.map(([from, until]) => [Math.max(from, logStart), until] as const).filter(([from, until]) => from < until);
}

/** Where compaction has been, a range without batches is only a loss if the index knows of one, or can't be asked. */
function mayHaveHeld(source: Store, partition: number, from: number, until: number): boolean {
  const answer = tryRead(source, () => new SalvageRows(source).knowsBatch(partition, from, until));
  return 'problem' in answer || answer.value;
}

function behind(rows: LogRows, partition: number, logStart: number): number {
  const head = rows.batchFrom(partition, logStart);
  try {
    return head === undefined ? 0 : recordsBelow(rows, head, logStart);
  } catch (error) {
    if (error instanceof BrokerError) return 0;
    throw error;
  }
}
