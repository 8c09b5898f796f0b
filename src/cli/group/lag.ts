import type { GroupAdministration, GroupDescription, GroupPartitionDescription } from '../../client/cluster.ts';
import { monotonic } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { duration, groupDigits } from '../units.ts';

export interface LagLimits {
  /** Offsets, over all partitions; null: any. */
  readonly maxLag: number | null;
  /** ms since the oldest record that is not committed; null: any. */
  readonly maxAge: number | null;
}

export interface LagVerdict extends LagLimits {
  readonly group: string;
  /** False of a group that was waited for in vain. */
  readonly exists: boolean;
  readonly lag: number;
  /** ms; null: there is nothing that is not committed. */
  readonly behind: number | null;
  readonly ok: boolean;
  /** The partition with the largest lag; null: there is none. */
  readonly worst: Pick<GroupPartitionDescription, 'topic' | 'partition' | 'lag'> | null;
}

export interface LagWait {
  /** ms; null: as long as it takes. */
  readonly timeout: number | null;
  readonly signal: AbortSignal;
}

/** How long nobody looks when nothing is committed, ms; records grow old by themselves. */
const LOOK_EVERY_MS = 1000;

export function judgeLag({ name, lag, partitions }: GroupDescription, limits: LagLimits): LagVerdict {
  const worst = partitions.reduce<GroupPartitionDescription | null>(
    (most, each) => (each.lag > (most?.lag ?? 0) ? each : most),
    null,
  );
  const behind = partitions.reduce<number | null>((most, { behindMs }) => greater(most, behindMs), null);
  return {
    group: name,
    exists: true,
    lag,
    behind,
    ...limits,
    ok: lag <= (limits.maxLag ?? lag) && (behind ?? 0) <= (limits.maxAge ?? Number.POSITIVE_INFINITY),
    worst: worst && { topic: worst.topic, partition: worst.partition, lag: worst.lag },
  };
}

function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

export interface LagQuestion {
  readonly groups: GroupAdministration;
  readonly group: string;
  readonly limits: LagLimits;
  /** ms since the epoch */
  readonly now: () => number;
}

/**
 * Waits until the group is within the limits, the time is up or the signal aborts, and answers how it is then. A group that is
 * not there yet is waited for.
 */
export async function waitForLag(question: LagQuestion, { timeout, signal }: LagWait): Promise<LagVerdict> {
  const until = monotonic() + (timeout ?? Number.POSITIVE_INFINITY);
  for (;;) {
    const verdict = await judgeNow(question).catch((error) => judgeMissing(error, question));
    const left = until - monotonic();
    if (verdict.ok || left <= 0 || signal.aborted) return verdict;
    await question.groups.changed(Math.min(left, LOOK_EVERY_MS), signal);
  }
}

function judgeMissing(error: unknown, { group, limits }: LagQuestion): LagVerdict {
  if (!(error instanceof BrokerError) || error.code !== 'GROUP_ID_NOT_FOUND') throw error;
  return { group, exists: false, lag: 0, behind: null, ...limits, ok: false, worst: null };
}

/** Throws GROUP_ID_NOT_FOUND. */
export async function judgeNow({ groups, group, limits, now }: LagQuestion): Promise<LagVerdict> {
  const [description] = await groups.describe([group], now());
  return judgeLag(description as GroupDescription, limits);
}

/** `billing: lag 1 300 is over 1 000 (orders 1 is 1 288 behind)` */
export function lagLine(verdict: LagVerdict): string {
  const { group, exists, lag, behind, maxLag, maxAge, ok, worst } = verdict;
  if (!exists) return `there is no group '${group}' yet`;
  const since = behind === null ? '' : `, ${duration(behind)} behind`;
  if (ok) return `${group}: lag ${groupDigits(lag)}${since}`;
  const where = worst === null ? '' : ` (${worst.topic} ${worst.partition} is ${groupDigits(worst.lag)} behind)`;
  const tooMany = maxLag !== null && lag > maxLag ? [`lag ${groupDigits(lag)} is over ${groupDigits(maxLag)}`] : [];
  const tooOld =
    maxAge !== null && behind !== null && behind > maxAge
      ? [`a record has waited for ${duration(behind)}, over ${duration(maxAge)}`]
      : [];
  return `${group}: ${[...tooMany, ...tooOld].join('; ')}${where}`;
}
