import type { Header } from '../types.ts';
import { varintSize, varlongSize } from './varint.ts';

/** The most that a record's own numbers take: its length, timestamp, offset, three lengths, and the attributes. */
const RECORD_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 5;

/** The most that the two lengths of a header take. */
const HEADER_OVERHEAD = 5 + 5;

const NO_HEADERS: readonly Header[] = [];

/** The most bytes that a record takes in a batch before compression, whatever its numbers are; a length of -1 is null. */
export function mostRecordSize(
  keyLength: number,
  valueLength: number,
  headers: readonly Header[] = NO_HEADERS,
): number {
  let size = mostPlainSize(keyLength, valueLength);
  for (const { name, value } of headers) size += HEADER_OVERHEAD + name.length + (value === null ? 0 : value.length);
  return size;
}

/** As `mostRecordSize`, of a record without headers. */
export function mostPlainSize(keyLength: number, valueLength: number): number {
  return RECORD_OVERHEAD + Math.max(keyLength, 0) + Math.max(valueLength, 0);
}

/** The exact bytes of a record in a batch before compression; a length of -1 is null. */
export function recordSize(
  timestampDelta: number,
  offsetDelta: number,
  keyLength: number,
  valueLength: number,
  headers: readonly Header[],
): number {
  const body = bodySize(timestampDelta, offsetDelta, keyLength, valueLength, headers);
  return varintSize(body) + body;
}

/** Bytes of a record after its length. */
export function bodySize(
  timestampDelta: number,
  offsetDelta: number,
  keyLength: number,
  valueLength: number,
  headers: readonly Header[],
): number {
  let size = plainBodySize(timestampDelta, offsetDelta, keyLength, valueLength) - 1 + varintSize(headers.length);
  for (const { name, value } of headers) size += fieldSize(name.length) + fieldSize(value === null ? -1 : value.length);
  return size;
}

/** As `bodySize`, of a record without headers. */
export function plainBodySize(
  timestampDelta: number,
  offsetDelta: number,
  keyLength: number,
  valueLength: number,
): number {
  return 2 + varlongSize(timestampDelta) + varintSize(offsetDelta) + fieldSize(keyLength) + fieldSize(valueLength);
}

function fieldSize(length: number): number {
  return length < 0 ? 1 : varintSize(length) + length;
}
