/** What can be wrong with what readers saw. */
import { type Analysis, quoted, type Reading, type Writing } from './analysis.ts';
import { topicOf } from './of-writes.ts';
import type { PartitionName, ReadOf, Seen, Send } from './operation.ts';

export function* inventedReads(analysis: Analysis): Iterable<string> {
  for (const { process, read } of analysis.readings)
    for (const seen of read.seen)
      if (analysis.writerOf(seen.value) === undefined) yield `${process} saw ${said(seen)}, which nobody sent`;
}

export function* abortedReads(analysis: Analysis): Iterable<string> {
  for (const { process, read } of committed(analysis)) {
    for (const seen of read.seen) {
      const wrote = analysis.writerOf(seen.value);
      if (wrote !== undefined && analysis.fateOf(wrote) === 'aborted')
        yield `${process} saw ${said(seen)}, of which ${wrote.operation.process} knows that it was not committed`;
    }
  }
}

/** Before it can have been committed, or even sent. */
export function* precommittedReads(analysis: Analysis): Iterable<string> {
  for (const { process, read, completed } of analysis.readings) {
    for (const seen of read.seen) {
      const wrote = analysis.writerOf(seen.value);
      if (wrote === undefined) continue;
      const { operation, written } = wrote;
      const from = read.isolation === 'committed' ? written.committableFrom : undefined;
      if (completed < (from ?? operation.invoked)) yield `${process} saw ${said(seen)} before it was there to be seen`;
    }
  }
}

/**
 * A transaction of which a reader who looked at all partitions at one time saw something, but not all, and no other transaction can
 * be what held the rest back: each open one holds back what lies behind it in its partitions, as in Kafka.
 */
export function* tornTransactions(analysis: Analysis): Iterable<string> {
  const transactions = analysis.writings.filter(({ wrote }) => wrote.transaction);
  for (const reading of committed(analysis)) {
    if (reading.read.from !== 'start' || reading.read.to === 'anywhere') continue;
    const values = new Set(reading.read.seen.map(({ value }) => value));
    for (const transaction of transactions)
      if (!isHeldBack(analysis, reading, transaction)) yield* torn(analysis, reading, values, transaction);
  }
}

function* torn(
  analysis: Analysis,
  { process, read }: Reading,
  values: ReadonlySet<string>,
  { process: producer, wrote }: Writing,
): Iterable<string> {
  const shown = wrote.sends.find(({ value }) => values.has(value));
  if (shown === undefined) return;
  for (const send of wrote.sends) {
    if (values.has(send.value) || analysis.mayBeGone(send)) continue;
    const partition = analysis.placesOf(send.value)[0]?.partition ?? send.partition;
    if (partition === undefined || read.topics.includes(topicOf(partition)))
      yield `${process} saw ${quoted(shown.value)} of ${producer}, and not ${quoted(send.value)} of the same transaction`;
  }
}

export function* nonMonotonicPolls(analysis: Analysis): Iterable<string> {
  for (const [process, partitions] of polls(analysis))
    for (const [, { seen }] of partitions)
      for (let i = 1; i < seen.length; i++) {
        const [before, after] = [seen[i - 1] as Seen, seen[i] as Seen];
        if (after.offset <= before.offset) yield `${process} saw ${said(before)} and then ${said(after)}`;
      }
}

/** Something lies between two neighbours of a poll, which the reader should have seen. */
export function* pollSkips(analysis: Analysis): Iterable<string> {
  const logs = { committed: new Map<string, Seen[]>(), uncommitted: new Map<string, Seen[]>() };
  for (const [process, partitions] of polls(analysis)) {
    for (const [partition, { seen, from, to, isolation }] of partitions) {
      const log = logs[isolation].get(partition) ?? visible(analysis, partition, isolation);
      logs[isolation].set(partition, log);
      const offsets = new Set(seen.map(({ offset }) => offset));
      const first = from === 'start' ? 0 : (seen[0]?.offset ?? Infinity);
      const last = to === 'rest' ? Infinity : (seen.at(-1)?.offset ?? -1);
      for (const one of log)
        if (one.offset >= first && one.offset <= last && !offsets.has(one.offset))
          yield `${process} read ${partition} and did not see ${said(one)}`;
    }
  }
}

/** It was there before the reader began, and nothing held it back. */
export function* staleReads(analysis: Analysis): Iterable<string> {
  for (const reading of analysis.readings) {
    const { read, process, invoked } = reading;
    if (read.from !== 'start' || read.to === 'anywhere') continue;
    if (read.isolation === 'committed' && isHeldBack(analysis, reading)) continue;
    const values = new Set(read.seen.map(({ value }) => value));
    for (const { operation, send } of analysis.everyWrite()) {
      if (operation.completed >= invoked || values.has(send.value)) continue;
      if (mustShow(analysis, read, send))
        yield `${process} did not see ${quoted(send.value)}, with which ${operation.process} was done before`;
    }
  }
}

function mustShow(analysis: Analysis, read: ReadOf, send: Send): boolean {
  const partition = analysis.placesOf(send.value)[0]?.partition;
  if (partition === undefined || !read.topics.includes(topicOf(partition)) || analysis.mayBeGone(send)) return false;
  return read.isolation === 'uncommitted' || analysis.wasSeen(send.value);
}

/** By a transaction that was open when the reader looked where the partitions end. That of a process that is gone does not. */
function isHeldBack({ writings }: Analysis, { invoked, completed, read }: Reading, except?: Writing): boolean {
  return writings.some(
    (one) =>
      one.wrote.transaction &&
      one !== except &&
      one.invoked <= completed &&
      one.completed >= invoked &&
      one.wrote.topics.some((topic) => read.topics.includes(topic)),
  );
}

/** What a reader should see of a partition. */
function visible(analysis: Analysis, partition: PartitionName, isolation: 'committed' | 'uncommitted'): Seen[] {
  return analysis.logOf(partition).flatMap(([offset, values]) => {
    const there = [...values].filter((value) => {
      const wrote = analysis.writerOf(value);
      if (wrote === undefined || analysis.mayBeGone(wrote.send)) return false;
      if (isolation === 'uncommitted') return true;
      const isHere = analysis.placesOf(value).some((place) => place.partition === partition && place.offset === offset);
      return isHere && analysis.fateOf(wrote) === 'committed';
    });
    return there.map((value) => ({ partition, offset, value }));
  });
}

/** What a process read of one partition, one operation after the other: it began as the first, and ended as the last. */
interface Polls extends Pick<ReadOf, 'isolation' | 'from'> {
  to: ReadOf['to'];
  readonly seen: Seen[];
}

function polls({ readings }: Analysis): Map<string, Map<PartitionName, Polls>> {
  const all = new Map<string, Map<PartitionName, Polls>>();
  for (const { process, read } of readings) {
    const partitions = all.get(process) ?? new Map<PartitionName, Polls>();
    all.set(process, partitions);
    for (const one of read.seen) {
      const of = partitions.get(one.partition) ?? { ...read, seen: [] };
      partitions.set(one.partition, of);
      of.seen.push(one);
    }
    for (const of of partitions.values()) of.to = read.to;
  }
  return all;
}

function committed({ readings }: Analysis): Reading[] {
  return readings.filter(({ read }) => read.isolation === 'committed');
}

function said({ partition, offset, value }: Seen): string {
  return `${quoted(value)} at ${partition}:${offset}`;
}
