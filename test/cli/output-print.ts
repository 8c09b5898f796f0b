import {
  OutputBuffer,
  type OutputOptions,
  openOutput,
  type PrintContext,
  printRecord,
} from '../../src/cli/output/index.ts';
import { setBaseOffset } from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/builder.ts';
import { RecordCursor } from '../../src/record/cursor.ts';
import type { Header } from '../../src/types.ts';

export interface TestRecord {
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly Header[];
  readonly timestamp?: number;
}

export const OPTIONS: OutputOptions = { delimiter: Buffer.from('\n'), terminal: {}, manyTopics: false };

const NOW = 1_795_254_012_031;

/** What `format` prints of records that lie in one batch of `orders` 0, from offset `base` on. */
export function print(
  format: string,
  records: readonly TestRecord[],
  options: Partial<OutputOptions> = {},
  base = 0,
): Buffer {
  const printer = openOutput(format, { ...OPTIONS, now: NOW, ...options });
  const out = new OutputBuffer(1);
  printer.begin(out);
  const builder = new BatchBuilder();
  for (const { key = null, value = null, headers = [], timestamp = NOW } of records)
    builder.append(key, value, headers, timestamp);
  if (records.length > 0) {
    const blob = builder.finish();
    setBaseOffset(blob, base);
    printBatch(blob, (place, cursor) => printer.write(place, cursor, out));
  }
  printer.flush(out);
  printer.end(out);
  return Buffer.from(out.view());
}

/** Walks a batch of `orders` 0. */
export function printBatch(
  blob: Buffer,
  write: (place: PrintContext, cursor: RecordCursor) => void,
  place: Partial<PrintContext> = {},
): void {
  const cursor = new RecordCursor(blob);
  const context: PrintContext = {
    topic: 'orders',
    partition: 0,
    logStart: 1,
    highWatermark: 900,
    lastStable: 800,
    header: cursor.header,
    ...place,
  };
  while (cursor.next()) write(context, cursor);
}

/** The same records as `print`, by way of produce's echo. */
export function echo(format: string, records: readonly TestRecord[], base = 0): Buffer {
  const printer = openOutput(format, { ...OPTIONS, now: NOW });
  const out = new OutputBuffer(1);
  printer.begin(out);
  records.forEach(({ key = null, value = null, headers = [], timestamp = NOW }, i) => {
    printRecord(
      printer,
      { topic: 'orders', partition: 0, offset: base + i, timestamp, timestampType: 'CreateTime', key, value, headers },
      out,
    );
  });
  printer.end(out);
  return Buffer.from(out.view());
}
