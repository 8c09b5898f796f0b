import { BATCH_BYTES, COMMIT_BYTES, IN_FLIGHT_BYTES } from '../settings.ts';

/** What may be on its way to the writing thread, and what is sealed meanwhile. */
const MOST_KEPT = (IN_FLIGHT_BYTES + COMMIT_BYTES) / BATCH_BYTES;

/**
 * Memory for finished batches that has been to the writing thread and come back: fresh memory is cleared by the kernel, and
 * what another thread has dropped stays until that thread collects. Batches that are small, as compressed ones are, or
 * larger than a full one get memory of their own size.
 */
export class BlockPool {
  readonly #free: ArrayBuffer[] = [];

  /** Memory that is the caller's alone, `bytes` of it; whatever lay there before may still be seen. */
  take(bytes: number): Buffer {
    if (bytes > BATCH_BYTES || bytes < BATCH_BYTES / 2) return Buffer.allocUnsafeSlow(bytes);
    const block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BATCH_BYTES).buffer;
    return Buffer.from(block as ArrayBuffer, 0, bytes);
  }

  /** Takes memory back that nobody looks at any more. What `take` did not cut as a block, or is too much, is let go. */
  giveBack(blocks: readonly ArrayBuffer[]): void {
    for (const block of blocks)
      if (block.byteLength === BATCH_BYTES && this.#free.length < MOST_KEPT) this.#free.push(block);
  }
}
