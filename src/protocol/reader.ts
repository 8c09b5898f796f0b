import type { BrokerError } from '../errors.ts';
import { malformed } from './malformed.ts';

const TWO_32 = 2 ** 32;
/** Kafka's limit for a string, compact or not. */
export const MAX_STRING = 0x7fff;

/**
 * A cursor over one frame. Every step is checked against the end (W2, W3); what it gives of bytes are views of the frame
 * (W4). All its methods throw BrokerError MALFORMED_FRAME.
 */
export class Reader {
  at: number;
  /** Where reading has to stop; a tagged field narrows it for as long as it is read. */
  end: number;
  readonly #bytes: Buffer;
  readonly #what: string;

  /** `what` names the frame in errors. */
  constructor(bytes: Buffer, what: string, at = 0) {
    this.#bytes = bytes;
    this.#what = what;
    this.at = at;
    this.end = bytes.length;
  }

  int8(): number {
    return this.#bytes.readInt8(this.skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.skip(4));
  }

  /** A safe integer, or the message is malformed (W6). */
  int64(): number {
    const at = this.skip(8);
    const value = this.#bytes.readInt32BE(at) * TWO_32 + this.#bytes.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw this.fault(`a 64-bit number near ${value} at byte ${at}`);
    return value;
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  uuid(): Buffer {
    return this.slice(16);
  }

  /** 32 bits at most, in at most 5 bytes. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.skip(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80 && value < TWO_32) return value;
      if (byte < 0x80) break;
    }
    throw this.fault(`a varint over 32 bits before byte ${this.at}`);
  }

  /** A length, -1 for null: one more than it is as a varint where the version is flexible, else an int16 or an int32. */
  length(flexible: boolean, width: 2 | 4): number {
    if (flexible) return this.uvarint() - 1;
    const length = width === 2 ? this.int16() : this.int32();
    if (length < -1) throw this.fault(`the length ${length} before byte ${this.at}`);
    return length;
  }

  /** UTF-8 of so many bytes; what is not UTF-8 becomes U+FFFD. */
  text(length: number): string {
    if (length > MAX_STRING) throw this.fault(`a string of ${length} bytes before byte ${this.at}`);
    const at = this.skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view of the next bytes. */
  slice(length: number): Buffer {
    const at = this.skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Goes over so many bytes; returns where they begin. */
  skip(length: number): number {
    const at = this.at;
    if (length > this.end - at) this.demand(length, 1);
    this.at = at + length;
    return at;
  }

  /** Throws unless so many things of at least `least` bytes can still follow (W3). */
  demand(count: number, least: number): void {
    const left = this.end - this.at;
    if (count * least > left)
      throw this.fault(`${count * least} bytes are wanted at byte ${this.at}, ${left} are left`);
  }

  fault(problem: string): BrokerError {
    return malformed(this.#what, problem);
  }
}
