import { Broker } from '../broker/broker.ts';
import type { OpenMode } from '../broker/open-store.ts';
import { locateDataDir } from '../data-dir.ts';
import { BrokerError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import { EmbeddedCluster } from './embedded/cluster.ts';

export type { OpenMode };

export interface OpenOptions {
  /** `--broker` */
  readonly broker?: string | undefined;
  /** `--data-dir` */
  readonly dataDir: string | undefined;
  readonly allowUnsafeFs: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly mode: OpenMode;
}

/**
 * Opens the cluster that a command talks to: the broker that was named, else the data directory that was, else BECK_BROKER, else
 * the data directory that is found. Throws STORAGE_*, USAGE, BROKER_UNREACHABLE, BROKER_UNSUITABLE.
 */
export async function openCluster(options: OpenOptions): Promise<Cluster> {
  const { allowUnsafeFs, cwd, signal } = options;
  const name = brokerNamed(options);
  if (name !== undefined) {
    const { WireCluster } = await import('./wire/cluster.ts');
    const { brokerAddress } = await import('./wire/broker-address.ts');
    return WireCluster.open(brokerAddress(name, cwd), { cwd, signal });
  }
  const dir = locateDataDir(options.dataDir, options);
  const broker = Broker.open(dir, options.mode, { allowUnsafeFs });
  return new EmbeddedCluster(broker, { allowUnsafeFs, signal });
}

/** Undefined: the data directory is opened. */
function brokerNamed({ broker, dataDir, allowUnsafeFs, env }: OpenOptions): string | undefined {
  const given = dataDir !== undefined ? '--data-dir' : allowUnsafeFs ? '--allow-unsafe-fs' : undefined;
  if (broker !== undefined && given !== undefined)
    throw new BrokerError('USAGE', {
      problem: `--broker does not go with ${given}`,
      hint: 'the broker has its data directory, `beck serve` chose it; leave out one of them',
    });
  return broker ?? (given === undefined ? env['BECK_BROKER'] || undefined : undefined);
}
