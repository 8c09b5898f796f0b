/** What can be wrong with what was stored, by what producers were told and readers saw. */
import { type Analysis, quoted } from './analysis.ts';
import type { Operation, PartitionName } from './operation.ts';

export function* duplicates(analysis: Analysis): Iterable<string> {
  for (const value of analysis.values()) {
    const places = analysis.placesOf(value).map(({ partition, offset }) => `${partition}:${offset}`);
    if (places.length > 1) yield `${quoted(value)} lies at ${places.join(' and ')}`;
  }
}

export function* inconsistentOffsets(analysis: Analysis): Iterable<string> {
  for (const partition of analysis.partitions())
    for (const [offset, values] of analysis.logOf(partition))
      if (values.size > 1) yield `${partition}:${offset} is ${[...values].map(quoted).join(' and ')}`;
}

/** What must be there, below what somebody has read, or when somebody has read the rest. */
export function* lostWrites(analysis: Analysis): Iterable<string> {
  const highest = highestRead(analysis);
  const rest = new Set(analysis.readings.flatMap(({ read }) => (read.to === 'rest' ? read.topics : [])));
  for (const wrote of analysis.everyWrite()) {
    const { send, operation } = wrote;
    if (analysis.fateOf(wrote) !== 'committed' || analysis.wasSeen(send.value) || analysis.mayBeGone(send)) continue;
    const { partition, offset } = analysis.placesOf(send.value)[0] ?? send;
    const read = partition === undefined ? rest.size > 0 : rest.has(topicOf(partition));
    const passed = partition !== undefined && offset !== undefined && offset < (highest.get(partition) ?? -1);
    if (read || passed)
      yield `${quoted(send.value)} of ${operation.process}, ${partition ?? 'no partition known'}, was seen by nobody`;
  }
}

function highestRead({ readings }: Analysis): Map<PartitionName, number> {
  const highest = new Map<PartitionName, number>();
  for (const { read } of readings)
    if (read.isolation === 'committed')
      for (const { partition, offset } of read.seen)
        highest.set(partition, Math.max(offset, highest.get(partition) ?? -1));
  return highest;
}

/** A producer's records lie in each partition in the order in which it was given them. */
export function* nonMonotonicSends(analysis: Analysis): Iterable<string> {
  const last = new Map<string, { readonly value: string; readonly offset: number }>();
  for (const { process, wrote } of analysis.writings) {
    for (const { value } of wrote.sends) {
      for (const { partition, offset } of analysis.placesOf(value)) {
        const before = last.get(`${process} ${partition}`);
        if (before !== undefined && before.offset >= offset)
          yield `${process} sent ${quoted(before.value)} before ${quoted(value)}, which lies before it: ${partition}:${offset}`;
        last.set(`${process} ${partition}`, { value, offset });
      }
    }
  }
}

/** What was sent when something was over lies behind it. */
export function* realtimeOrder(analysis: Analysis): Iterable<string> {
  for (const partition of analysis.partitions()) {
    let latest: Operation | undefined;
    for (const [offset, values] of analysis.logOf(partition)) {
      for (const value of values) {
        const operation = analysis.writerOf(value)?.operation;
        if (operation === undefined) continue;
        if (latest !== undefined && operation.completed < latest.invoked)
          yield `${partition}:${offset} is of ${operation.process}, which was over before ${latest.process} began, whose lies before`;
        if (latest === undefined || operation.invoked > latest.invoked) latest = operation;
      }
    }
  }
}

export function topicOf(partition: PartitionName): string {
  return partition.slice(0, partition.lastIndexOf('/'));
}
