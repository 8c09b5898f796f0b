import type { BatchHeader } from '../record/batch.ts';
import { readMarker } from '../record/control.ts';
import type { LogRows } from './rows.ts';

/**
 * What a transactional batch or its marker means for readers: an ongoing transaction holds the last stable offset back, an
 * aborted one is remembered with its range (org.apache.kafka.storage.internals.log.ProducerAppendInfo, TransactionIndex).
 */
export function noteTransaction(
  rows: LogRows,
  partition: number,
  header: BatchHeader,
  base: number,
  blob: Buffer,
): void {
  if (!header.transactional) return;
  const { producerId } = header;
  if (!header.control) {
    rows.producers.beginTransaction(partition, producerId, base);
    return;
  }
  const first = rows.producers.ongoingTransaction(partition, producerId);
  if (first === undefined) return;
  if (!readMarker(blob).commit) rows.producers.addAborted(partition, { first, last: base, producerId });
  rows.producers.endTransaction(partition, producerId);
}
