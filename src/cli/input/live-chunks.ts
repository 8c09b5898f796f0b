import { ReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { InputChunk } from './sources.ts';

/** What may lie unread in the process before its sender is held back. */
const MOST_QUEUED = 1024 * 1024;

/** How long (ms) a stream that reads in another thread may take to bring what is there. */
const THREAD_PAUSE = 1;

/**
 * The chunks of a pipe, socket or terminal as they come. `idle` is true of a chunk when nothing more is to be had at once, found
 * by giving the event loop one turn to bring it: what has arrived is one batch, and nobody lingers for more. Ends with the
 * stream, or when `signal` aborts; then the stream is let go, so that the process can end.
 */
export async function* liveChunks(
  stream: Readable & { unref?: () => void },
  input: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<InputChunk> {
  const queue = new ChunkQueue(stream, signal);
  const pause = stream instanceof ReadStream ? () => setTimeout(THREAD_PAUSE) : () => setImmediate();
  try {
    for (let chunk = await queue.take(); chunk !== undefined; chunk = await queue.take()) {
      if (queue.isEmpty) await pause();
      yield { chunk, idle: queue.isEmpty && !queue.ended, end: false, input };
    }
  } finally {
    queue.stop();
    stream.unref?.();
  }
}

/** What a stream has brought and nobody has taken. */
class ChunkQueue {
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;
  #error: Error | undefined;
  #wake: () => void = () => {};
  readonly #signal: AbortSignal | undefined;

  constructor(stream: Readable, signal: AbortSignal | undefined) {
    this.#stream = stream;
    this.#signal = signal;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onError);
    signal?.addEventListener('abort', this.#onEnd);
    if (signal?.aborted) this.#over = true;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Nothing more will come. */
  get ended(): boolean {
    return this.#over;
  }

  /** The next chunk, when there is one; undefined at the end, or at once after an abort. */
  async take(): Promise<Buffer | undefined> {
    while (this.isEmpty && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#signal?.aborted) return undefined;
    const chunk = this.#chunks.shift();
    if (chunk === undefined && this.#error !== undefined) throw this.#error;
    this.#bytes -= chunk?.length ?? 0;
    if (this.#bytes < MOST_QUEUED && this.#stream.isPaused()) this.#stream.resume();
    return chunk;
  }

  stop(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
    this.#signal?.removeEventListener('abort', this.#onEnd);
    this.#stream.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= MOST_QUEUED) this.#stream.pause();
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#over = true;
    this.#wake();
  };

  readonly #onError = (error: Error): void => {
    this.#error = error;
    this.#onEnd();
  };
}
