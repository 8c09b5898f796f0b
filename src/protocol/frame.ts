import { malformed } from './malformed.ts';

/** Kafka's `socket.request.max.bytes`. */
export const MAX_FRAME_BYTES = 104_857_600;
/** Bytes of a frame's length, which lies before it. */
export const LENGTH_BYTES = 4;

/** What is made for a frame in pieces at first, at most; then it doubles, as bytes really come (W3). */
const FIRST_ROOM = 1_048_576;
const WHAT = 'a frame';

/** Cuts one stream into frames (int32 length, then so many bytes). */
export class FrameSplitter {
  /** Bytes of the longest frame that is taken. May be changed between two frames. */
  limit: number;
  readonly #prefix = Buffer.alloc(LENGTH_BYTES);
  #prefixBytes = 0;
  #wanted = 0;
  #room: Buffer | undefined;
  #got = 0;

  constructor(limit: number = MAX_FRAME_BYTES) {
    this.limit = limit;
  }

  /** Whether the stream stands between two frames: where it may end. */
  get isBetween(): boolean {
    return this.#prefixBytes === 0;
  }

  /**
   * Takes the stream's next bytes; returns the frames that are complete now, without their lengths. A frame that lies within
   * `chunk` shares its memory (W7). After an error the stream cannot be read on.
   * @throws BrokerError MALFORMED_FRAME for a negative length and one over the limit
   */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let at = 0;
    while (at < chunk.length || (this.#prefixBytes === LENGTH_BYTES && this.#wanted === 0)) {
      at = this.#prefixBytes < LENGTH_BYTES ? this.#takePrefix(chunk, at) : this.#takeBytes(chunk, at, frames);
    }
    return frames;
  }

  #takePrefix(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#prefix, this.#prefixBytes, at, at + LENGTH_BYTES - this.#prefixBytes);
    this.#prefixBytes += taken;
    if (this.#prefixBytes === LENGTH_BYTES) this.#wanted = this.#checked(this.#prefix.readInt32BE(0));
    return at + taken;
  }

  #checked(length: number): number {
    if (length >= 0 && length <= this.limit) return length;
    throw malformed(WHAT, `its length is ${length}, of ${this.limit} at most`);
  }

  #takeBytes(chunk: Buffer, at: number, frames: Buffer[]): number {
    const missing = this.#wanted - this.#got;
    const end = at + Math.min(missing, chunk.length - at);
    if (this.#got === 0 && end - at === missing) frames.push(chunk.subarray(at, end));
    else this.#collect(chunk, at, end);
    if (end - at < missing) return end;
    if (this.#room) frames.push(this.#room);
    this.#room = undefined;
    this.#got = 0;
    this.#prefixBytes = 0;
    return end;
  }

  #collect(chunk: Buffer, at: number, end: number): void {
    const needed = this.#got + end - at;
    if (!this.#room || needed > this.#room.length) this.#grow(needed);
    this.#got += chunk.copy(this.#room as Buffer, this.#got, at, end);
  }

  #grow(needed: number): void {
    const size = Math.min(this.#wanted, Math.max(FIRST_ROOM, needed * 2));
    const room = Buffer.allocUnsafeSlow(size);
    this.#room?.copy(room, 0, 0, this.#got);
    this.#room = room;
  }
}
