import type { ReadBatch } from '../../client/cluster.ts';
import { readHeader } from '../../record/batch.ts';
import { RecordCursor } from '../../record/cursor.ts';
import type { TopicPartition } from '../../types.ts';

/** What one run of the command reads: records of one partition, in its order. */
export interface PipedBatch extends TopicPartition {
  /** Batches of the log, of which the first and the last may be meant in part; at least one. */
  readonly pieces: readonly ReadBatch[];
  readonly records: number;
}

/** The offset behind the last record, and behind what can't be shown there. */
export function nextOffset({ pieces }: PipedBatch): number {
  return (pieces.at(-1) as ReadBatch).until;
}

/** `orders 0, offsets 120 to 219` */
export function placeOf(batch: PipedBatch): string {
  const { topic, partition, records: count } = batch;
  const from = firstOffset(batch);
  const offsets = count === 1 ? `offset ${from}` : `offsets ${from} to ${nextOffset(batch) - 1}`;
  return `${topic} ${partition}, ${offsets}`;
}

/** The offset of the first record. Throws CORRUPT_MESSAGE. */
export function firstOffset({ pieces }: PipedBatch): number {
  for (const piece of pieces) for (const { offset } of records(piece)) return offset;
  return (pieces[0] as ReadBatch).from;
}

/** How many records of a batch are meant. One that is meant as a whole says so itself. Throws CORRUPT_MESSAGE. */
export function countRecords(piece: ReadBatch): number {
  const { baseOffset, lastOffset, count } = readHeader(piece.blob);
  if (piece.from <= baseOffset && piece.until > lastOffset) return count;
  let found = 0;
  for (const _ of records(piece)) found++;
  return found;
}

/** The first `count` records, and the rest; the parts have at least one each. `count` is less than there are. */
export function cut(batch: PipedBatch, count: number): [PipedBatch, PipedBatch] {
  const { topic, partition, pieces } = batch;
  let left = count;
  for (const [i, piece] of pieces.entries()) {
    const found = countRecords(piece);
    if (found < left) {
      left -= found;
      continue;
    }
    const at = found === left ? piece.until : offsetAfter(piece, left);
    const rest = at < piece.until ? [{ ...piece, from: at }] : [];
    const head = [...pieces.slice(0, i), { ...piece, until: at }];
    const tail = [...rest, ...pieces.slice(i + 1)];
    return [
      { topic, partition, pieces: head, records: count },
      { topic, partition, pieces: tail, records: batch.records - count },
    ];
  }
  throw new RangeError(`${count} of ${batch.records} records`);
}

function offsetAfter(piece: ReadBatch, count: number): number {
  let left = count;
  for (const { offset } of records(piece)) if (--left === 0) return offset + 1;
  return piece.until;
}

/** The records of a piece that are meant: the same cursor, before each. Throws CORRUPT_MESSAGE. */
export function* records({ blob, from, until }: ReadBatch): Generator<RecordCursor> {
  const cursor = new RecordCursor(blob);
  while (cursor.next()) if (cursor.offset >= from && cursor.offset < until) yield cursor;
}
