import { readableEnd } from '../log/offsets.ts';
import { type Aborted, abortedAmong, batchesInRange } from '../log/read.ts';
import type { BatchRow, LogRows, PartitionRow } from '../log/rows.ts';
import type { Store } from '../store/store.ts';
import type { Isolation } from '../types.ts';

/** How many rows are looked at in one go. */
const AHEAD = 64;

/** What somebody wants of one partition. */
export interface Wanted {
  /** The id of the partition. */
  readonly partition: number;
  readonly offset: number;
  /** Bytes, at most. */
  readonly maxBytes: number;
}

export interface FetchLimits {
  readonly isolation: Isolation;
  /** Bytes over all partitions; only the first batch of all may exceed this and its partition's own limit (KIP-74). */
  readonly maxBytes: number;
  /** With less than this nothing is opened and `Fetched.batches` are empty. */
  readonly minBytes: number;
}

/** What became of one partition. */
export type Fetched =
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'out-of-range' }
  | {
      readonly outcome: 'read';
      readonly highWatermark: number;
      readonly lastStable: number;
      readonly logStart: number;
      /** Whole batches as they lie on the disk, markers too; the first may begin below the offset that was asked for. */
      readonly batches: readonly Buffer[];
      /** The places of the batches in the order of all commits. */
      readonly seqs: readonly number[];
      /** As `abortedAmong`; null for who reads uncommitted. */
      readonly aborted: readonly Aborted[] | null;
    };

/** The answer to `Wanted`s, in their order. */
export interface FetchResult {
  /** Of the batches that there are, up to the limits. */
  readonly bytes: number;
  /** The place of the last batch of all in the order of commits. */
  readonly lastSeq: number;
  readonly partitions: readonly Fetched[];
}

interface Plan {
  readonly row: PartitionRow;
  readonly batches: readonly BatchRow[];
}

/**
 * Whole batches of many partitions, unopened, on one view of the file (kafka.server.ReplicaManager.readFromLog). One that cannot
 * be read, because it or its offset does not exist, is said in its place, and then `minBytes` does not count.
 */
export function fetchBatches(
  { store, rows }: { readonly store: Store; readonly rows: LogRows },
  wanted: readonly Wanted[],
  limits: FetchLimits,
): FetchResult {
  return store.read(() => {
    let bytes = 0;
    const plans = wanted.map((each) => {
      const plan = planPartition(rows, each, limits, bytes);
      if (typeof plan !== 'string') bytes += sizeOf(plan.batches);
      return plan;
    });
    const isEnough = bytes >= limits.minBytes || plans.some((plan) => typeof plan === 'string');
    const partitions = plans.map((plan) => open(rows, plan, limits.isolation, isEnough));
    return { bytes, lastSeq: rows.lastSeq(), partitions };
  });
}

function planPartition(
  rows: LogRows,
  { partition, offset, maxBytes }: Wanted,
  limits: FetchLimits,
  taken: number,
): Plan | 'unknown' | 'out-of-range' {
  const row = rows.partition(partition);
  if (row === undefined) return 'unknown';
  if (offset < row.logStart || offset > row.nextOffset) return 'out-of-range';
  const room = Math.min(maxBytes, limits.maxBytes - taken);
  return { row, batches: batchesWithin(rows, row, offset, { room, atLeastOne: taken === 0, ...limits }) };
}

function batchesWithin(
  rows: LogRows,
  row: PartitionRow,
  offset: number,
  { room, atLeastOne, isolation }: { room: number; atLeastOne: boolean; isolation: Isolation },
): BatchRow[] {
  const until = readableEnd(row, isolation);
  const taken: BatchRow[] = [];
  let bytes = 0;
  for (let from = offset; ; from = (taken.at(-1) as BatchRow).last + 1) {
    if (bytes >= room && !(atLeastOne && taken.length === 0)) return taken;
    const batches = batchesInRange(rows, row.id, from, until, AHEAD);
    for (const batch of batches) {
      bytes += batch.bytes;
      if (bytes > room && !(atLeastOne && taken.length === 0)) return taken;
      taken.push(batch);
    }
    if (batches.length < AHEAD) return taken;
  }
}

function sizeOf(batches: readonly BatchRow[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}

function open(
  rows: LogRows,
  plan: Plan | 'unknown' | 'out-of-range',
  isolation: Isolation,
  isEnough: boolean,
): Fetched {
  if (typeof plan === 'string') return { outcome: plan };
  const { nextOffset, lastStable, logStart } = plan.row;
  const taken = isEnough ? plan.batches : [];
  return {
    outcome: 'read',
    highWatermark: nextOffset,
    lastStable,
    logStart,
    batches: taken.map(({ seq }) => rows.data(seq) as Buffer),
    seqs: taken.map(({ seq }) => seq),
    aborted: isolation === 'read_committed' ? abortedAmong(rows, taken) : null,
  };
}
