import { Histogram } from './histogram.ts';
import type { Done } from './party.ts';
import { type Percentiles, percentilesOf } from './percentiles.ts';
import type { BenchPlan, Part } from './plan.ts';

/** What the writers together, or the readers together, have done. */
export interface SideResult {
  readonly side: 'write' | 'read';
  readonly processes: number;
  readonly records: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly cpuSeconds: number;
  /** Of the process that took most, in bytes. */
  readonly peakRss: number;
  /** ms; of writers from giving a record to its commit, of readers from giving it to reading it; null where nobody wrote. */
  readonly latency: Percentiles | null;
}

export interface BenchResult {
  readonly plan: BenchPlan;
  readonly dataDir: string;
  readonly sides: readonly SideResult[];
}

/** `parts` and what each has done, in the same order. */
export function sidesOf(parts: readonly Part[], done: readonly Done[]): SideResult[] {
  return (['writer', 'reader'] as const)
    .map((role) => ({ role, all: done.filter((_, i) => parts[i]?.role === role) }))
    .filter(({ all }) => all.length > 0)
    .map(({ role, all }) => together(role === 'writer' ? 'write' : 'read', all));
}

function together(side: SideResult['side'], all: readonly Done[]): SideResult {
  const sum = (of: (done: Done) => number) => all.reduce((total, done) => total + of(done), 0);
  const ms = Math.max(...all.map(({ endedAt }) => endedAt)) - Math.min(...all.map(({ startedAt }) => startedAt));
  const seconds = Math.max(ms, 0.001) / 1000;
  const records = sum((done) => done.records);
  const bytes = sum((done) => done.bytes);
  const latency = all.reduce((merged, done) => merged.merge(Histogram.from(done.latency)), new Histogram());
  return {
    side,
    processes: all.length,
    records,
    bytes,
    seconds,
    recordsPerSecond: records / seconds,
    bytesPerSecond: bytes / seconds,
    cpuSeconds: sum((done) => done.cpuMs) / 1000,
    peakRss: Math.max(...all.map(({ peakRss }) => peakRss)),
    latency: percentilesOf(latency),
  };
}
