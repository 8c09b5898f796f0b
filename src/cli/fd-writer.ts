/**
 * The one owner of stdout (and, as a second one, of stderr).
 *
 * Node's own stdout is right for terminals, pipes and sockets: it never blocks, and the callback of a write comes when the
 * kernel has the bytes. It is wrong for files, where a short write on a nearly full disk is taken for a whole one; there
 * `writeSync` is called until nothing is left. A short answer goes out synchronously too: an empty pipe always holds 4 KiB,
 * and loading Node's streams costs more than many a command does.
 */
import { writeSync } from 'node:fs';
import { BrokerError } from '../errors.ts';
import { descriptorKind } from './descriptor.ts';
import type { Writer } from './io.ts';
import { watchReader } from './reader-gone.ts';

type NodeStream = NodeJS.WriteStream;

/** Bytes written synchronously into a pipe before Node's stream takes over: what the smallest pipe holds (PIPE_BUF). */
const SYNC_BUDGET = 4096;

/** How long (ms) a reader that sleeps is waited for once the end is asked for: less than Ctrl-C leaves to the whole command. */
const PATIENCE_MS = 1000;

const READER_LEFT = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED']);

export class FdWriter implements Writer {
  readonly isTTY: boolean;
  readonly #fd: number;
  readonly #open: () => NodeStream;
  readonly #gone = new AbortController();
  readonly #isFile: boolean;
  #isWatched = false;
  #budget = SYNC_BUDGET;
  #stream: NodeStream | undefined;
  #gaveUp = false;

  /** `open` gives Node's stream of the same descriptor; it is called at the first write that needs it. */
  constructor(fd: 1 | 2, open: () => NodeStream) {
    this.#fd = fd;
    this.#open = open;
    const kind = descriptorKind(fd);
    this.isTTY = kind === 'terminal';
    this.#isFile = kind === 'file';
  }

  get columns(): number | undefined {
    // Some pseudo-terminals say 0 and mean that they do not know.
    return (this.isTTY && this.#use().columns) || undefined;
  }

  get rows(): number | undefined {
    return (this.isTTY && this.#use().rows) || undefined;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  async write(chunk: Uint8Array | string, until?: AbortSignal): Promise<number> {
    if (this.gone.aborted || this.#gaveUp) return 0;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    try {
      const written = this.#writeNow(bytes);
      if (written === bytes.length) return written;
      return written + (await this.#writeStream(written === 0 ? bytes : bytes.subarray(written), until));
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
      return 0;
    }
  }

  watchReader(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    watchReader(this.#fd, () => this.#gone.abort(), this.gone);
  }

  /** Writes what can be written without waiting; returns how many bytes that were. */
  #writeNow(bytes: Uint8Array): number {
    const mayBlock = !this.#isFile && (this.isTTY || this.#stream !== undefined || bytes.length > this.#budget);
    if (mayBlock) return 0;
    if (!this.#isFile) this.#budget -= bytes.length;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return written;
  }

  #writeStream(bytes: Uint8Array, until: AbortSignal | undefined): Promise<number> {
    const stream = this.#use();
    return new Promise((resolve, reject) => {
      const forget = longAfter(until, () => {
        this.#gaveUp = true;
        resolve(bytes.length - queuedIn(stream, bytes.length));
      });
      stream.write(bytes, (error) => {
        forget();
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
  }

  #use(): NodeStream {
    if (!this.#stream) {
      this.#stream = this.#open();
      this.#stream.on(
        'error',
        (error: NodeJS.ErrnoException) => READER_LEFT.has(error.code ?? '') && this.#gone.abort(),
      );
    }
    return this.#stream;
  }

  #fail(error: NodeJS.ErrnoException): void {
    const { code = '' } = error;
    const hasLeft = READER_LEFT.has(code) || (this.isTTY && code === 'EIO');
    if (!hasLeft) {
      throw new BrokerError('OUTPUT_UNWRITABLE', { problem: error.message }, { cause: error });
    }
    this.#gone.abort();
  }
}

/** Calls `act` PATIENCE_MS after the signal aborts (or has), unless what it answers is called before. */
function longAfter(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    timer = setTimeout(act, PATIENCE_MS);
  };
  if (signal.aborted) arm();
  else signal.addEventListener('abort', arm, { once: true });
  return () => {
    signal.removeEventListener('abort', arm);
    clearTimeout(timer);
  };
}

/** How many bytes of the last write the kernel has not taken yet. Only libuv's own count knows; without it, none counts as taken. */
function queuedIn(stream: NodeStream, all: number): number {
  return (stream as { _handle?: { writeQueueSize?: number } })._handle?.writeQueueSize ?? all;
}
