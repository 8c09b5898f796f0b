import type { PartitionBatch } from '../broker/broker.ts';
import type { BrokerError } from '../errors.ts';
import type { Appended } from '../log/log.ts';
import type { BlockPool } from './block-pool.ts';

/** Where a producer's sealed batches go. The blobs are given away: they must not be touched afterwards. */
export interface BatchWriter {
  /** Bytes given and not yet answered. */
  readonly inFlight: number;
  /** Stores batches, all in one commit, in the order of the calls. An answer a batch; rejects when nothing could be stored. */
  write(batches: readonly PartitionBatch[]): Promise<readonly (Appended | BrokerError)[]>;
  close(): Promise<void>;
}

/** The writers of one run, which say who stores. */
export interface Writers {
  /** What a run begins with, and begins anew with after a failure. Memory that it does not need any more it gives back. */
  first(blocks: BlockPool): BatchWriter;
  /** What goes on from THREAD_FROM_BYTES on; undefined: the same. */
  large?(blocks: BlockPool): BatchWriter | undefined;
}
