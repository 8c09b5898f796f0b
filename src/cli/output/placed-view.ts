import type { Header, TimestampType, TopicPartition } from '../../types.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { BatchFacts, PrintContext, RecordPrinter, RecordView } from './printer.ts';

/** A record that was just written, for produce's echo (a client's PlacedRecord, and what its topic says of time). */
export interface EchoedRecord extends TopicPartition {
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

/** Prints a record that comes from no batch. What only a batch knows (producer, epoch, watermarks) is -1. */
export function printRecord(printer: RecordPrinter, record: EchoedRecord, out: OutputBuffer): void {
  const { topic, partition, timestampType } = record;
  const place: PrintContext = {
    topic,
    partition,
    header: FACTS[timestampType],
    logStart: -1,
    highWatermark: -1,
    lastStable: -1,
  };
  printer.write(place, new PlacedView(record), out);
}

const facts = (timestampType: TimestampType, attributes: number): BatchFacts => ({
  timestampType,
  attributes,
  codec: 'none',
  producerId: -1,
  producerEpoch: -1,
  leaderEpoch: -1,
});

const FACTS: Readonly<Record<TimestampType, BatchFacts>> = {
  CreateTime: facts('CreateTime', 0),
  LogAppendTime: facts('LogAppendTime', 8),
};

const NOTHING = Buffer.alloc(0);

/** Shows a record's key and value as parts of one buffer, as printers read them. */
class PlacedView implements RecordView {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly timestamp: number;
  readonly keyStart = 0;
  readonly keyLength: number;
  readonly valueStart: number;
  readonly valueLength: number;
  readonly headerCount: number;
  readonly #headers: readonly Header[];

  constructor({ key, value, headers, offset, timestamp }: EchoedRecord) {
    this.bytes = Buffer.concat([key ?? NOTHING, value ?? NOTHING]);
    this.offset = offset;
    this.timestamp = timestamp;
    this.keyLength = key === null ? -1 : key.length;
    this.valueStart = key === null ? 0 : key.length;
    this.valueLength = value === null ? -1 : value.length;
    this.headerCount = headers.length;
    this.#headers = headers;
  }

  headers(): readonly Header[] {
    return this.#headers;
  }
}
