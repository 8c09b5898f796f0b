/**
 * The judge of a history: everything that a log with transactions must not show, by the names that Jepsen's Kafka workload and
 * Adya's phenomena have for it. It knows nothing of beck; it trusts no reader and no producer, but each that two of them contradict.
 */
import { Analysis } from './analysis.ts';
import { informationCycles, writeCycles } from './of-cycles.ts';
import {
  abortedReads,
  inventedReads,
  nonMonotonicPolls,
  pollSkips,
  precommittedReads,
  staleReads,
  tornTransactions,
} from './of-reads.ts';
import { duplicates, inconsistentOffsets, lostWrites, nonMonotonicSends, realtimeOrder } from './of-writes.ts';
import type { History } from './operation.ts';

const FINDERS = {
  'lost-write': lostWrites,
  duplicate: duplicates,
  'inconsistent-offset': inconsistentOffsets,
  'nonmonotonic-send': nonMonotonicSends,
  'realtime-order': realtimeOrder,
  'invented-read': inventedReads,
  'aborted-read': abortedReads,
  'precommitted-read': precommittedReads,
  'torn-transaction': tornTransactions,
  'nonmonotonic-poll': nonMonotonicPolls,
  'poll-skip': pollSkips,
  'stale-read': staleReads,
  G0: writeCycles,
  G1c: informationCycles,
} as const satisfies Record<string, (analysis: Analysis) => Iterable<string>>;

export type Anomaly = keyof typeof FINDERS;

/** A broken log breaks in thousands of places that say the same. */
const NAMED = 5;

/** What is wrong with a history, in sentences, a few of each anomaly; those that are allowed are not looked for. */
export function anomaliesOf(history: History, allowed: readonly Anomaly[] = []): Partial<Record<Anomaly, string[]>> {
  const analysis = new Analysis(history);
  const found: Partial<Record<Anomaly, string[]>> = {};
  for (const [name, find] of Object.entries(FINDERS) as [Anomaly, (typeof FINDERS)[Anomaly]][]) {
    if (allowed.includes(name)) continue;
    const sentences = some(find(analysis));
    if (sentences.length > 0) found[name] = sentences;
  }
  return found;
}

function some(sentences: Iterable<string>): string[] {
  const first: string[] = [];
  for (const sentence of sentences) if (first.push(sentence) === NAMED) break;
  return first;
}
