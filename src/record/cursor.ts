import type { Header, StoredRecord } from '../types.ts';
import { BATCH_OVERHEAD, type BatchHeader, readHeader } from './batch.ts';
import { decompress } from './codec.ts';
import { corrupt } from './corrupt.ts';

/**
 * Walks the records of one batch, without an object a record: `next()` sets the fields below, which hold until the next call.
 * Made for reuse: `reset` puts it before the first record of another batch. Views (`key()`, `value()`, `headers()`) share
 * the memory of `bytes`.
 *
 * Every record is checked as it is walked, headers too, after org.apache.kafka.common.record.DefaultRecord.readFrom; what
 * makes no sense throws BrokerError CORRUPT_MESSAGE. The checksum is not looked at (`verifyChecksum`).
 *
 * `private`, not `#private`: with more than a dozen of those V8 may, once garbage collections have come between, turn the
 * object into a dictionary, and the walk takes twenty times as long (seen on Node 20).
 */
export class RecordCursor {
  header!: BatchHeader;
  /** The records being walked: the batch itself, or what came out of its codec. */
  bytes!: Buffer;
  offset = Number.NaN;
  /** Milliseconds, absolute; in a LogAppendTime batch the batch's own time for every record. */
  timestamp = Number.NaN;
  /** Where this record begins in `bytes`, at its length, and where the next one does. */
  start = 0;
  end = 0;
  keyStart = 0;
  /** Bytes of the key, -1 for null. */
  keyLength = -1;
  valueStart = 0;
  /** Bytes of the value, -1 for null. */
  valueLength = -1;
  headersStart = 0;
  headerCount = 0;

  private at = 0;
  private limit = 0;
  private left = 0;
  private delta = -1;
  private lastDelta = 0;
  private baseOffset = Number.NaN;
  private baseTimestamp = Number.NaN;
  private logAppendTime = false;

  /** @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE */
  constructor(blob: Buffer) {
    this.reset(blob);
  }

  /** Begins with another batch. @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE */
  reset(blob: Buffer): this {
    const header = readHeader(blob);
    const plain = header.codec === 'none';
    this.bytes = plain ? blob : decompress(header.codec, blob.subarray(BATCH_OVERHEAD, header.length));
    this.limit = plain ? header.length : this.bytes.length;
    this.end = plain ? BATCH_OVERHEAD : 0;
    this.header = header;
    this.left = header.count;
    this.delta = -1;
    this.lastDelta = header.lastOffsetDelta;
    this.baseOffset = header.baseOffset;
    this.logAppendTime = header.timestampType === 'LogAppendTime';
    this.baseTimestamp = this.logAppendTime ? header.maxTimestamp : header.baseTimestamp;
    return this;
  }

  /** Goes on to the next record; false after the last. @throws BrokerError CORRUPT_MESSAGE */
  next(): boolean {
    if (this.left === 0) return this.checkEnd();
    this.left--;
    this.start = this.at = this.end;
    const length = this.readVarint();
    const end = this.at + length;
    if (length < 0 || end > this.limit) throw corrupt(`a record of ${length} bytes does not fit its batch`);
    this.end = end;
    this.at++; // attributes: none is defined
    const timestampDelta = this.readVarlong();
    const offsetDelta = this.readVarint();
    if (offsetDelta <= this.delta || offsetDelta > this.lastDelta)
      throw corrupt(`a record's offset is ${offsetDelta} after its batch's`);
    this.delta = offsetDelta;
    this.offset = this.baseOffset + offsetDelta;
    this.timestamp = this.logAppendTime ? this.baseTimestamp : this.baseTimestamp + timestampDelta;
    this.keyLength = this.readLength();
    this.keyStart = this.skip(this.keyLength);
    this.valueLength = this.readLength();
    this.valueStart = this.skip(this.valueLength);
    this.headerCount = this.readVarint();
    this.headersStart = this.at;
    if (this.headerCount !== 0) this.skipHeaders();
    if (this.at !== end) throw corrupt(`a record of ${length} bytes has fields for ${this.at - end + length}`);
    return true;
  }

