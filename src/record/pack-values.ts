import { BATCH_OVERHEAD, type BatchHeader, readHeader } from './batch.ts';

/** Where each of a row of records ends, in bytes; the first `count` of the list count. */
export interface Ends {
  readonly list: number[];
  count: number;
}

/** Bytes that a record has beside its key and value at the least: what follows a value may be so long, and stays behind what is read. */
const LONGEST_DELIMITER = 7;

/** A timestamp (zigzag varlong, ms after the batch's first) of at most so many bytes is within 200 days. */
const LONGEST_TIME = 5;

/** What `readShort` answers: the number, and in the lowest two bits how many bytes it took. */
const SIZE = 3;
const SIZE_BITS = 2;

/** A length of -1. */
const NULL = 1;

/**
 * Puts the values of a batch into `out`, from `from` on, each with `delimiter` behind it, and adds where they end to `ends`. Answers
 * where the last one does. All of the batch is copied, so that `out` must have room for it, and moved together there.
 *
 * Made for what most batches are: uncompressed, of dense offsets, each record with a value and without headers, lengths below
 * 1 MiB. For any other, and for one that makes no sense, the answer is -1, and `ends` as it was: a RecordCursor gives the records
 * of the one and says what is wrong with the other (I3). The checksum is not looked at.
 * @throws BrokerError as `readHeader`
 */
export function packValues(batch: Buffer, delimiter: Buffer, out: Buffer, from: number, ends: Ends): number {
  const header = readHeader(batch);
  if (!looksPlain(batch, header) || delimiter.length > LONGEST_DELIMITER) return -1;
  out.set(batch, from);
  const { list, count: before } = ends;
  const limit = from + header.length;
  let at = from + BATCH_OVERHEAD;
  let to = from;
  for (let n = 0; n < header.count; n++) {
    const size = readShort(out, at);
    const end = at + (size & SIZE) + (size >> SIZE_BITS);
    if (size < 0 || end > limit) return -1;
    to = moveValue(out, at + (size & SIZE), end, n, to);
    if (to < 0) return -1;
    for (let i = 0; i < delimiter.length; i++) out[to++] = delimiter[i] as number;
    list[before + n] = to;
    at = end;
  }
  if (at !== limit) return -1;
  ends.count = before + header.count;
  return to;
}

/** Whether it is worth a copy: as its header and its first record are, the others mostly are too. */
function looksPlain(batch: Buffer, { codec, count, lastOffsetDelta }: BatchHeader): boolean {
  if (codec !== 'none' || count < 1 || count > lastOffsetDelta + 1) return false;
  const size = readShort(batch, BATCH_OVERHEAD);
  const at = BATCH_OVERHEAD + (size & SIZE);
  return size >= 0 && valueStart(batch, at, at + (size >> SIZE_BITS), 0) >= 0;
}

/** Answers where the value ends that was moved; -1: none was. */
function moveValue(bytes: Buffer, at: number, end: number, n: number, to: number): number {
  const start = valueStart(bytes, at, end, n);
  if (start < 0) return -1;
  bytes.copyWithin(to, start, end - 1);
  return to + end - 1 - start;
}

/** Where the value begins of a record that lies in [at, end), behind its length, if it is the n-th and a plain one; else -1. */
function valueStart(bytes: Buffer, at: number, end: number, n: number): number {
  let next = at + 1; // attributes: none is defined
  for (const stop = next + LONGEST_TIME; (bytes[next++] as number) >= 0x80; ) if (next === stop) return -1;
  const delta = readShort(bytes, next);
  if (delta >> SIZE_BITS !== n) return -1;
  next += delta & SIZE;
  const key = bytes[next] === NULL ? NULL : readShort(bytes, next);
  if (key < 0) return -1;
  next += key === NULL ? 1 : (key & SIZE) + (key >> SIZE_BITS);
  const length = readShort(bytes, next);
  next += length & SIZE;
  const headers = next + (length >> SIZE_BITS);
  return length >= 0 && headers + 1 === end && bytes[headers] === 0 ? next : -1;
}

/** A zigzag varint of at most three bytes; -1 for a longer or a negative one. */
function readShort(bytes: Buffer, at: number): number {
  let zigzag = bytes[at] as number;
  let size = 1;
  if (zigzag >= 0x80) {
    zigzag = (zigzag & 0x7f) | ((bytes[at + 1] as number) << 7);
    size = 2;
    if (zigzag >= 0x4000) {
      zigzag = (zigzag & 0x3fff) | ((bytes[at + 2] as number) << 14);
      size = 3;
      if (zigzag >= 0x200000) return -1;
    }
  }
  return (zigzag & 1) === 0 ? (zigzag << 1) | size : -1;
}
