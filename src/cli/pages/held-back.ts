import type { TransactionDescription } from '../../client/cluster.ts';
import type { TopicPartition } from '../../types.ts';
import { count, duration } from '../units.ts';
import { partitionWords } from './partition-words.ts';
import { ownerWords } from './txn-list.ts';

/** A partition of which those who read committed records see nothing from `lastStable` on, though there are so many offsets. */
export interface HeldPartition extends TopicPartition {
  readonly lastStable: number;
  readonly heldBack: number;
}

/** What one transaction holds back; `by` null: one that has ended since it was seen. */
export interface HeldBack {
  readonly by: TransactionDescription | null;
  readonly partitions: readonly HeldPartition[];
}

/** More partitions than these are counted. */
const NAMED = 8;

/** Who holds each of these partitions back: the transaction whose first record is where nothing more is seen. */
export function heldBackBy(
  held: readonly HeldPartition[],
  transactions: readonly TransactionDescription[],
): readonly HeldBack[] {
  const left = new Set(held);
  const found: HeldBack[] = [];
  for (const by of transactions) {
    const firsts = new Map(by.partitionList.map((each) => [placeOf(each), each.first]));
    const partitions = [...left].filter((each) => firsts.get(placeOf(each)) === each.lastStable);
    for (const each of partitions) left.delete(each);
    if (partitions.length > 0) found.push({ by, partitions });
  }
  return left.size === 0 ? found : [...found, { by: null, partitions: [...left] }];
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}

/** A line each, `3 offsets of orders 0, 1 are held back by beck-4712-9f3c (process 4712, open for 12 s)`, then what to do. */
export function heldBackLines(held: readonly HeldBack[], now: number): string[] {
  if (held.length === 0) return [];
  const [only, ...others] = held.flatMap(({ by }) => (by === null ? [] : [by.transactionalId]));
  const command = others.length > 0 ? 'beck txn list' : `beck txn describe ${only}`;
  const advice = only === undefined ? 'reading again shows what became of them' : `\`${command}\` says how to end it`;
  return [...held.map((each) => heldLine(each, now)), `${advice}; --isolation read_uncommitted shows them`];
}

function heldLine({ by, partitions }: HeldBack, now: number): string {
  const offsets = partitions.reduce((sum, { heldBack }) => sum + heldBack, 0);
  const where = partitions.length > NAMED ? count(partitions.length, 'partition') : partitionWords(partitions);
  const were = by === null ? (offsets === 1 ? 'was' : 'were') : offsets === 1 ? 'is' : 'are';
  return `${count(offsets, 'offset')} of ${where} ${were} held back by ${holderWords(by, now)}`;
}

function holderWords(by: TransactionDescription | null, now: number): string {
  if (by === null) return 'a transaction that has ended since';
  const open = by.since === null ? '' : `, open for ${duration(now - by.since)}`;
  return `${by.transactionalId} (${ownerWords(by)}${open})`;
}
