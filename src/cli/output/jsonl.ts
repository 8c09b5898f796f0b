import { jsonBytes } from './json-bytes.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { PrintContext, RecordPrinter, RecordView } from './printer.ts';

const TIMESTAMP = Buffer.from(',"timestamp":');
const KEY = Buffer.from(',"key":');
const VALUE = Buffer.from(',"value":');
const HEADERS = Buffer.from(',"headers":[');
const CLOSE = Buffer.from(']}');
const [COMMA, OPEN_PAIR, CLOSE_PAIR] = [0x2c, 0x5b, 0x5d];

/** Prints a record as an object of lossless JSON; the caller parts it from the next. */
class JsonRecordWriter {
  #topic: string | undefined;
  #partition = -1;
  #timestampType: string | undefined;
  /** What is the same for the records of a partition: all before the offset, and the type of their times. */
  #prefix = Buffer.alloc(0);
  #type = Buffer.alloc(0);

  write(place: PrintContext, record: RecordView, out: OutputBuffer): void {
    if (
      place.topic !== this.#topic ||
      place.partition !== this.#partition ||
      place.header.timestampType !== this.#timestampType
    )
      this.#place(place);
    out.bytes(this.#prefix);
    out.number(record.offset);
    out.bytes(TIMESTAMP);
    out.number(record.timestamp);
    out.bytes(this.#type);
    out.bytes(KEY);
    jsonBytes(out, record.bytes, record.keyStart, record.keyLength);
    out.bytes(VALUE);
    jsonBytes(out, record.bytes, record.valueStart, record.valueLength);
    out.bytes(HEADERS);
    if (record.headerCount > 0) this.#headers(record, out);
    out.bytes(CLOSE);
  }

  #place({ topic, partition, header }: PrintContext): void {
    this.#topic = topic;
    this.#partition = partition;
    this.#timestampType = header.timestampType;
    this.#prefix = Buffer.from(`{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`);
    this.#type = Buffer.from(`,"timestampType":"${header.timestampType}"`);
  }

  #headers(record: RecordView, out: OutputBuffer): void {
    let first = true;
    for (const { name, value } of record.headers()) {
      if (!first) out.byte(COMMA);
      first = false;
      out.byte(OPEN_PAIR);
      jsonBytes(out, name, 0, name.length);
      out.byte(COMMA);
      if (value === null) out.text('null');
      else jsonBytes(out, value, 0, value.length);
      out.byte(CLOSE_PAIR);
    }
  }
}

/** Prints each record as one line of JSON. */
export class JsonlPrinter implements RecordPrinter {
  readonly #record = new JsonRecordWriter();
  readonly #delimiter: Buffer;

  constructor(delimiter: Buffer) {
    this.#delimiter = delimiter;
  }

  write(place: PrintContext, record: RecordView, out: OutputBuffer): void {
    this.#record.write(place, record, out);
    out.bytes(this.#delimiter);
  }

  begin(): void {}
  flush(): void {}
  end(): void {}
}

/** Prints all records as one JSON array, a record a line. */
export class JsonPrinter implements RecordPrinter {
  readonly #record = new JsonRecordWriter();
  #any = false;

  begin(out: OutputBuffer): void {
    out.text('[');
  }

  write(place: PrintContext, record: RecordView, out: OutputBuffer): void {
    out.text(this.#any ? ',\n' : '\n');
    this.#any = true;
    this.#record.write(place, record, out);
  }

  flush(): void {}

  end(out: OutputBuffer): void {
    out.text(this.#any ? '\n]\n' : ']\n');
  }
}
