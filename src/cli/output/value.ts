import { type Ends, packValues } from '../../record/pack-values.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from './printer.ts';

/** Prints values, each with the delimiter behind it. The hot path of reading. */
export class ValuePrinter implements RecordPrinter {
  readonly #delimiter: Buffer;
  readonly #nullValue: Buffer;

  constructor(delimiter: Buffer, nullValue: Buffer | null) {
    this.#delimiter = delimiter;
    this.#nullValue = nullValue ?? Buffer.alloc(0);
  }

  write(_: PrintContext, record: RecordView, out: OutputBuffer): void {
    if (record.valueLength >= 0) out.bytes(record.bytes, record.valueStart, record.valueStart + record.valueLength);
    else out.bytes(this.#nullValue);
    out.bytes(this.#delimiter);
  }

  writeBatch(batch: Buffer, out: OutputBuffer, ends: Ends): boolean {
    return out.fill(batch.length, (bytes, from) => packValues(batch, this.#delimiter, bytes, from, ends));
  }

  begin(): void {}
  flush(): void {}
  end(): void {}
}
