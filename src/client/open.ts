import { Broker } from '../broker/broker.ts';
import type { OpenMode } from '../broker/open-store.ts';
import { locateDataDir } from '../data-dir.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedCluster } from './embedded/cluster.ts';

export type { OpenMode };

export interface OpenOptions {
  /** `--data-dir` */
  readonly dataDir: string | undefined;
  readonly allowUnsafeFs: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly mode: OpenMode;
}

/** Opens the cluster that a command talks to. Throws STORAGE_*. */
export async function openCluster(options: OpenOptions): Promise<Cluster> {
  const dir = locateDataDir(options.dataDir, options);
  const { allowUnsafeFs } = options;
  const broker = Broker.open(dir, options.mode, { allowUnsafeFs });
  return new EmbeddedCluster(broker, { allowUnsafeFs, signal: options.signal });
}
