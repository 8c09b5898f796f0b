const CARRIAGE_RETURN = 0x0d;

export interface SplitOptions {
  readonly delimiter: Buffer;
  /** Takes one carriage return before a delimiter away with it. */
  readonly crlf: boolean;
  /** Bytes of a line, without its delimiter, from which on it is not kept. */
  readonly maxBytes: number;
  /** A line lies in `src[start, end)`, until this returns. Lines count from 1. */
  onLine(src: Buffer, start: number, end: number, line: number): void;
  /** A line had `bytes` bytes, too many. */
  onTooLong(bytes: number, line: number): void;
}

/**
 * Cuts a stream into lines, in whatever chunks it comes, without an object a line. Only a line that crosses chunks is copied,
 * and of one that is too long nothing is kept but what may begin its delimiter.
 */
export class LineSplitter {
  /** The number of the last line that was given. */
  line = 0;
  readonly #delimiter: Buffer;
  /** What `indexOf` is fastest with: a number where one byte ends a line. */
  readonly #needle: Buffer | number;
  readonly #crlf: boolean;
  readonly #max: number;
  readonly #onLine: SplitOptions['onLine'];
  readonly #onTooLong: SplitOptions['onTooLong'];
  /** The beginning of a line whose end has not arrived, `#length` bytes. */
  #carry = Buffer.alloc(0);
  #length = 0;
  /** Bytes of that line which were not kept. */
  #dropped = 0;
  /** Whether every line so far that had a delimiter had a carriage return before it; undefined before the first. */
  #everyReturn: boolean | undefined;

  constructor(options: SplitOptions) {
    this.#delimiter = options.delimiter;
    this.#needle = options.delimiter.length === 1 ? (options.delimiter[0] as number) : options.delimiter;
    this.#crlf = options.crlf;
    this.#max = options.maxBytes;
    this.#onLine = options.onLine;
    this.#onTooLong = options.onTooLong;
  }

  /** True when there were lines with a delimiter and a carriage return stood before every one. */
  get everyLineHasReturn(): boolean {
    return this.#everyReturn === true;
  }

  push(chunk: Buffer): void {
    let start = 0;
    if (this.#length > 0 || this.#dropped > 0) {
      start = this.#finishCarried(chunk);
      if (start === -1) return;
    }
    const width = this.#delimiter.length;
    for (let at = chunk.indexOf(this.#needle, start); at !== -1; at = chunk.indexOf(this.#needle, start)) {
      this.#give(chunk, start, at, true);
      start = at + width;
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length);
  }

  /** The end of an input: what is left is its last line; where a delimiter was the last thing, there is none. */
  end(): void {
    if (this.#length > 0 || this.#dropped > 0) this.#giveCarried(this.#length, false);
  }

  /** Looks for the end of the carried line; where the chunk goes on behind it, or -1 when it is not in this chunk. */
  #finishCarried(chunk: Buffer): number {
    const across = this.#acrossChunks(chunk);
    if (across !== -1) return across;
    const at = chunk.indexOf(this.#needle);
    this.#keep(chunk, 0, at === -1 ? chunk.length : at);
    if (at === -1) return -1;
    this.#giveCarried(this.#length, true);
    return at + this.#delimiter.length;
  }

  /** As `#finishCarried`, for a delimiter that began in the last chunk. */
  #acrossChunks(chunk: Buffer): number {
    const width = this.#delimiter.length;
    if (width === 1) return -1;
    const tail = Math.min(this.#length, width - 1);
    const seam = Buffer.concat([this.#carry.subarray(this.#length - tail, this.#length), chunk.subarray(0, width - 1)]);
    const found = seam.indexOf(this.#delimiter);
    if (found === -1 || found >= tail) return -1;
    this.#giveCarried(this.#length - tail + found, true);
    return found + width - tail;
  }

  #giveCarried(length: number, ended: boolean): void {
    const total = this.#dropped + length;
    const dropped = this.#dropped;
    this.#length = 0;
    this.#dropped = 0;
    if (dropped === 0) this.#give(this.#carry, 0, length, ended);
    else this.#onTooLong(total, ++this.line);
  }

  #give(src: Buffer, start: number, end: number, ended: boolean): void {
    this.line++;
    const to = ended ? this.#withoutReturn(src, start, end) : end;
    if (to - start > this.#max) this.#onTooLong(to - start, this.line);
    else this.#onLine(src, start, to, this.line);
  }

  /** Where the line ends when its carriage return, if it has one, has been seen to. */
  #withoutReturn(src: Buffer, start: number, end: number): number {
    const has = end > start && src[end - 1] === CARRIAGE_RETURN;
    this.#everyReturn = has && this.#everyReturn !== false;
    return has && this.#crlf ? end - 1 : end;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (this.#dropped > 0 || length > this.#max + this.#delimiter.length) return this.#drop(chunk, start, end);
    if (length > this.#carry.length) this.#grow(length);
    chunk.copy(this.#carry, this.#length, start, end);
    this.#length = length;
  }

  /** Keeps of a line that is too long as many bytes as may begin its delimiter. */
  #drop(chunk: Buffer, start: number, end: number): void {
    const width = this.#delimiter.length - 1;
    const tail = Buffer.concat([
      this.#carry.subarray(Math.max(0, this.#length - width), this.#length),
      chunk.subarray(Math.max(start, end - width), end),
    ]);
    const kept = tail.subarray(Math.max(0, tail.length - width));
    this.#dropped += this.#length + end - start - kept.length;
    this.#carry = kept;
    this.#length = kept.length;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#carry.length, length, 4096));
    this.#carry.copy(larger, 0, 0, this.#length);
    this.#carry = larger;
  }
}
