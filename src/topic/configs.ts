import { BrokerError } from '../errors.ts';
import type { CleanupPolicy, LogConfig, TimestampType } from '../types.ts';
import { type ConfigRow, configRow, TOPIC_CONFIGS } from './config-table.ts';
import { canonicalValue } from './config-value.ts';
import { nearestName } from './names.ts';

/** What differs from Kafka's defaults: names and canonical values, as the rows of a topic keep them. */
export type Overrides = ReadonlyMap<string, string>;

/** A config as it is shown. */
export interface DescribedConfig extends ConfigRow {
  readonly value: string;
  /** True when the topic says so itself, even if it says the default. */
  readonly overridden: boolean;
}

/**
 * Checks what a user gives (`retention.ms=7d`) and answers it as Kafka keeps it (`604800000`).
 * Throws INVALID_CONFIG for a name that Kafka doesn't have, a value it wouldn't take, or values that contradict each other.
 */
export function parseConfigs(configs: Readonly<Record<string, string>>): Map<string, string> {
  const parsed = new Map(
    Object.entries(configs).map(([name, value]) => [name, canonicalValue(requireConfig(name), value)]),
  );
  checkTogether(parsed);
  return parsed;
}

/** The overrides after a change. Throws INVALID_CONFIG as `parseConfigs`, and for a name that is set and unset at once. */
export function alterOverrides(
  overrides: Overrides,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): Map<string, string> {
  const altered = new Map(overrides);
  for (const name of unset) {
    if (Object.hasOwn(set, name))
      throw new BrokerError('INVALID_CONFIG', { problem: `${name} cannot be set and unset at once` });
    altered.delete(requireConfig(name).name);
  }
  for (const [name, value] of Object.entries(set)) altered.set(name, canonicalValue(requireConfig(name), value));
  checkTogether(altered);
  return altered;
}

/**
 * The configuration of a topic as the log reads it. Kafka's `Long.MAX_VALUE` ("never") is Number.MAX_SAFE_INTEGER, and any
 * negative retention.bytes is -1.
 */
export function readConfig(overrides: Overrides): LogConfig {
  const text = (name: string) => valueOf(overrides, name);
  const number = (name: string) => Math.min(Number(text(name)), Number.MAX_SAFE_INTEGER);
  return {
    cleanupPolicy: text('cleanup.policy')
      .split(',')
      .filter((policy) => policy !== '') as CleanupPolicy[],
    compressionType: text('compression.type') as LogConfig['compressionType'],
    maxMessageBytes: number('max.message.bytes'),
    messageTimestampType: text('message.timestamp.type') as TimestampType,
    messageTimestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    retentionMs: number('retention.ms'),
    retentionBytes: Math.max(-1, number('retention.bytes')),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs: number('max.compaction.lag.ms'),
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    deleteRetentionMs: number('delete.retention.ms'),
  };
}

/** Every config of a topic, in the order of their names. */
export function describeConfigs(overrides: Overrides): DescribedConfig[] {
  return TOPIC_CONFIGS.map((row) => ({
    ...row,
    value: valueOf(overrides, row.name),
    overridden: overrides.has(row.name),
  }));
}

function valueOf(overrides: Overrides, name: string): string {
  return overrides.get(name) ?? (configRow(name) as ConfigRow).default;
}

/** The row of a config. Throws INVALID_CONFIG for a name that Kafka does not have, with the one that may have been meant. */
export function requireConfig(name: string): ConfigRow {
  const row = configRow(name);
  if (row !== undefined) return row;
  const near =
    brokerName(name) ??
    nearestName(
      name,
      TOPIC_CONFIGS.map((known) => known.name),
    );
  const hint = near === undefined ? '`beck topic create --help` lists them all' : `did you mean '${near}'?`;
  throw new BrokerError('INVALID_CONFIG', { problem: `there is no topic config '${name}'`, hint });
}

/** A Kafka broker's own settings call most of these the same, behind `log.` */
function brokerName(name: string): string | undefined {
  return configRow(name.replace(/^log\./, ''))?.name;
}

/** LogConfig.validateValues and its remote-storage checks: what Kafka refuses although each value alone is fine. */
const CONTRADICTIONS: readonly {
  readonly found: (value: (name: string) => bigint, text: (name: string) => string) => boolean;
  readonly problem: string;
}[] = [
  {
    found: (value) => value('min.compaction.lag.ms') > value('max.compaction.lag.ms'),
    problem: 'min.compaction.lag.ms is over max.compaction.lag.ms',
  },
  {
    found: (_, text) => text('remote.storage.enable') === 'true' && text('cleanup.policy').includes('compact'),
    problem: 'remote.storage.enable does not go with cleanup.policy=compact',
  },
  {
    found: (value, text) =>
      text('remote.storage.enable') === 'true' && exceeds(value('local.retention.ms'), value('retention.ms')),
    problem: 'local.retention.ms is over retention.ms',
  },
  {
    found: (value, text) =>
      text('remote.storage.enable') === 'true' && exceeds(value('local.retention.bytes'), value('retention.bytes')),
    problem: 'local.retention.bytes is over retention.bytes',
  },
];

/** -1 is no limit, and -2 of the local one is the other's value. */
function exceeds(local: bigint, all: bigint): boolean {
  return all >= 0n && local !== -2n && (local === -1n || local > all);
}

function checkTogether(overrides: Overrides): void {
  const text = (name: string) => valueOf(overrides, name);
  const contradiction = CONTRADICTIONS.find(({ found }) => found((name) => BigInt(text(name)), text));
  if (contradiction !== undefined) throw new BrokerError('INVALID_CONFIG', { problem: contradiction.problem });
}
