import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Producer } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import type { BrokerError } from '../../errors.ts';
import { breather } from './breath.ts';
import { Histogram } from './histogram.ts';
import { Payload } from './payload.ts';
import type { Part } from './plan.ts';

/** Flat out, records are given in groups of about so many bytes, as `produce` gives what it has read. */
const GROUP_BYTES = 64 << 10;

/** Records up to `line` were given at `at` ms. */
interface Given {
  readonly line: number;
  readonly at: number;
}

/** One writer: gives records flat out or as they become due, and measures from there to their commit. */
export class BenchWriter {
  readonly latency = new Histogram();
  readonly #part: Part;
  readonly #payload: Payload;
  readonly #given: Given[] = [];
  readonly #breathe = breather(monotonic);
  #line = 0;
  #stored = 0;
  #refusal: BrokerError | undefined;

  constructor(part: Part) {
    this.#part = part;
    this.#payload = new Payload(part);
  }

  /** Records that were stored, and the bytes of their keys and values. */
  get done(): { records: number; bytes: number } {
    return { records: this.#stored, bytes: this.#stored * this.#payload.recordBytes };
  }

  open(cluster: Cluster): Promise<Producer> {
    const { topic, acks, codec } = this.#part;
    return cluster.produce({
      topic,
      acks,
      codec,
      onCommit: ({ line }) => this.#commit(line),
      onRefused: (_, error) => {
        this.#refusal ??= error;
      },
    });
  }

  /** Everything is stored when it resolves; what was given by then, when `stop` came first. */
  async run(producer: Producer, stop: AbortSignal): Promise<void> {
    await (this.#part.rate > 0 ? this.#paced(producer, stop) : this.#flatOut(producer, stop));
    await producer.close();
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async #flatOut(producer: Producer, stop: AbortSignal): Promise<void> {
    const { batch, records } = this.#part;
    const group = batch || Math.max(1, Math.floor(GROUP_BYTES / this.#payload.recordBytes));
    while (this.#line < records && !stop.aborted && this.#refusal === undefined) {
      this.#give(producer, Math.min(group, records - this.#line), monotonic());
      await (batch > 0 ? producer.flush() : producer.ready());
      await this.#breathe();
    }
  }

  /** What is due is given at once, up to `batch` records in a commit. */
  async #paced(producer: Producer, stop: AbortSignal): Promise<void> {
    const { batch, records, rate } = this.#part;
    const together = batch || 1;
    const begin = monotonic();
    const dueAt = (line: number) => begin + (Math.floor(line / together) * together * 1000) / rate;
    let free = begin;
    while (this.#line < records && !stop.aborted && this.#refusal === undefined) {
      const now = monotonic();
      if (dueAt(this.#line) > now) {
        await sleep(Math.max(1, dueAt(this.#line) - now), undefined, { signal: stop }).catch(() => undefined);
        continue;
      }
      const first = this.#line;
      while (this.#line < records && dueAt(this.#line) <= now && (batch === 0 || this.#line - first < batch)) {
        // B3; a timer that rang late is not the log's fault.
        this.#give(producer, 1, dueAt(this.#line) < free ? dueAt(this.#line) : now);
      }
      await producer.flush();
      await this.#breathe();
      free = monotonic();
    }
  }

  #give(producer: Producer, count: number, at: number): void {
    const micros = Math.round(at * 1000);
    for (let i = 0; i < count; i++) this.#payload.give(producer, ++this.#line, micros);
    this.#given.push({ line: this.#line, at });
  }

  #commit(line: number): void {
    const now = monotonic();
    while (this.#stored < line) {
      const { line: last, at } = this.#given[0] as Given;
      const until = Math.min(last, line);
      this.latency.add((now - at) * 1000, until - this.#stored);
      this.#stored = until;
      if (until === last) this.#given.shift();
    }
  }
}
