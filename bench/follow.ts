/** How long a record takes from before its commit in one process to the pipe of a follower in another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../src/cli/bench/histogram.ts';
import { readStamp, STAMP_BYTES } from '../src/cli/bench/payload.ts';
import { monotonic } from '../src/clock.ts';
import { cpuShare } from './cpu-share.ts';
import { BENCH, type Ground } from './ground.ts';
import { absolute, type Row, ratioOf } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Following';
const NEWLINE = 10;
/**
 * Records a second, and what is wanted of the median. Idle: the follower has gone to sleep before each. The bare pair needed
 * 0.26 ms when busy and 0.68 ms when idle on a quiet machine, where 0.5 ms and 1 ms are wanted of beck.
 */
const RATES = { idle: { rate: 10, ms: 1, times: 1.5 }, busy: { rate: 1000, ms: 0.5, times: 1.9 } } as const;
const P99_MS = 3;

export const follow: Section = async ({ ground, rounds, followSeconds }) => {
  const rows: Row[] = [];
  for (const [name, wanted] of Object.entries(RATES)) rows.push(...(await atRate(ground, name, wanted)));
  return [...rows, ...(await idleCpu(ground, followSeconds * 2))];

  async function atRate(ground: Ground, name: string, wanted: (typeof RATES)[keyof typeof RATES]): Promise<Row[]> {
    const beck: Latencies[] = [];
    const bare: Latencies[] = [];
    for (let round = 0; round < rounds; round++) {
      beck.push(await latencies(beckPair(ground), wanted.rate, followSeconds));
      bare.push(await latencies(barePair(ground), wanted.rate, followSeconds));
    }
    const method = `beck bench writes ${wanted.rate}/s, a commit each; until the byte comes out of beck consume -f; ${rounds} rounds of ${followSeconds} s`;
    const p50 = beck.map((each) => each.p50);
    const p99 = beck.map((each) => each.p99);
    const ratio = ratioOf(
      p50,
      bare.map((each) => each.p50),
    );
    return [
      {
        group: GROUP,
        what: `${name}, p50 / bare`,
        ...ratio,
        wanted: wanted.times,
        method: `${method}; against node bench/bare-pair.js`,
      },
      { group: GROUP, what: `${name}, p50 (absolute)`, ...absolute(p50, 'ms'), wanted: wanted.ms, method },
      { group: GROUP, what: `${name}, p99 (absolute)`, ...absolute(p99, 'ms'), wanted: P99_MS, method },
    ];
  }
};

/** ms */
interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** A writer that stamps its records, and a follower that prints them, not yet started. */
interface Pair {
  follow(): ChildProcess;
  write(rate: number, records: number): ChildProcess;
  /** Stores one record without a stamp, when the follower has been started. */
  begin(): void;
}

function beckPair(ground: Ground): Pair {
  const dataDir = ground.topic();
  return {
    follow: () => ground.start(['consume', 't', '-f'], dataDir),
    write: (rate, records) => {
      const args = ['bench', 't', '--data-dir', dataDir, '--rate', `${rate}`, '--records', `${records}`];
      return ground.start([...args, '--readers', '0', '--size', '32', '--json'], dataDir);
    },
    begin: () => void ground.beck(['produce', 't'], { dataDir, input: 'begin\n' }),
  };
}

function barePair(ground: Ground): Pair {
  const folder = ground.fresh('bare');
  mkdirSync(folder);
  const script = (...args: readonly string[]) => [join(BENCH, 'bare-pair.js'), ...args];
  const start = (...args: readonly string[]) =>
    spawn(process.execPath, script(...args), { stdio: ['ignore', 'pipe', 'inherit'], env: ground.env() });
  return {
    follow: () => start('follow', folder),
    write: (rate, records) => start('write', folder, `${rate}`, `${records}`),
    begin: () => void ground.run(process.execPath, script('write', folder, '10', '1')),
  };
}

async function latencies(pair: Pair, rate: number, seconds: number): Promise<Latencies> {
  const { follower, histogram } = await followed(pair);
  const already = histogram.count;
  const records = Math.max(5, Math.round(rate * seconds));
  const writer = pair.write(rate, records);
  writer.stdout?.resume();
  await new Promise((resolve) => writer.once('close', resolve));
  while (histogram.count - already < records) await sleep(5);
  await end(follower);
  return { p50: histogram.percentile(0.5) / 1000, p99: histogram.percentile(0.99) / 1000 };
}

async function idleCpu(ground: Ground, seconds: number): Promise<Row[]> {
  const { follower } = await followed(beckPair(ground));
  if (!existsSync(`/proc/${follower.pid}/stat`)) return [];
  await sleep(500);
  const used = await cpuShare(follower.pid as number, seconds);
  await end(follower);
  const method = `user and system time of a beck consume -f in /proc, over ${seconds} s in which nothing comes`;
  return [
    {
      group: GROUP,
      what: 'idle, CPU (absolute)',
      ...absolute([used], '% of a core'),
      wanted: 0.5,
      method,
    },
  ];
}

/** A follower that has shown its first record, and the histogram (µs) of the stamped ones that follow. */
async function followed(pair: Pair) {
  const follower = pair.follow();
  const histogram = new Histogram();
  let rest = Buffer.alloc(0);
  let first: (value: unknown) => void;
  const begun = new Promise((resolve) => {
    first = resolve;
  });
  follower.stdout?.on('data', (chunk: Buffer) => {
    const micros = monotonic() * 1000;
    first(undefined);
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
      const stamp = readStamp(bytes, start, Math.min(at - start, STAMP_BYTES));
      if (!Number.isNaN(stamp)) histogram.add(micros - stamp);
      start = at + 1;
    }
    rest = bytes.subarray(start);
  });
  pair.begin();
  await begun;
  return { follower, histogram };
}

async function end(child: { kill(signal: NodeJS.Signals): boolean; once(event: 'close', on: () => void): unknown }) {
  const ended = new Promise<void>((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  await ended;
}
