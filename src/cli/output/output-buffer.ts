/** Up to here a loop beats `set`, whose view is an object to make. */
const COPY_BY_HAND = 24;

/**
 * The bytes on their way to stdout: one buffer that grows, is given away as a view, and is used again. Nothing is allocated
 * for a record.
 */
export class OutputBuffer {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 256 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends `src[start, end)`. */
  bytes(src: Uint8Array, start = 0, end = src.length): void {
    const length = end - start;
    if (this.#length + length > this.#buffer.length) this.#grow(length);
    if (length > COPY_BY_HAND) this.#buffer.set(src.subarray(start, end), this.#length);
    else for (let i = 0; i < length; i++) this.#buffer[this.#length + i] = src[start + i] as number;
    this.#length += length;
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
  }
}

function digits(n: number): number {
  let count = 1;
  for (let limit = 10; limit <= n; limit *= 10) count++;
  return count;
}
