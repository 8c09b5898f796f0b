import { BrokerError } from '../errors.ts';
import type { Appended } from '../log/log.ts';
import type { NewRecord, TimestampType } from '../types.ts';
import type { SealedBatch } from './accumulator.ts';
import type { PlacedRecord } from './cluster.ts';
import { copyRecord } from './copy-record.ts';

interface Pending extends Omit<PlacedRecord, 'offset' | 'timestamp' | 'timestampType'> {
  timestamp: number;
  timestampType: TimestampType;
  /** -1 until stored; -2 when refused. */
  offset: number;
}

const REFUSED = -2;

/** Remembers records in the order of the input until it is known where they landed: for an echo of what was written. */
export class Placements {
  readonly #topic: string;
  readonly #pending: Pending[] = [];
  readonly #byPartition = new Map<number, Pending[]>();

  constructor(topic: string) {
    this.#topic = topic;
  }

  add(partition: number, { key, value, headers }: NewRecord, timestamp: number): void {
    const pending: Pending = {
      topic: this.#topic,
      partition,
      ...copyRecord({ key, value, headers }),
      timestamp,
      timestampType: 'CreateTime',
      offset: -1,
    };
    this.#pending.push(pending);
    const lane = this.#byPartition.get(partition);
    if (lane === undefined) this.#byPartition.set(partition, [pending]);
    else lane.push(pending);
  }

  /** A batch holds its partition's records in their order. */
  settle({ partition, records }: SealedBatch, result: Appended | BrokerError): void {
    const lane = this.#byPartition.get(partition)?.splice(0, records) ?? [];
    lane.forEach((pending, i) => {
      pending.offset = result instanceof BrokerError ? REFUSED : result.baseOffset + i;
      if (result instanceof BrokerError || result.appendTime < 0) return;
      pending.timestamp = result.appendTime;
      pending.timestampType = 'LogAppendTime';
    });
  }

  /** The stored records at the front, in the order of the input. */
  take(): PlacedRecord[] {
    const open = this.#pending.findIndex(({ offset }) => offset === -1);
    const settled = this.#pending.splice(0, open < 0 ? this.#pending.length : open);
    return settled.filter(({ offset }) => offset !== REFUSED);
  }
}
