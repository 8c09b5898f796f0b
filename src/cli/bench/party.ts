/**
 * One process of a run. It says that it is ready, begins at the word `go` on stdin, and answers with what it has done. When
 * its stdin ends before that is done, it stops.
 */
import type { Readable } from 'node:stream';
import type { Cluster } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError, type ErrorCode, type ErrorDetails } from '../../errors.ts';
import type { Io } from '../io.ts';
import type { HistogramParts } from './histogram.ts';
import type { Part } from './plan.ts';
import { BenchReader } from './reader.ts';
import { BenchWriter } from './writer.ts';

/** What a process has done; times in ms of the monotonic clock. */
export interface Done {
  readonly records: number;
  readonly bytes: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly cpuMs: number;
  readonly peakRss: number;
  /** Microseconds. */
  readonly latency: HistogramParts;
}

/** A line of what a process says on stdout. */
export type Word =
  | { readonly ready: true }
  | { readonly done: Done }
  | { readonly failed: { readonly code: ErrorCode; readonly details: ErrorDetails } };

/** Takes part in a run. Failures are told to who started it, and are not this process's to print. */
export async function takePart(part: Part, cluster: Cluster, io: Io, interrupt: AbortSignal): Promise<void> {
  const say = (word: Word) => io.stdout.write(`${JSON.stringify(word)}\n`);
  try {
    const { go, stop } = orders(io.stdin.stream(), interrupt);
    const run = await prepared(part, cluster);
    await say({ ready: true });
    if (await go) await say({ done: await measured(run, stop) });
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    await say({ failed: { code: error.code, details: error.details } });
  }
}

interface Run {
  readonly measure: Pick<BenchWriter, 'done' | 'latency'>;
  start(stop: AbortSignal): Promise<void>;
}

async function prepared(part: Part, cluster: Cluster): Promise<Run> {
  if (part.role === 'writer') {
    const measure = new BenchWriter(part);
    const producer = await measure.open(cluster);
    return { measure, start: (stop) => measure.run(producer, stop) };
  }
  const measure = new BenchReader(part);
  const reader = await measure.open(cluster);
  return { measure, start: (stop) => measure.run(reader, stop) };
}

async function measured({ measure, start }: Run, stop: AbortSignal): Promise<Done> {
  const cpu = process.cpuUsage();
  const startedAt = monotonic();
  await start(stop);
  const endedAt = monotonic();
  const { user, system } = process.cpuUsage(cpu);
  const peakRss = process.resourceUsage().maxRSS * 1024;
  const { records, bytes } = measure.done;
  return {
    records,
    bytes,
    startedAt,
    endedAt,
    cpuMs: (user + system) / 1000,
    peakRss,
    latency: measure.latency.parts(),
  };
}

/** `go` is false when the word never came. */
function orders(stdin: Readable, interrupt: AbortSignal): { go: Promise<boolean>; stop: AbortSignal } {
  const left = new AbortController();
  const go = new Promise<boolean>((resolve) => {
    stdin.once('data', () => resolve(true));
    for (const end of ['end', 'error', 'close'])
      stdin.once(end, () => {
        left.abort();
        resolve(false);
      });
    interrupt.addEventListener('abort', () => resolve(false));
  });
  return { go, stop: AbortSignal.any([left.signal, interrupt]) };
}
