import type { Cluster, ReadBatch, Reader } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { RecordCursor } from '../../record/cursor.ts';
import { breather } from './breath.ts';
import { Histogram } from './histogram.ts';
import { readStamp } from './payload.ts';
import type { Part } from './plan.ts';

/** One reader: takes every record apart, and where somebody writes meanwhile, measures how long it was on its way. */
export class BenchReader {
  readonly latency = new Histogram();
  readonly #part: Part;
  #cursor: RecordCursor | undefined;
  #records = 0;
  #bytes = 0;

  constructor(part: Part) {
    this.#part = part;
  }

  /** Records that were read, and the bytes of their keys and values. */
  get done(): { records: number; bytes: number } {
    return { records: this.#records, bytes: this.#bytes };
  }

  open(cluster: Cluster): Promise<Reader> {
    const { topic, follow } = this.#part;
    const from = { at: follow ? 'end' : 'start' } as const;
    return cluster.consume({ topics: { names: [topic] }, from, follow, isolation: 'read_committed' });
  }

  /** Ends when all that is written has been read, or at `stop`. */
  async run(reader: Reader, stop: AbortSignal): Promise<void> {
    const { follow, records } = this.#part;
    const breathe = breather(monotonic);
    const wanted = follow ? records : Number.POSITIVE_INFINITY;
    while (this.#records < wanted && !stop.aborted) {
      const batches = await reader.next();
      const micros = monotonic() * 1000;
      for (const batch of batches) this.#take(batch, follow ? micros : undefined);
      if (batches.length === 0 && reader.ended) break;
      await (batches.length === 0 ? reader.wait(null, stop) : breathe());
    }
    reader.close();
  }

  #take({ blob, from, until }: ReadBatch, micros: number | undefined): void {
    const cursor = this.#cursor?.reset(blob) ?? new RecordCursor(blob);
    this.#cursor = cursor;
    while (cursor.next()) {
      if (cursor.offset < from || cursor.offset >= until) continue;
      this.#records++;
      this.#bytes += Math.max(0, cursor.keyLength) + Math.max(0, cursor.valueLength);
      if (micros === undefined || cursor.valueLength < 0) continue;
      const stamp = readStamp(cursor.bytes, cursor.valueStart, cursor.valueLength);
      if (!Number.isNaN(stamp)) this.latency.add(micros - stamp);
    }
  }
}
