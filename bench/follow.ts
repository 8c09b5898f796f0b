/** How long a record takes from before its commit in one process to the pipe of a follower in another. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../src/cli/bench/histogram.ts';
import { readStamp, STAMP_BYTES } from '../src/cli/bench/payload.ts';
import { monotonic } from '../src/clock.ts';
import type { Ground } from './ground.ts';
import { absolute, type Row } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Following (absolute)';
const NEWLINE = 10;
/** Clock ticks of /proc a second; the kernel's USER_HZ is 100 on every platform of Node. */
const TICKS = 100;
/** Records a second. Idle: the follower has gone to sleep before each. */
const RATES = { idle: 10, busy: 1000 } as const;

export const follow: Section = async ({ ground, rounds, followSeconds }) => {
  const rows: Row[] = [];
  for (const [name, rate] of Object.entries(RATES)) {
    const all: { p50: number; p99: number }[] = [];
    for (let round = 0; round < rounds; round++) all.push(await latencies(ground, rate, followSeconds));
    const method = `beck bench writes ${rate}/s, a commit each; until the byte comes out of beck consume -f; ${rounds} rounds of ${followSeconds} s`;
    rows.push(
      {
        group: GROUP,
        what: `${name}, p50`,
        ...absolute(
          all.map(({ p50 }) => p50),
          'ms',
        ),
        wanted: 1,
        method,
      },
      {
        group: GROUP,
        what: `${name}, p99`,
        ...absolute(
          all.map(({ p99 }) => p99),
          'ms',
        ),
        method,
      },
    );
  }
  return [...rows, ...(await idleCpu(ground, followSeconds * 2))];
};

async function latencies(ground: Ground, rate: number, seconds: number): Promise<{ p50: number; p99: number }> {
  const { dataDir, follower, histogram } = await followed(ground);
  const records = Math.max(5, Math.round(rate * seconds));
  const args = ['bench', 't', '--data-dir', dataDir, '--rate', `${rate}`, '--records', `${records}`];
  const writer = ground.start([...args, '--readers', '0', '--size', '32', '--json'], dataDir);
  writer.stdout?.resume();
  await new Promise((resolve) => writer.once('close', resolve));
  while (histogram.count < records) await sleep(5);
  await end(follower);
  return { p50: histogram.percentile(0.5) / 1000, p99: histogram.percentile(0.99) / 1000 };
}

async function idleCpu(ground: Ground, seconds: number): Promise<Row[]> {
  const { follower } = await followed(ground);
  if (!existsSync(`/proc/${follower.pid}/stat`)) return [];
  await sleep(500);
  const before = cpuTicks(follower.pid as number);
  await sleep(seconds * 1000);
  const used = (cpuTicks(follower.pid as number) - before) / TICKS;
  await end(follower);
  const method = `user and system time of a beck consume -f in /proc, over ${seconds} s in which nothing comes`;
  return [
    { group: GROUP, what: 'idle, CPU', ...absolute([(used / seconds) * 100], '% of a core'), wanted: 0.5, method },
  ];
}

/** A follower that has shown its first record, and the histogram (µs) of the stamped ones that follow. */
async function followed(ground: Ground) {
  const dataDir = ground.topic();
  const follower = ground.start(['consume', 't', '-f'], dataDir);
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
  ground.beck(['produce', 't'], { dataDir, input: 'begin\n' });
  await begun;
  return { dataDir, follower, histogram };
}

async function end(child: { kill(signal: NodeJS.Signals): boolean; once(event: 'close', on: () => void): unknown }) {
  const ended = new Promise<void>((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  await ended;
}

/** User and system time; fields 14 and 15, counted behind the name in brackets, which may hold blanks. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
