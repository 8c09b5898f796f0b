import type { BatchHeader } from '../../record/batch.ts';
import type { Ends } from '../../record/pack-values.ts';
import type { Header } from '../../types.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** What printers read of a record; a RecordCursor is one, `PlacedView` another. Lengths of -1 mean null. */
export interface RecordView {
  /** Where key and value lie. */
  readonly bytes: Buffer;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly keyStart: number;
  readonly keyLength: number;
  readonly valueStart: number;
  readonly valueLength: number;
  readonly headerCount: number;
  headers(): readonly Header[];
}

/** What printers read of a record's batch. */
export type BatchFacts = Pick<
  BatchHeader,
  'timestampType' | 'attributes' | 'codec' | 'producerId' | 'producerEpoch' | 'leaderEpoch'
>;

/** Where a record lies; the same object for all records of a batch. Offsets that are not known are -1. */
export interface PrintContext {
  readonly topic: string;
  readonly partition: number;
  readonly header: BatchFacts;
  readonly logStart: number;
  readonly highWatermark: number;
  readonly lastStable: number;
}

/** Prints records, from `begin` once to `end` once. */
export interface RecordPrinter {
  begin(out: OutputBuffer): void;
  write(place: PrintContext, record: RecordView, out: OutputBuffer): void;
  /** As `write` for each record of the batch, and where each ends in `out`. False: it printed nothing, `write` must. */
  writeBatch?(batch: Buffer, out: OutputBuffer, ends: Ends): boolean;
  /** Puts out what is held back (a table's rows, until their widths are known). Called before `out` is handed on. */
  flush(out: OutputBuffer): void;
  /** As `flush`, and what closes the whole. */
  end(out: OutputBuffer): void;
}
