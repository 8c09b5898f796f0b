import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PartitionBatch } from '../../broker/broker.ts';
import { BrokerError, type ErrorCode, type ErrorDetails } from '../../errors.ts';
import type { Appended } from '../../log/log.ts';
import type { Durability } from '../../store/store.ts';
import type { BatchWriter } from '../batch-writer.ts';
import type { BlockPool } from '../block-pool.ts';

/** What the writing thread is told when it begins. */
export interface ThreadStart {
  readonly dir: string;
  readonly topic: string;
  readonly durability: Durability;
}

export interface ThreadRequest {
  readonly batches: readonly { readonly partition: number; readonly blob: Uint8Array }[];
}

/** An error as it crosses to another thread. */
export interface CarriedError {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
}

/** What became of one request. */
export type ThreadOutcome =
  | { readonly results: readonly ({ readonly appended: Appended } | { readonly refused: CarriedError })[] }
  | { readonly failed: CarriedError };

/** The answer to one request, with the memory that its batches lay in; requests are answered in their order. */
export type ThreadAnswer = ThreadOutcome & { readonly blocks: readonly ArrayBuffer[] };

interface Waiting {
  readonly bytes: number;
  readonly resolve: (results: readonly (Appended | BrokerError)[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The bundle of writer-thread.ts lies beside the main one. */
const FILE = join(import.meta.dirname, 'writer.cjs');

/** Writes on a thread of its own, so that encoding and committing go on side by side. Blobs are moved, not copied, both ways. */
export class ThreadWriter implements BatchWriter {
  readonly #worker: Worker;
  readonly #blocks: BlockPool;
  readonly #waiting: Waiting[] = [];
  readonly #exited: Promise<void>;
  #inFlight = 0;
  #failure: unknown;

  /** False where the thread's bundle isn't there: sources that run without a build. */
  static get available(): boolean {
    return existsSync(FILE);
  }

  constructor(start: ThreadStart, blocks: BlockPool) {
    this.#blocks = blocks;
    this.#worker = new Worker(FILE, { workerData: start });
    this.#worker.on('message', (answer: ThreadAnswer) => this.#answer(answer));
    this.#worker.on('error', (error) => this.#failAll(error));
    this.#exited = new Promise((resolve) =>
      this.#worker.on('exit', () => {
        this.#failAll(new BrokerError('BUG', { problem: 'the writing thread ended too early' }));
        resolve();
      }),
    );
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  write(batches: readonly PartitionBatch[]): Promise<readonly (Appended | BrokerError)[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const bytes = batches.reduce((sum, { blob }) => sum + blob.length, 0);
    this.#inFlight += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      const request: ThreadRequest = { batches };
      this.#worker.postMessage(
        request,
        batches.map(({ blob }) => blob.buffer as ArrayBuffer),
      );
    });
  }

  #answer(answer: ThreadAnswer): void {
    this.#blocks.giveBack(answer.blocks);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.#inFlight -= waiting.bytes;
    if ('failed' in answer) waiting.reject(new BrokerError(answer.failed.code, answer.failed.details));
    else
      waiting.resolve(
        answer.results.map((result) =>
          'appended' in result ? result.appended : new BrokerError(result.refused.code, result.refused.details),
        ),
      );
  }

  #failAll(error: unknown): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    this.#inFlight = 0;
  }

  async close(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#exited;
  }
}
