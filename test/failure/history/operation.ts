/**
 * What processes did to a log and what they saw of it: the words in which a run is written down, so that somebody who was not
 * there can judge it. In the manner of Jepsen's Kafka workload (jepsen.tests.kafka): values are unique, an operation is invoked
 * and completes, and how it completed is known, or not. Times are of one clock, in any unit.
 */

/** A topic and a partition of it, such as `orders/3`. */
export type PartitionName = `${string}/${number}`;

/** `info`: nobody knows; the process was killed before it could say. */
export type Outcome = 'ok' | 'fail' | 'info';

/** A record that was given to a producer. */
export interface Send {
  readonly value: string;
  readonly key?: string | undefined;
  /** Where it was to go, or went; undefined where only whoever reads it can tell. */
  readonly partition?: PartitionName | undefined;
  /** As the producer was told; undefined when it was not. */
  readonly offset?: number | undefined;
}

export interface Seen {
  readonly partition: PartitionName;
  readonly offset: number;
  readonly value: string;
}

export interface Written {
  /** All of it or nothing; else each record is stored for itself. */
  readonly transaction: boolean;
  /** Those that it may have written to: while a transaction is open it holds their readers back. */
  readonly topics: readonly string[];
  readonly sends: readonly Send[];
  /** Before that it could not commit: it was still being given records. The invocation by default. */
  readonly committableFrom?: number | undefined;
}

export interface ReadOf {
  readonly topics: readonly string[];
  readonly isolation: 'committed' | 'uncommitted';
  /** In the order in which they came. */
  readonly seen: readonly Seen[];
  readonly from: 'start' | 'anywhere';
  /** `end`: where each partition ended when it began. `rest`: the same, when all else was over. `anywhere`: it was cut off. */
  readonly to: 'end' | 'rest' | 'anywhere';
}

/** One operation of one process; those of a process follow each other. A pipe's reads and writes. */
export interface Operation {
  readonly process: string;
  readonly invoked: number;
  /** When it was over, whatever came of it. */
  readonly completed: number;
  readonly outcome: Outcome;
  readonly wrote?: Written | undefined;
  readonly read?: ReadOf | undefined;
}

export interface History {
  readonly operations: readonly Operation[];
  /** Where partitions begin that have lost records to retention or a trim. What lay before is nobody's anomaly. */
  readonly logStarts?: ReadonlyMap<PartitionName, number> | undefined;
  /** Of a compacted partition a record may be gone when there is a later one of its key. */
  readonly compacted?: ReadonlySet<PartitionName> | undefined;
}
