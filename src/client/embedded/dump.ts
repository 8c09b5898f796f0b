import type { Broker } from '../../broker/broker.ts';
import { batchesInRange } from '../../log/read.ts';
import type { BatchRow } from '../../log/rows.ts';
import { readHeader, verifyChecksum } from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import type { DumpedBatch, DumpQuestion } from '../cluster.ts';
import type { LocatedRange } from '../range.ts';
import { locateRanges } from './ranges.ts';

/** Batches that are read in one go. */
const PIECE = 64;

/** Batch by batch what lies in the log, as it lies there; kafka-dump-log's question. */
export async function* dumpBatches(
  broker: Broker,
  { topics, ...range }: DumpQuestion,
): AsyncGenerator<readonly DumpedBatch[]> {
  const question = { ...range, follow: false, isolation: 'read_uncommitted' } as const;
  const ranges = broker.store.read(() =>
    broker.catalogue.select(topics).flatMap((topic) => locateRanges(broker, topic, question)),
  );
  for (const each of ranges) yield* dumpRange(broker, each);
}

function* dumpRange(broker: Broker, range: LocatedRange): Generator<readonly DumpedBatch[]> {
  for (let from = range.start; ; ) {
    const rows = broker.store.read(() => batchesInRange(broker.rows, range.id, from, range.end ?? 0, PIECE));
    const last = rows.at(-1);
    if (last === undefined) return;
    yield broker.store.read(() => rows.flatMap((row) => dumped(broker, range, row)));
    from = last.last + 1;
  }
}

function dumped(broker: Broker, { topic, partition }: LocatedRange, { seq }: BatchRow): DumpedBatch[] {
  const blob = broker.rows.data(seq);
  if (blob === undefined) return [];
  const header = readHeader(blob);
  const marker = header.control ? (readMarker(blob).commit ? 'COMMIT' : 'ABORT') : null;
  return [{ topic, partition, seq, header, checksumHolds: verifyChecksum(blob), marker }];
}
