import { BrokerError } from '../errors.ts';

/** Kafka's default of offsets.retention.minutes: a week. */
const DEFAULT_MINUTES = 10_080;

/**
 * How long the offsets of a group are kept that nobody reads in any more (ms): Kafka's offsets.retention.minutes, from the
 * environment, since it belongs to no topic. Throws INVALID_CONFIG.
 */
export function offsetsRetentionMs(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const said = env['BECK_OFFSETS_RETENTION_MINUTES'] || `${DEFAULT_MINUTES}`;
  if (/^[1-9]\d{0,9}$/.test(said)) return Number(said) * 60_000;
  throw new BrokerError('INVALID_CONFIG', {
    problem: `BECK_OFFSETS_RETENTION_MINUTES is a whole number of minutes from 1; not '${said}'`,
  });
}
