import { BrokerError } from '../../errors.ts';
import { type BatchHeader, readHeader, setBaseOffset, verifyChecksum } from '../../record/batch.ts';
import type { Store } from '../../store/store.ts';
import type { BatchRow } from '../rows.ts';
import { tryRead } from '../try-read.ts';
import { SalvageRows } from './rows.ts';

/** What has been copied of a partition. Offsets. */
export interface CopiedPartition {
  readonly start: number;
  /** Where its first batch ends. */
  readonly firstLast: number;
  end: number;
  runningMax: number;
  /** Ranges between batches without any, [from, until); compaction leaves such, too. */
  readonly holes: (readonly [from: number, until: number])[];
}

/** What is read before it is written. */
const SLICE = { bytes: 4 << 20, reads: 1000 };

/** After so many numbers in a row that cannot be read, nothing more is expected. */
const MOST_MISSES = 100_000;

type FoundBatch = BatchRow & { readonly data: unknown };

/**
 * Copies all batches that are whole, under their own numbers, walking the table by number and stepping over what cannot be
 * read. Yields the number it has come to. Answers the partitions by their ids.
 */
export function* copyBatches(
  source: Store,
  target: Store,
  last: number,
): Generator<number, Map<number, CopiedPartition>> {
  const walk = new Walk(source, last);
  const rows = new SalvageRows(target);
  const copied = new Map<number, CopiedPartition>();
  while (!walk.ended) {
    const found = walk.next();
    target.write(() => {
      for (const batch of found) copyBatch(rows, copied, batch);
    });
    yield walk.seq;
  }
  return copied;
}

/** The numbers of the batches, upwards. */
class Walk {
  readonly #source: Store;
  readonly #rows: SalvageRows;
  readonly #last: number;
  #misses = 0;
  seq = 1;
  ended = false;

  constructor(source: Store, last: number) {
    this.#source = source;
    this.#rows = new SalvageRows(source);
    this.#last = last;
  }

  next(): FoundBatch[] {
    const found: FoundBatch[] = [];
    for (let reads = 0, bytes = 0; reads < SLICE.reads && bytes < SLICE.bytes && !this.ended; reads++) {
      const batch = this.#read();
      if (batch === undefined) continue;
      found.push(batch);
      bytes += batch.bytes;
    }
    return found;
  }

  /** The next batch; undefined when it cannot be read, or there is none. */
  #read(): FoundBatch | undefined {
    const answer = tryRead(this.#source, () => this.#rows.batchFrom(this.seq));
    if ('value' in answer && answer.value === undefined) {
      this.ended = true;
      return undefined;
    }
    const batch = 'value' in answer && (answer.value?.seq ?? 0) >= this.seq ? answer.value : undefined;
    this.#misses = batch === undefined ? this.#misses + 1 : 0;
    this.seq = (batch?.seq ?? this.seq) + 1;
    this.ended = this.seq > this.#last || this.#misses > MOST_MISSES;
    return batch;
  }
}

function copyBatch(rows: SalvageRows, partitions: Map<number, CopiedPartition>, found: FoundBatch): void {
  const whole = wholeBatch(found);
  if (whole === null) return;
  const { base, header, data } = whole;
  const { partition, seq } = found;
  const state = partitions.get(partition) ?? {
    start: base,
    firstLast: base + header.lastOffsetDelta,
    end: base,
    runningMax: -1,
    holes: [],
  };
  if (base < state.end) return;
  partitions.set(partition, state);
  if (base > state.end) state.holes.push([state.end, base]);
  state.end = base + header.lastOffsetDelta + 1;
  state.runningMax = Math.max(state.runningMax, header.maxTimestamp);
  const { baseTimestamp, maxTimestamp, producerId, attributes, control, count } = header;
  const records = control ? 0 : count;
  const last = state.end - 1;
  const { runningMax } = state;
  rows.add(seq, {
    partition,
    base,
    last,
    baseTimestamp,
    maxTimestamp,
    runningMax,
    records,
    bytes: data.length,
    producerId,
    attributes,
    data,
  });
}

/**
 * The batch, if its checksum holds. The base offset, which lies outside the checksum, must be said by two of three: the row,
 * the row's last offset, the batch itself.
 */
function wholeBatch({
  base: inRow,
  last,
  partition,
  data,
}: FoundBatch): { base: number; header: BatchHeader; data: Buffer } | null {
  if (!Buffer.isBuffer(data) || !Number.isSafeInteger(partition)) return null;
  const header = soundHeader(data);
  if (header === null) return null;
  const witnesses = [inRow, last - header.lastOffsetDelta, header.baseOffset];
  const base = witnesses.find((offset, i) => offset >= 0 && witnesses.indexOf(offset) < i);
  if (base === undefined) return null;
  if (header.baseOffset !== base) setBaseOffset(data, base);
  return { base, header, data };
}

function soundHeader(data: Buffer): BatchHeader | null {
  try {
    const header = readHeader(data);
    return header.length === data.length && verifyChecksum(data) ? header : null;
  } catch (error) {
    if (error instanceof BrokerError) return null;
    throw error;
  }
}
