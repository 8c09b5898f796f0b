/** What a writer suffers while somebody gives half of a large topic back, or copies all of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH, type Ground, settle } from './ground.ts';
import { fill } from './growth.ts';
import { absolute, type Row } from './row.ts';
import type { Section } from './setting.ts';

const GROUP = 'Upkeep beside a writer (absolute)';
const RATE = 200;
const LOOK_MS = 2;
/** Until a writer writes. */
const START_MS = 500;
const WORST_WAIT_MS = 250;
const LARGEST_WAL_MB = 64;

export const upkeep: Section = async ({ ground, large, followSeconds }) => {
  const dataDir = ground.topic('-c', 'retention.ms=-1');
  fill(ground, dataDir, large);
  const copy = ground.fresh('copy');
  const size = `${large / 1e6} MB`;
  settle();
  const bareMs = await bare(ground, dataDir, large / 2);
  const quiet = await beside(ground, dataDir, () => sleep(followSeconds * 1000));
  const snapshot = await beside(ground, dataDir, () => ran(ground, dataDir, ['snapshot', copy]));
  ground.remove(copy);
  ground.beck(['topic', 'alter', 't', '-c', `retention.bytes=${large / 2}`], { dataDir });
  const retention = await beside(ground, dataDir, () => ran(ground, dataDir, ['retention', 'run']));
  ground.remove(dataDir);
  const waits = `the longest commit of beck bench at ${RATE}/s`;
  return [
    {
      group: GROUP,
      what: 'the disk alone: worst wait',
      ...absolute([bareMs], 'ms'),
      method: `a bare script that appends and syncs a page at ${RATE}/s, while another moves ${large / 2e6} MB, a sync for each 4 MB`,
    },
    ...rowsOf('nobody else', quiet, { method: `${waits}, for ${followSeconds} s` }),
    // Whoever reads one view for long keeps what is written meanwhile in the WAL.
    ...rowsOf('snapshot', snapshot, { method: `${waits}, while beck snapshot copies ${size}`, wal: null }),
    ...rowsOf('retention', retention, { method: `${waits}, while beck retention run takes half of ${size}` }),
  ];
};

interface Suffered {
  readonly worstMs: number;
  readonly walMb: number;
  readonly tookMs: number;
  /** The longest that this process was away, which does nothing but look at the WAL: the machine's doing, not beck's. */
  readonly awayMs: number;
}

function rowsOf(
  name: string,
  { worstMs, walMb, tookMs, awayMs }: Suffered,
  { method, wal = LARGEST_WAL_MB }: { method: string; wal?: number | null },
): Row[] {
  return [
    { group: GROUP, what: `${name}: worst wait`, ...absolute([worstMs], 'ms'), wanted: WORST_WAIT_MS, method },
    {
      group: GROUP,
      what: `${name}: an idle process`,
      ...absolute([awayMs], 'ms'),
      method: `the longest that the one which looks at the WAL was kept from it: the machine's doing`,
    },
    {
      group: GROUP,
      what: `${name}: largest WAL`,
      ...absolute([walMb], 'MB'),
      wanted: wal ?? undefined,
      method: `looked at every ${LOOK_MS} ms`,
    },
    { group: GROUP, what: `${name}: took`, ...absolute([tookMs], 'ms'), method: 'the whole command' },
  ];
}

/** The longest wait that is the disk's making. */
async function bare(ground: Ground, dataDir: string, bytes: number): Promise<number> {
  const [appended, moved] = [ground.fresh('appended'), ground.fresh('moved')];
  const script = join(BENCH, 'bare-upkeep.js');
  const writer = spawn(process.execPath, [script, 'append', appended, `${RATE}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = text(writer.stdout);
  await sleep(START_MS);
  ground.node([script, 'move', join(dataDir, 'beck.db'), `${bytes}`, moved]);
  writer.kill('SIGINT');
  const worstMs = Number(await said);
  for (const path of [appended, moved]) ground.remove(path);
  return worstMs;
}

async function beside(ground: Ground, dataDir: string, work: () => Promise<unknown>): Promise<Suffered> {
  const args = ['bench', 't', '--data-dir', dataDir, '--rate', `${RATE}`, '--records', '100000000', '--readers', '0'];
  const writer = ground.start([...args, '--json'], dataDir);
  const said = text(writer.stdout as NonNullable<typeof writer.stdout>);
  const wal = join(dataDir, 'beck.db-wal');
  let walBytes = 0;
  let awayMs = 0;
  let looked = performance.now();
  const watch = setInterval(() => {
    awayMs = Math.max(awayMs, performance.now() - looked);
    looked = performance.now();
    walBytes = Math.max(walBytes, statSync(wal, { throwIfNoEntry: false })?.size ?? 0);
  }, LOOK_MS);
  await sleep(START_MS);
  const begin = performance.now();
  await work();
  const tookMs = performance.now() - begin;
  clearInterval(watch);
  writer.kill('SIGINT');
  const { sides } = JSON.parse(await said) as { sides: { latency: { max: number } | null }[] };
  return { worstMs: sides[0]?.latency?.max ?? Number.NaN, walMb: walBytes / 1e6, tookMs, awayMs };
}

async function ran(ground: Ground, dataDir: string, args: readonly string[]): Promise<void> {
  const child = ground.start(args, dataDir, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`beck ${args.join(' ')}: exit ${code}`);
}
