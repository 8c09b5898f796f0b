import { ATTRIBUTE, type BatchHeader, readHeader } from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import type { KnownBatch } from '../producers/producer-state.ts';
import { sequencesOf } from '../producers/producers.ts';
import type { ProducerRow } from '../producers/rows.ts';
import type { BatchRow, LogRows, PartitionRow } from '../rows.ts';

/** What is said of a partition's open transactions and producers, asked within one read. */
export interface SaidOfProducers {
  readonly ongoing: readonly { readonly producerId: number; readonly first: number }[];
  readonly producers: readonly Pick<ProducerRow, 'producerId' | 'epoch' | 'batches'>[];
}

/**
 * What the batches of one partition, from the first to the last, say of transactions and producers (L8, L9). Others may write
 * meanwhile: what was passed may be compacted or trimmed by now, and only what is there still is held against the tables.
 */
export class ProducerWalk {
  readonly #rows: LogRows;
  readonly #partition: number;
  /** Transactions without their marker so far, and where they begin. */
  readonly #open = new Map<number, number>();
  /** Where the newest batch of each producer begins, and its epoch. */
  readonly #newest = new Map<number, { readonly base: number; readonly epoch: number }>();
  /** Some batches could not be read, and so it is unknown what is open. */
  #blind = false;

  constructor(rows: LogRows, partition: number) {
    this.#rows = rows;
    this.#partition = partition;
  }

  /** Batches from here on are not passed one by one. */
  lose(): void {
    this.#blind = true;
  }

  /** The next batch, within a read; `data` is whole. Sentences without their place. Throws CORRUPT_MESSAGE for a strange marker. */
  pass(row: BatchRow, data: Buffer): string[] {
    if (row.producerId < 0) return [];
    const header = readHeader(data);
    const first = this.#open.get(row.producerId);
    if (header.control) {
      this.#open.delete(row.producerId);
      return this.#markerProblems(row, data, first);
    }
    if (header.transactional && first === undefined) this.#open.set(row.producerId, row.base);
    if (header.baseSequence < 0) return [];
    this.#newest.set(row.producerId, { base: row.base, epoch: header.producerEpoch });
    return this.#batchProblems(row, header);
  }

  #markerProblems(row: BatchRow, data: Buffer, first: number | undefined): string[] {
    const { commit } = readMarker(data);
    const aborted = this.#rows.producers.abortedAt(this.#partition, row.base);
    if (commit) return aborted === undefined ? [] : ['the transaction was committed here, and is said to be aborted'];
    if (first === undefined || aborted?.producerId === row.producerId || !this.#isThere(row.producerId, first))
      return [];
    return [`the transaction that begins at ${first} was aborted here, and is not said to be`];
  }

  #batchProblems(row: BatchRow, header: BatchHeader): string[] {
    const said = this.#rows.producers.state(this.#partition, row.producerId);
    const known = said?.batches.find(({ baseOffset }) => baseOffset === row.base);
    if (said === undefined || known === undefined) return [];
    const there = { ...sequencesOf(header), epoch: header.producerEpoch };
    return rangeOf({ ...known, epoch: said.epoch }) === rangeOf(there)
      ? []
      : [
          `producer ${row.producerId} is said to have sent ${rangeOf({ ...known, epoch: said.epoch })}, the batch says ${rangeOf(there)}`,
        ];
  }

  /** After the last batch, in the read that found no more. */
  end({ logStart, compactedTo, nextOffset }: PartitionRow, { ongoing, producers }: SaidOfProducers): string[] {
    const stray = producers.flatMap((said) => this.#producerProblems(said, nextOffset));
    if (this.#blind) return stray;
    const wrong = ongoing.filter(({ producerId, first }) => first >= logStart && !this.#mayBeginAt(producerId, first));
    const said = new Set(ongoing.map(({ producerId }) => producerId));
    const lost = [...this.#open].filter(
      ([producerId, first]) => first >= compactedTo && !said.has(producerId) && this.#isThere(producerId, first),
    );
    return [
      ...stray,
      ...wrong.map(
        ({ producerId, first }) => `no transaction of producer ${producerId} is open from ${first} on, as is said`,
      ),
      ...lost.map(
        ([producerId, first]) =>
          `the transaction of producer ${producerId} from ${first} on has no end, and is not said to be open`,
      ),
    ];
  }

  #producerProblems({ producerId, epoch, batches }: SaidOfProducers['producers'][number], end: number): string[] {
    const last = batches.at(-1)?.baseOffset;
    if (last === undefined) return [];
    const newest = this.#newest.get(producerId);
    if (last >= end) return [`producer ${producerId} is said to have written at ${last}, beyond the end at ${end}`];
    if (newest === undefined || newest.epoch < epoch || newest.base <= last) return [];
    return [`producer ${producerId} has written at ${newest.base}, and is said to have written at ${last} last`];
  }

  /** One that was found to begin earlier may have been compacted away with its end, and this one be another. */
  #mayBeginAt(producerId: number, first: number): boolean {
    const found = this.#open.get(producerId);
    return found === first || (found !== undefined && found < first && !this.#isThere(producerId, found));
  }

  #isThere(producerId: number, base: number): boolean {
    const [row] = this.#rows.batches(this.#partition, base, base + 1, 1);
    return row?.producerId === producerId && (row.attributes & ATTRIBUTE.control) === 0;
  }
}

function rangeOf({
  epoch,
  firstSequence,
  lastSequence,
}: Pick<KnownBatch, 'firstSequence' | 'lastSequence'> & { readonly epoch: number }): string {
  return `${firstSequence} to ${lastSequence} in epoch ${epoch}`;
}
