import type { DumpedBatch } from '../../client/cluster.ts';
import type { Io } from '../io.ts';
import { type Column, table } from '../table.ts';
import { bytes, dateTime, groupDigits } from '../units.ts';

/** A batch under `--json`: kafka-dump-log's words. */
export function batchDocument({ topic, partition, seq, header, checksumHolds, marker }: DumpedBatch): object {
  return {
    topic,
    partition,
    seq,
    baseOffset: header.baseOffset,
    lastOffset: header.lastOffset,
    records: header.count,
    size: header.length,
    codec: header.codec,
    timestampType: header.timestampType,
    baseTimestamp: header.baseTimestamp,
    maxTimestamp: header.maxTimestamp,
    deleteHorizon: header.deleteHorizon ? header.baseTimestamp : null,
    producerId: header.producerId,
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    leaderEpoch: header.leaderEpoch,
    transactional: header.transactional,
    control: marker,
    crc: header.crc,
    valid: checksumHolds,
  };
}

const COLUMNS: readonly Column<DumpedBatch>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'P', align: 'right', value: ({ partition }) => String(partition) },
  { title: 'OFFSETS', align: 'right', value: ({ header }) => `${header.baseOffset} – ${header.lastOffset}` },
  { title: 'RECORDS', align: 'right', value: ({ header }) => groupDigits(header.count) },
  { title: 'SIZE', align: 'right', value: ({ header }) => bytes(header.length) },
  { title: 'CODEC', drop: 3, value: ({ header }) => header.codec },
  { title: 'LARGEST TIME', drop: 4, value: ({ header }) => dateTime(header.maxTimestamp) },
  {
    title: 'PRODUCER',
    drop: 2,
    value: ({ header }) => (header.producerId < 0 ? '–' : `${header.producerId}/${header.producerEpoch}`),
  },
  { title: 'SEQ', align: 'right', drop: 1, value: ({ seq }) => String(seq) },
  { title: 'WHAT', value: whatIs, paint: ({ checksumHolds }, style) => (checksumHolds ? undefined : style.red) },
];

function whatIs({ header, marker, checksumHolds }: DumpedBatch): string {
  if (!checksumHolds) return 'damaged: checksum does not hold';
  if (marker !== null) return marker;
  return header.transactional ? 'transactional' : '–';
}

/** One row a batch. */
export function dumpPage(batches: readonly DumpedBatch[], io: Io): Promise<string> {
  return table(batches, COLUMNS, { writer: io.stdout, env: io.env });
}
