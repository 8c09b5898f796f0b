import { BrokerError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import { recordsBelow } from '../loss.ts';
import { type BatchRow, LogRows, type PartitionRow } from '../rows.ts';
import { takeBatches } from '../take-batches.ts';
import { tryRead } from '../try-read.ts';
import { blobProblems, chainProblems, endProblems, orError } from './batch-problems.ts';
import { ProducerWalk } from './producer-walk.ts';
import { CheckRows, type NamedPartition } from './rows.ts';

/** One thing that is wrong: a whole sentence, and where. */
export interface LogProblem {
  readonly what: string;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
}

export interface LogCheck {
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  readonly problems: readonly LogProblem[];
}

/** Bytes of batches that are read in one piece. */
const PIECE_BYTES = 4 << 20;
/** Batches in a piece whose rows cannot be read, only the index. */
const PLACES = 20;
/** Where everything is broken, so many sentences are enough. */
const MOST_PROBLEMS = 1000;

/**
 * Holds the whole file to the log's invariants (log.ts) and reads every byte once; not SQLite's own check, which is
 * `store.integrityProblems`. Each `next()` is a piece of work of some MB, its reads are short, and others may write between
 * them: every comparison is made within one read. Yields bytes done, of how many.
 *
 * What cannot be read is a problem like others; the check goes on behind it where it can.
 */
export function* checkLog(store: Store): Generator<{ readonly done: number; readonly total: number }, LogCheck> {
  const check = new Check(store);
  const partitions = check.begin();
  const total = partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  yield { done: 0, total };
  for (const partition of partitions) {
    for (let from: number | undefined = 0; from !== undefined; ) {
      from = check.piece(partition, from);
      yield { done: check.bytes, total: Math.max(total, check.bytes) };
    }
  }
  return check.report();
}

class Check {
  readonly #store: Store;
  readonly #rows: LogRows;
  readonly #questions: CheckRows;
  readonly #problems: LogProblem[] = [];
  #untold = 0;
  #batches = 0;
  #records = 0;
  #walk: ProducerWalk;
  bytes = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#rows = new LogRows(store);
    this.#questions = new CheckRows(store);
    this.#walk = new ProducerWalk(this.#rows, -1);
  }

  /** Rows that belong to nothing; answers the partitions that are to be read. */
  begin(): NamedPartition[] {
    for (const strays of this.#questions.strays) {
      for (const { what, topic, partition } of this.#try(strays, 'a table cannot be read') ?? [])
        this.#note({ what: what ?? 'a row has no name', topic, partition, offset: null });
    }
    return this.#try(() => this.#questions.partitions(), 'the list of partitions cannot be read') ?? [];
  }

  /** The batches from `from` on, some of them; answers where the next piece begins, undefined at the end. */
  piece(named: NamedPartition, from: number): number | undefined {
    const name = nameOf(named);
    if (from === 0) this.#begin(named);
    const chain = this.#try(() => this.#checkChain(named, from), `${name}: batches from ${from} on cannot be read`);
    if (chain === undefined) this.#walk.lose();
    const places =
      chain ?? this.#try(() => this.#questions.places(named.id, from, PLACES), `${name}: nor can their index`) ?? [];
    for (const { seq, base } of places)
      this.#try(() => this.#checkBatch(named, seq), `${name} at ${base}: the batch cannot be read`, named, base);
    const last = places.at(-1);
    return last === undefined ? undefined : last.base + 1;
  }

  #begin(named: NamedPartition): void {
    this.#walk = new ProducerWalk(this.#rows, named.id);
    this.#try(() => this.#checkSums(named), `${nameOf(named)}: its batches cannot be summed up`);
  }

  report(): LogCheck {
    const more = { what: `and ${this.#untold} more problems`, topic: null, partition: null, offset: null };
    const problems = this.#untold > 0 ? [...this.#problems, more] : this.#problems;
    return { batches: this.#batches, records: this.#records, bytes: this.bytes, problems };
  }

  /** L6 */
  #checkSums(named: NamedPartition): void {
    const partition = this.#rows.partition(named.id);
    if (partition === undefined) return;
    const sums = this.#rows.sumBetween(named.id, 0, Number.MAX_SAFE_INTEGER);
    const behind = this.#behind(partition);
    const records = sums.records - behind;
    this.#records -= behind;
    if (records !== partition.records)
      this.#problem(named, null, `it is said to have ${partition.records} records, there are ${records}`);
    if (sums.bytes !== partition.bytes)
      this.#problem(named, null, `it is said to have ${partition.bytes} bytes, there are ${sums.bytes}`);
  }

  /** Records in the first batch that lie below the log start. One that cannot be opened is told of with its batch. */
  #behind(partition: PartitionRow): number {
    const head = this.#rows.batchFrom(partition.id, partition.logStart);
    try {
      return head === undefined ? 0 : recordsBelow(this.#rows, head, partition.logStart);
    } catch (error) {
      if (error instanceof BrokerError) return 0;
      throw error;
    }
  }

  /** L1–L5, of neighbours within one read. Answers the batches; after the last, none. */
  #checkChain(named: NamedPartition, from: number): readonly BatchRow[] {
    const partition = this.#rows.partition(named.id);
    if (partition === undefined) return [];
    const batches = takeBatches(this.#rows, named.id, from, Number.MAX_SAFE_INTEGER, PIECE_BYTES);
    let previous = this.#rows.batchesBelow(named.id, from, 1)[0];
    for (const batch of batches) {
      this.#tell(named, batch.base, chainProblems(partition, previous, batch));
      previous = batch;
    }
    if (batches.length === 0) this.#checkEnd(named, partition, previous);
    return batches;
  }

  /** What there is to say when there are no more batches: in the read that found so. */
  #checkEnd(named: NamedPartition, partition: PartitionRow, last: BatchRow | undefined): void {
    this.#tell(named, null, endProblems(partition, last));
    const said = { ongoing: this.#questions.ongoing(named.id), producers: this.#rows.producers.of(named.id) };
    this.#tell(named, null, this.#walk.end(partition, said));
  }

  /** L7, L8, L9 */
  #checkBatch(named: NamedPartition, seq: number): void {
    const partition = this.#rows.partition(named.id);
    const row = this.#questions.stored(seq);
    if (partition === undefined || row === undefined) return;
    const problems = blobProblems(partition, row, row.data);
    if (problems.length > 0) this.#walk.lose();
    else problems.push(...orError(() => this.#walk.pass(row, row.data as Buffer)));
    this.#tell(named, row.base, problems);
    this.#batches++;
    this.#records += row.records;
    this.bytes += row.bytes;
  }

  /** What `ask` answers within one read; undefined, and `sentence` noted, where the file cannot be read. */
  #try<T>(ask: () => T, sentence: string, named?: NamedPartition, offset: number | null = null): T | undefined {
    const answer = tryRead(this.#store, ask);
    if ('value' in answer) return answer.value;
    this.#note({
      what: `${sentence}: ${answer.problem}`,
      topic: named?.topic ?? null,
      partition: named?.number ?? null,
      offset,
    });
    return undefined;
  }

  #tell(named: NamedPartition, offset: number | null, sentences: readonly string[]): void {
    for (const sentence of sentences) this.#problem(named, offset, sentence);
  }

  #problem(named: NamedPartition, offset: number | null, sentence: string): void {
    const place = offset === null ? nameOf(named) : `${nameOf(named)} at ${offset}`;
    this.#note({ what: `${place}: ${sentence}`, topic: named.topic, partition: named.number, offset });
  }

  #note(problem: LogProblem): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
    else this.#untold++;
  }
}

function nameOf({ topic, id, number }: NamedPartition): string {
  return topic === null ? `partition ${id}` : `${topic} ${number}`;
}
