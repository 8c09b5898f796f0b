import type { ConfigValue } from '../../client/cluster.ts';
import { bytes, keptFor } from '../units.ts';

/** What a topic's configs say about how long its records stay. */
export interface Kept {
  readonly cleanupPolicy: readonly string[];
  /** ms; null when time takes nothing. */
  readonly ms: number | null;
  /** Bytes a partition; null when size takes nothing. */
  readonly bytes: number | null;
}

export function keptOf(configs: readonly ConfigValue[]): Kept {
  const value = (name: string) => configs.find((config) => config.name === name)?.value;
  const cleanupPolicy = (value('cleanup.policy') ?? 'delete').split(',').filter(Boolean);
  const limit = (name: string) => {
    const number = Number(value(name) ?? -1);
    return cleanupPolicy.includes('delete') && number >= 0 ? number : null;
  };
  return { cleanupPolicy, ms: limit('retention.ms'), bytes: limit('retention.bytes') };
}

/** `1 h`, `7 d, 1 GB`, `latest per key`, `for ever`. */
export function keptText(kept: Kept): string {
  const limits = [
    ...(kept.cleanupPolicy.includes('compact') ? ['latest per key'] : []),
    ...(kept.ms === null ? [] : [keptFor(kept.ms)]),
    ...(kept.bytes === null ? [] : [bytes(kept.bytes)]),
  ];
  return limits.join(', ') || 'for ever';
}

/** The same in a sentence: `kept for 1 h`, `kept: latest per key, 7 d`. */
export function keptSentence(kept: Kept): string {
  if (kept.cleanupPolicy.includes('compact')) return `kept: ${keptText(kept)}`;
  if (kept.ms === null) return kept.bytes === null ? 'kept for ever' : `kept up to ${bytes(kept.bytes)} a partition`;
  return `kept for ${keptFor(kept.ms)}${kept.bytes === null ? '' : ` and up to ${bytes(kept.bytes)} a partition`}`;
}
