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
  /** `read` creates nothing: where there is no data directory it answers as an empty broker. */
  readonly mode: 'existing' | 'create';
}

/** Opens the cluster that a command talks to. Throws STORAGE_*. */
export async function openCluster(options: OpenOptions): Promise<Cluster> {
  const dir = locateDataDir(options.dataDir, options);
  const { allowUnsafeFs } = options;
  const broker =
    options.mode === 'create' ? Broker.create(dir, { allowUnsafeFs }) : Broker.existing(dir, { allowUnsafeFs });
  return new EmbeddedCluster(broker, { allowUnsafeFs, signal: options.signal });
}
