import { Broker } from '../broker/broker.ts';
import { locateDataDir } from '../data-dir.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedCluster } from './embedded/cluster.ts';

export interface OpenOptions {
  /** `--data-dir` */
  readonly dataDir: string | undefined;
  readonly allowUnsafeFs: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly mode: OpenMode;
}

/**
 * `create` makes a data directory where there is none; the others create nothing and answer as an empty broker there. `read`
 * is content with one that cannot be written, `inspect` (for those who look for damage) with a file whose end is missing too,
 * `reclaim` (for those who free space) comes in even where the disk is full.
 */
export type OpenMode = 'read' | 'inspect' | 'existing' | 'reclaim' | 'create';

const OPEN = {
  read: Broker.reading,
  inspect: Broker.inspecting,
  existing: Broker.existing,
  reclaim: Broker.reclaiming,
  create: Broker.create,
} as const;

/** Opens the cluster that a command talks to. Throws STORAGE_*. */
export async function openCluster(options: OpenOptions): Promise<Cluster> {
  const dir = locateDataDir(options.dataDir, options);
  const { allowUnsafeFs } = options;
  const broker = OPEN[options.mode](dir, { allowUnsafeFs });
  return new EmbeddedCluster(broker, { allowUnsafeFs, signal: options.signal });
}
