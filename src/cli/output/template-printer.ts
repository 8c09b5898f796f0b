import { templateWriter, type WriteRecord } from '../template/print.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from './printer.ts';

/** Prints each record by a template, and nothing between them. */
export class TemplatePrinter implements RecordPrinter {
  readonly #write: WriteRecord;

  /** @throws BrokerError USAGE on a malformed template */
  constructor(template: string, nullValue: Buffer | null) {
    this.#write = templateWriter(template, nullValue);
  }

  write(place: PrintContext, record: RecordView, out: OutputBuffer): void {
    this.#write(place, record, out);
  }

  begin(): void {}
  flush(): void {}
  end(): void {}
}
