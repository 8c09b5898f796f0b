import type { BrokerError } from '../errors.ts';
import { malformed } from './malformed.ts';
import { MAX_STRING } from './reader.ts';

const TWO_32 = 2 ** 32;
const FIRST_CHUNK = 512;
const LARGEST_CHUNK = 65_536;
/** Bytes from which on a piece goes out as it is, not copied (W4). */
const BY_REFERENCE = 8192;

/**
 * Bytes that are still growing, as pieces for one gathering write. A piece that is full is left as it is: nothing is ever
 * copied to make room. Numbers out of range throw a RangeError, as does a 64-bit one that is not a safe integer: who writes
 * them made them. What cannot be said (a string that is too long) is BrokerError MALFORMED_FRAME.
 */
export class Writer {
  /** Bytes in all. */
  length = 0;
  readonly #what: string;
  readonly #pieces: Buffer[] = [];
  #piece: Buffer;
  /** Where the part of `#piece` begins that is not among the pieces yet, and where it ends. */
  #from = 0;
  #at = 0;

  /** `what` names the frame in errors. */
  constructor(what: string, firstChunk = FIRST_CHUNK) {
    this.#what = what;
    this.#piece = Buffer.allocUnsafe(firstChunk);
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#piece.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#piece.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#piece.writeInt32BE(value, at);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${this.#what}: ${value} is no safe integer`);
    const high = Math.floor(value / TWO_32);
    const at = this.#room(8);
    this.#piece.writeInt32BE(high, at);
    this.#piece.writeUInt32BE(value - high * TWO_32, at + 4);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  uuid(value: Buffer): void {
    if (value.length !== 16) throw new RangeError(`${this.#what}: an id of ${value.length} bytes`);
    this.append(value);
  }

  /** 0 to 2^32 - 1. */
  uvarint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  /** The counterpart of `Reader.length`; -1 for null. */
  lengthOf(length: number, flexible: boolean, width: 2 | 4): void {
    if (flexible) this.uvarint(length + 1);
    else if (width === 2) this.int16(length);
    else this.int32(length);
  }

  /** UTF-8 with its length before it. @throws BrokerError MALFORMED_FRAME over 32 767 bytes */
  text(value: string, flexible: boolean): void {
    const length = Buffer.byteLength(value);
    if (length > MAX_STRING) throw this.fault(`a string of ${length} bytes, over ${MAX_STRING}`);
    this.lengthOf(length, flexible, 2);
    const at = this.#room(length);
    this.#piece.write(value, at, length, 'utf8');
  }

  /** Bytes as they are; long ones without a copy: they must not change until they are sent. */
  append(value: Buffer): void {
    if (value.length < BY_REFERENCE) {
      const at = this.#room(value.length);
      value.copy(this.#piece, at);
      return;
    }
    this.#close();
    this.#pieces.push(value);
    this.length += value.length;
  }

  /** An empty writer for a part whose length has to be known before it is written here. */
  apart(firstChunk: number): Writer {
    return new Writer(this.#what, firstChunk);
  }

  fault(problem: string): BrokerError {
    return malformed(this.#what, problem);
  }

  /** Everything that was written, in order. */
  finish(): Buffer[] {
    this.#close();
    return this.#pieces;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#piece[at] = value;
  }

  /** Where the next bytes go; `#piece` may be another one after this. */
  #room(bytes: number): number {
    if (bytes > this.#piece.length - this.#at) this.#turn(bytes);
    const at = this.#at;
    this.#at = at + bytes;
    this.length += bytes;
    return at;
  }

  #turn(bytes: number): void {
    this.#close();
    const grown = Math.min(this.#piece.length * 4, LARGEST_CHUNK);
    this.#piece = Buffer.allocUnsafe(Math.max(grown, bytes));
    this.#from = 0;
    this.#at = 0;
  }

  #close(): void {
    if (this.#at > this.#from) this.#pieces.push(this.#piece.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }
}
