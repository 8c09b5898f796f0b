import { copyWords, WORDS_BEAT_SET } from '../../record/copy-words.ts';

/** Up to here (bytes) a loop beats looking for the view of what is copied: delimiters. */
const COPY_BY_HAND = 8;

/**
 * The bytes on their way to stdout: one buffer that grows, is given away as a view, and is used again. Nothing is allocated
 * for a record.
 */
export class OutputBuffer {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;
  /** What was copied from last: the values of a batch come one after the other. */
  #src: Uint8Array = Buffer.alloc(0);
  #srcView = viewOf(this.#src);

  constructor(capacity = 256 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#view = viewOf(this.#buffer);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends `src[start, end)`. */
  bytes(src: Uint8Array, start = 0, end = src.length): void {
    const length = end - start;
    if (this.#length + length > this.#buffer.length) this.#grow(length);
    if (length <= COPY_BY_HAND) {
      for (let i = 0; i < length; i++) this.#buffer[this.#length + i] = src[start + i] as number;
    } else if (length <= WORDS_BEAT_SET) {
      if (src !== this.#src) this.#look(src);
      copyWords(this.#srcView, start, this.#view, this.#length, length);
    } else {
      this.#buffer.set(src.subarray(start, end), this.#length);
    }
    this.#length += length;
  }

  /**
   * Makes room for `most` bytes and lets `write` put some of them there: it is told where in which memory, and answers where they end.
   * Less than nothing: nothing is appended, and the answer is false.
   */
  fill(most: number, write: (bytes: Buffer, from: number) => number): boolean {
    if (this.#length + most > this.#buffer.length) this.#grow(most);
    const end = write(this.#buffer, this.#length);
    if (end < 0) return false;
    this.#length = end;
    return true;
  }

  #look(src: Uint8Array): void {
    this.#src = src;
    this.#srcView = viewOf(src);
  }

  /** Appends the text's UTF-8. */
  text(text: string): void {
    const most = text.length * 3;
    if (this.#length + most > this.#buffer.length) this.#grow(most);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** Appends one byte. */
  byte(byte: number): void {
    if (this.#length === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#length++] = byte;
  }

  /** Appends a safe integer in decimal. */
  number(n: number): void {
    if (n < 0) return this.text(String(n));
    if (this.#length + 16 > this.#buffer.length) this.#grow(16);
    let at = this.#length + digits(n);
    this.#length = at;
    let rest = n;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 10)) this.#buffer[--at] = 0x30 + (rest % 10);
    let small = rest | 0;
    do {
      this.#buffer[--at] = 0x30 + (small % 10);
      small = (small / 10) | 0;
    } while (small > 0);
  }

  /** Empties it; the memory stays, and views of it become someone else's bytes. */
  reset(): void {
    this.#length = 0;
  }

  /** What is in it: a view, good until `reset` or the next byte. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#length + more));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function digits(n: number): number {
  let count = 1;
  for (let limit = 10; limit <= n; limit *= 10) count++;
  return count;
}
