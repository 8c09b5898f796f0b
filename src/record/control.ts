import { BatchBuilder } from './builder.ts';
import { corrupt } from './corrupt.ts';
import { RecordCursor } from './cursor.ts';

const ABORT = 0;
const COMMIT = 1;

/** Key: version, type. Value: version, coordinator epoch (org.apache.kafka.common.record.EndTransactionMarker). */
const KEY_BYTES = 4;
const VALUE_BYTES = 6;

export interface Marker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly commit: boolean;
  readonly coordinatorEpoch: number;
  /** Milliseconds. */
  readonly timestamp: number;
}

/** The control batch of one record that ends a transaction in a partition; base offset 0. */
export function encodeMarker(marker: Marker): Buffer {
  const bytes = Buffer.alloc(KEY_BYTES + VALUE_BYTES);
  bytes.writeInt16BE(marker.commit ? COMMIT : ABORT, 2);
  bytes.writeInt32BE(marker.coordinatorEpoch, KEY_BYTES + 2);
  const builder = new BatchBuilder({ capacityHint: 128 });
  builder.append(bytes.subarray(0, KEY_BYTES), bytes.subarray(KEY_BYTES), [], marker.timestamp);
  return builder.finish({
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    control: true,
  });
}

/**
 * What an end-transaction marker says.
 * @throws BrokerError CORRUPT_MESSAGE when the batch is no control batch, or its record no commit or abort
 */
export function readMarker(blob: Buffer): { commit: boolean; coordinatorEpoch: number } {
  const cursor = new RecordCursor(blob);
  if (!cursor.header.control || !cursor.next()) throw corrupt('a batch is no control batch');
  if (cursor.keyLength < KEY_BYTES || cursor.valueLength < VALUE_BYTES) throw corrupt('a control record is too short');
  const type = cursor.bytes.readInt16BE(cursor.keyStart + 2);
  if (type !== ABORT && type !== COMMIT) throw corrupt(`a control record of type ${type} ends no transaction`);
  return { commit: type === COMMIT, coordinatorEpoch: cursor.bytes.readInt32BE(cursor.valueStart + 2) };
}