  /** The key, a view; null is null and empty is empty. */
  key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyStart, this.keyStart + this.keyLength);
  }

  /** The value, a view; null (a tombstone) is null and empty is empty. */
  value(): Buffer | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueStart, this.valueStart + this.valueLength);
  }

  /** The headers in their order, with duplicates; names and values are views. */
  headers(): Header[] {
    const headers: Header[] = [];
    this.at = this.headersStart;
    for (let n = this.headerCount; n > 0; n--) {
      const name = this.view(this.readLength());
      headers.push({ name: name as Buffer, value: this.view(this.readLength()) });
    }
    return headers;
  }

  /** All of this record as an object, its parts views. */
  record(): StoredRecord {
    const { offset, timestamp } = this;
    return {
      offset,
      timestamp,
      key: this.key(),
      value: this.value(),
      headers: this.headerCount === 0 ? [] : this.headers(),
    };
  }

  private checkEnd(): false {
    if (this.end !== this.limit)
      throw corrupt(`a batch of ${this.header.count} records has ${this.limit - this.end} bytes after the last`);
    return false;
  }

  private view(length: number): Buffer | null {
    const start = this.skip(length);
    return length < 0 ? null : this.bytes.subarray(start, start + length);
  }

  /** A length before bytes that may be null; Kafka takes any negative one for null. */
  private readLength(): number {
    const length = this.readVarint();
    return length < 0 ? -1 : length;
  }

  /** Steps over the bytes of a key, value or name; returns where they begin. */
  private skip(length: number): number {
    const start = this.at;
    if (length > 0) this.at = start + length;
    if (this.at > this.end) throw corrupt('a field does not fit its record');
    return start;
  }

  private skipHeaders(): void {
    if (this.headerCount < 0) throw corrupt('a record has a negative number of headers');
    for (let n = this.headerCount; n > 0; n--) {
      const name = this.readVarint();
      if (name < 0) throw corrupt('a header has no name');
      this.skip(name);
      this.skip(this.readLength());
    }
  }

  /** A zigzag varint. Past the end of `bytes` there is only `undefined`, which falls through to the slow path. */
  private readVarint(): number {
    const first = this.bytes[this.at] as number;
    if (first < 0x80) {
      this.at++;
      return (first >>> 1) ^ -(first & 1);
    }
    const second = this.bytes[this.at + 1] as number;
    if (second < 0x80) {
      this.at += 2;
      const n = (first & 0x7f) | (second << 7);
      return (n >>> 1) ^ -(n & 1);
    }
    return this.readLongVarint();
  }

  private readLongVarint(): number {
    let n = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.readByte();
      n |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (n >>> 1) ^ -(n & 1);
    }
    throw corrupt('a number of more than 32 bits');
  }

  private readVarlong(): number {
    const first = this.bytes[this.at] as number;
    if (first >= 0x80 || first === undefined) return this.readLongVarlong();
    this.at++;
    return (first >>> 1) ^ -(first & 1);
  }

  /** A zigzag varlong without BigInt: the lowest bit is the sign, the other 63 are summed as a number of its own. */
  private readLongVarlong(): number {
    const first = this.readByte();
    let whole = (first & 0x7f) >>> 1;
    let more = first >= 0x80;
    for (let scale = 64; more; scale *= 128) {
      if (scale > 2 ** 62) throw corrupt('a number of more than 64 bits');
      const byte = this.readByte();
      whole += (byte & 0x7f) * scale;
      more = byte >= 0x80;
    }
    if (whole > Number.MAX_SAFE_INTEGER) throw corrupt('a timestamp beyond 2^53');
    return (first & 1) === 0 ? whole : -whole - 1;
  }

  private readByte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw corrupt('a record ends within a number');
    return byte;
  }
}

/** All records of a batch; their parts are views. @throws BrokerError CORRUPT_MESSAGE, UNSUPPORTED_COMPRESSION_TYPE */
export function decodeBatch(blob: Buffer): StoredRecord[] {
  const cursor = new RecordCursor(blob);
  const records: StoredRecord[] = [];
  while (cursor.next()) records.push(cursor.record());
  return records;
}
