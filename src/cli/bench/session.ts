import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openCluster } from '../../client/open.ts';
import { runParts, type Where } from './parties.ts';
import { type BenchPlan, partsOf } from './plan.ts';
import { type BenchResult, sidesOf } from './result.ts';

export interface SessionOptions extends Omit<Where, 'dataDir'> {
  /** Undefined: a folder that goes when the run has ended, however it ended. */
  readonly dataDir: string | undefined;
  /** Of the topic, where it is made. */
  readonly partitions: number;
  readonly signal: AbortSignal;
}

/** Makes the topic where writers need it, and runs the plan on it. What was measured up to a Ctrl-C is a result, too. */
export async function runBench(plan: BenchPlan, { dataDir, ...options }: SessionOptions): Promise<BenchResult> {
  if (dataDir !== undefined) return measure(plan, resolve(options.cwd, dataDir), options);
  const folder = mkdtempSync(join(tmpdir(), 'beck-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove); // a second Ctrl-C ends the process at once
  try {
    return await measure(plan, join(folder, 'data'), options);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function measure(
  plan: BenchPlan,
  dataDir: string,
  { partitions, signal, ...rest }: Omit<SessionOptions, 'dataDir'>,
): Promise<BenchResult> {
  const where = { ...rest, dataDir };
  if (plan.writers > 0) await makeTopic(plan.topic, partitions, where, signal);
  const parts = partsOf(plan);
  const done = await runParts(parts, where, signal);
  return { plan, dataDir, sides: sidesOf(parts, done) };
}

async function makeTopic(name: string, partitions: number, where: Where, signal: AbortSignal): Promise<void> {
  const cluster = await openCluster({ ...where, signal, mode: 'create' });
  try {
    await cluster.createTopics([{ name, partitions }], { ifNotExists: true });
  } finally {
    await cluster.close();
  }
}
