import type { History, Operation, PartitionName, Seen, Send, Written } from './operation.ts';

export interface Place {
  readonly partition: PartitionName;
  readonly offset: number;
}

/** A record and whose it is. */
export interface Wrote {
  readonly operation: Operation;
  readonly written: Written;
  readonly send: Send;
}

/** What can be known of one record: there for committed readers, not there, or nobody can tell. */
export type Fate = 'committed' | 'aborted' | 'unknown';

/** A reader's operation. */
export type Reading = Operation & { readonly read: NonNullable<Operation['read']> };
/** A producer's. */
export type Writing = Operation & { readonly wrote: Written };

const QUOTED = 40;

/** A history, put in order: who wrote what, what lies where by all that anybody has said, who saw it. */
export class Analysis {
  readonly readings: readonly Reading[];
  readonly writings: readonly Writing[];
  readonly #history: History;
  readonly #writers = new Map<string, Wrote>();
  readonly #places = new Map<string, Place[]>();
  readonly #logs = new Map<PartitionName, Map<number, Set<string>>>();
  /** What a reader of committed records saw. */
  readonly #seen = new Set<string>();
  /** Transactions of which somebody has seen something: they must have been committed. */
  readonly #proven = new Set<Operation>();
  readonly #lastOfKey = new Map<string, number>();

  constructor(history: History) {
    this.#history = history;
    const operations = [...history.operations].sort((a, b) => a.invoked - b.invoked);
    this.readings = operations.filter((one): one is Reading => one.read !== undefined);
    this.writings = operations.filter((one): one is Writing => one.wrote !== undefined);
    for (const operation of this.writings) this.#noteWrites(operation);
    for (const { read } of this.readings) for (const seen of read.seen) this.#noteSeen(seen, read.isolation);
    this.#noteKeys();
  }

  writerOf(value: string): Wrote | undefined {
    return this.#writers.get(value);
  }

  everyWrite(): Iterable<Wrote> {
    return this.#writers.values();
  }

  /** Everywhere a value lies for those who read what is committed; once, as it should be. An aborted attempt lies nowhere. */
  placesOf(value: string): readonly Place[] {
    return this.#places.get(value) ?? [];
  }

  values(): Iterable<string> {
    return this.#places.keys();
  }

  partitions(): Iterable<PartitionName> {
    return this.#logs.keys();
  }

  /** What lies in a partition, by offset, aborted records too where somebody has seen them: the version order. */
  logOf(partition: PartitionName): readonly (readonly [offset: number, values: ReadonlySet<string>])[] {
    return [...(this.#logs.get(partition) ?? [])].sort(([a], [b]) => a - b);
  }

  wasSeen(value: string): boolean {
    return this.#seen.has(value);
  }

  fateOf({ operation, written, send }: Wrote): Fate {
    if (!written.transaction && send.offset !== undefined) return 'committed';
    if (operation.outcome === 'ok') return 'committed';
    if (operation.outcome === 'fail') return 'aborted';
    const isProven = written.transaction ? this.#proven.has(operation) : this.wasSeen(send.value);
    return isProven ? 'committed' : 'unknown';
  }

  /** It may be gone: retention took it, a trim, compaction. */
  mayBeGone({ key, value, partition }: Send): boolean {
    const place = this.placesOf(value)[0];
    const at = place?.partition ?? partition;
    if (at === undefined) return false;
    const start = this.#history.logStarts?.get(at) ?? 0;
    if (place === undefined ? start > 0 : place.offset < start) return true;
    if (key === undefined || !this.#history.compacted?.has(at)) return false;
    return (this.#lastOfKey.get(`${at} ${key}`) ?? -1) > (place?.offset ?? -1);
  }

  #noteWrites(operation: Writing): void {
    for (const send of operation.wrote.sends) {
      this.#writers.set(send.value, { operation, written: operation.wrote, send });
      const { value, partition, offset } = send;
      if (partition !== undefined && offset !== undefined) this.#notePlace({ value, partition, offset }, 'committed');
    }
  }

  #noteSeen(seen: Seen, isolation: 'committed' | 'uncommitted'): void {
    this.#notePlace(seen, isolation);
    if (isolation === 'uncommitted') return;
    this.#seen.add(seen.value);
    const operation = this.#writers.get(seen.value)?.operation;
    if (operation !== undefined) this.#proven.add(operation);
  }

  #notePlace({ partition, offset, value }: Seen, isolation: 'committed' | 'uncommitted'): void {
    const log = this.#logs.get(partition) ?? new Map<number, Set<string>>();
    this.#logs.set(partition, log);
    const there = log.get(offset) ?? new Set();
    log.set(offset, there);
    there.add(value);
    const places = this.placesOf(value);
    if (isolation === 'uncommitted' || places.some((one) => one.partition === partition && one.offset === offset))
      return;
    this.#places.set(value, [...places, { partition, offset }]);
  }

  #noteKeys(): void {
    for (const [value, wrote] of this.#writers) {
      if (wrote.send.key === undefined || this.fateOf(wrote) !== 'committed') continue;
      for (const { partition, offset } of this.placesOf(value)) {
        const key = `${partition} ${wrote.send.key}`;
        this.#lastOfKey.set(key, Math.max(offset, this.#lastOfKey.get(key) ?? -1));
      }
    }
  }
}

/** A value as a sentence names it. */
export function quoted(value: string): string {
  return `'${value.length > QUOTED ? `${value.slice(0, QUOTED)}…` : value}'`;
}
