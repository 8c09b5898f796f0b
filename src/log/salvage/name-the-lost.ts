import type { CopiedPartition } from './copy-batches.ts';
import type { SalvageRows } from './rows.ts';

/** No topic has as many; a number beyond is damage itself. */
const MOST_PARTITIONS = 100_000;

/**
 * Gives a place to what has lost its own: a topic whose row could not be read is called `recovered-ID`, a partition whose row
 * could not be read is the only one of a topic `recovered-partition-ID`, by their numbers in the file. A partition that is
 * missing between its neighbours comes back empty, so that the others keep their numbers.
 */
export function nameTheLost(rows: SalvageRows, copied: ReadonlyMap<number, CopiedPartition>): void {
  for (const id of rows.lostPartitions()) {
    rows.addPartition(id, rows.addTopic(freeName(rows, `recovered-partition-${id}`)), 0);
    rows.startAt(id, copied.get(id)?.start ?? 0);
  }
  for (const id of rows.lostTopics()) rows.addLostTopic(id, freeName(rows, `recovered-${id}`));
  addMissing(rows);
}

function freeName(rows: SalvageRows, name: string): string {
  let free = name;
  for (let again = 2; rows.hasTopic(free); again++) free = `${name}-${again}`;
  return free;
}

function addMissing(rows: SalvageRows): void {
  const numbers = new Map<number, Set<number>>();
  for (const { topic, number } of rows.partitions()) numbers.set(topic, (numbers.get(topic) ?? new Set()).add(number));
  for (const [topic, there] of numbers) {
    const last = Math.min(MOST_PARTITIONS, Math.max(...there));
    for (let number = 0; number < last; number++) if (!there.has(number)) rows.addPartition(null, topic, number);
  }
}
