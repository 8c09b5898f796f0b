import { ATTRIBUTE } from '../../record/batch.ts';
import type { Header } from '../../types.ts';
import type { OutputBuffer } from '../output/output-buffer.ts';
import type { PrintContext, RecordView } from '../output/printer.ts';
import { formatGo } from './go-layout.ts';
import { NUMBER_FORMATS, type NumberFormat, numberFormat } from './numbers.ts';
import { checkArgument, type FieldPart, type Modifier, malformed, type Part, parseTemplate } from './parse.ts';
import { strftime, unknownConversion } from './strftime.ts';
import { TEXT_FORMATS, textFormat, type WriteText } from './texts.ts';

/** Prints one record; the first is number 1 for `%i`. */
export type WriteRecord = (place: PrintContext, record: RecordView, out: OutputBuffer) => void;

/** The largest time (ms) that a calendar can say (ECMA-262, time values); beyond it a timestamp stays a number. */
const LAST_DATE = 8.64e15;

type WriteHeader = (header: Header, out: OutputBuffer) => void;
type ReadNumber = (place: PrintContext, record: RecordView) => number;

/** The fields that are numbers and need no more than the record and its place. */
const NUMBERS: Readonly<Record<string, ReadNumber>> = {
  T: (place) => Buffer.byteLength(place.topic),
  H: (_, record) => record.headerCount,
  p: (place) => place.partition,
  o: (_, record) => record.offset,
  e: (place) => place.header.leaderEpoch,
  d: (_, record) => record.timestamp,
  x: (place) => place.header.producerId,
  y: (place) => place.header.producerEpoch,
  '[': (place) => place.logStart,
  '|': (place) => place.lastStable,
  ']': (place) => place.highWatermark,
};

/** What `%a{…}` can select: a bit or a number, and, where it has one, the name it is printed by. */
const ATTRIBUTES: Readonly<Record<string, { of(place: PrintContext): number; word?(place: PrintContext): string }>> = {
  compression: { of: (place) => place.header.attributes & ATTRIBUTE.codec, word: (place) => place.header.codec },
  'timestamp-type': { of: (place) => bit(place, ATTRIBUTE.logAppendTime) },
  'transactional-bit': { of: (place) => bit(place, ATTRIBUTE.transactional) },
  'control-bit': { of: (place) => bit(place, ATTRIBUTE.control) },
};

const bit = (place: PrintContext, mask: number): number => ((place.header.attributes & mask) === 0 ? 0 : 1);

/**
 * Makes what prints records by a template. A null key, value or header value prints as `nullValue`; without one, as nothing, of
 * length 0, as in rpk.
 * @throws BrokerError USAGE, naming the character
 */
export function templateWriter(template: string, nullValue: Buffer | null): WriteRecord {
  const writers = new PrintCompiler(template, nullValue).record(parseTemplate(template));
  return (place, record, out) => {
    for (const write of writers) write(place, record, out);
  };
}

class PrintCompiler {
  readonly #template: string;
  readonly #nullValue: Buffer;

  constructor(template: string, nullValue: Buffer | null) {
    this.#template = template;
    this.#nullValue = nullValue ?? Buffer.alloc(0);
  }

  record(parts: readonly Part[]): WriteRecord[] {
    return parts.map((part) => {
      if (part.kind === 'literal') return (_, __, out) => out.bytes(part.bytes);
      return part.kind === 'headers' ? this.#headers(part.parts) : this.#field(part);
    });
  }

  #field(part: FieldPart): WriteRecord {
    const { field, modifier } = part;
    switch (field) {
      case 't': {
        const write = this.#text(part);
        const bytesOf = topicBytes();
        return (place, _, out) => {
          const topic = bytesOf(place.topic);
          write(out, topic, 0, topic.length);
        };
      }
      case 'k': {
        const write = this.#nullable(part);
        return (_, record, out) => write(out, record.bytes, record.keyStart, record.keyLength);
      }
      case 'v': {
        const write = this.#nullable(part);
        return (_, record, out) => write(out, record.bytes, record.valueStart, record.valueLength);
      }
      case 'K':
        return this.#number(part, (_, record) => this.#length(record.keyLength));
      case 'V':
        return this.#number(part, (_, record) => this.#length(record.valueLength));
      case 'i':
        return this.#number(part, counter());
      case 'a':
        return this.#attribute(part);
    }
    if (field === 'd' && (modifier?.name === 'strftime' || modifier?.name === 'go')) return this.#time(modifier);
    return this.#number(part, NUMBERS[field] as ReadNumber);
  }

  #headers(parts: readonly Part[]): WriteRecord {
    const writers = parts.map((part) => this.#headerPart(part));
    return (_, record, out) => {
      if (record.headerCount === 0) return;
      for (const header of record.headers()) for (const write of writers) write(header, out);
    };
  }

  #headerPart(part: Part): WriteHeader {
    if (part.kind === 'literal') return (_, out) => out.bytes(part.bytes);
    const field = part.kind === 'headers' ? 'h' : part.field;
    if (part.kind === 'headers' || !'kvKV'.includes(field))
      throw this.#malformed(part.at, `a header has %k %v %K and %V, not %${field}`);
    const of = field === 'k' || field === 'K' ? (header: Header) => header.name : (header: Header) => header.value;
    if (field === 'K' || field === 'V') {
      const format = this.#format(part);
      return (header, out) => format.write(out, this.#length(of(header)?.length ?? -1));
    }
    const write = this.#nullable(part);
    return (header, out) => {
      const bytes = of(header);
      write(out, bytes ?? this.#nullValue, 0, bytes === null ? -1 : bytes.length);
    };
  }

  /** Prints bytes of a length that may be -1, for null; the null value is printed as it was said, unencoded. */
  #nullable(part: FieldPart): (out: OutputBuffer, src: Buffer, start: number, length: number) => void {
    const write = this.#text(part);
    return (out, src, start, length) =>
      length < 0 ? out.bytes(this.#nullValue) : write(out, src, start, start + length);
  }

  #length(length: number): number {
    return length < 0 ? this.#nullValue.length : length;
  }

  #text({ modifier, field }: FieldPart): WriteText {
    if (modifier === null) return (out, src, start, end) => out.bytes(src, start, end);
    const format = textFormat(modifier.name);
    if (format?.writer === undefined)
      throw this.#unknown(
        field,
        modifier,
        TEXT_FORMATS.filter((row) => row.writer).map((row) => row.name),
      );
    checkArgument(this.#template, modifier, format.argument !== undefined);
    const wrong = format.argument?.(modifier.argument ?? '');
    if (wrong !== undefined) throw this.#malformed(modifier.at, `{${format.name}} does not know '${wrong}'`);
    return format.writer(modifier.argument ?? '');
  }

  #number(part: FieldPart, read: ReadNumber): WriteRecord {
    const format = this.#format(part);
    return (place, record, out) => format.write(out, read(place, record));
  }

  #format({ modifier, field }: FieldPart, name = modifier?.name ?? 'ascii'): NumberFormat {
    const format = numberFormat(name);
    if (format !== undefined) {
      if (modifier !== null && field !== 'a') checkArgument(this.#template, modifier, false);
      return format;
    }
    const also = field === 'd' ? ['strftime[…]', 'go[…]'] : [];
    throw this.#unknown(field, modifier as Modifier, [...NUMBER_FORMATS.map((row) => row.name), ...also]);
  }

  #attribute(part: FieldPart): WriteRecord {
    const { modifier } = part;
    if (modifier === null) return this.#number(part, (place) => place.header.attributes);
    const attribute = Object.hasOwn(ATTRIBUTES, modifier.name) ? ATTRIBUTES[modifier.name] : undefined;
    if (attribute === undefined) throw this.#unknown('a', modifier, Object.keys(ATTRIBUTES));
    const { of, word } = attribute;
    if (word !== undefined && modifier.format === null) return (place, _, out) => out.text(word(place));
    const name = modifier.format ?? 'ascii';
    const format = this.#format(part, name === 'number' ? 'ascii' : name);
    return (place, _, out) => format.write(out, of(place));
  }

  #time(modifier: Modifier): WriteRecord {
    const layout = modifier.argument;
    if (layout === null)
      throw this.#malformed(
        modifier.at,
        `{${modifier.name}} wants a layout in brackets, as in {strftime[%F %T]} or {go[2006-01-02]}`,
      );
    const wrong = modifier.name === 'strftime' ? unknownConversion(layout) : undefined;
    if (wrong !== undefined) throw this.#malformed(modifier.at, `strftime does not know '${wrong}'`);
    const format = modifier.name === 'go' ? formatGo : strftime;
    return (_, { timestamp }, out) =>
      Math.abs(timestamp) > LAST_DATE ? out.number(timestamp) : out.text(format(layout, timestamp));
  }

  #unknown(field: string, modifier: Modifier, known: readonly string[]): Error {
    return this.#malformed(
      modifier.at,
      `%${field} has no modifier '${modifier.format ?? modifier.name}'`,
      `%${field} can have ${known.join(' ')}`,
    );
  }

  #malformed(at: number, problem: string, hint?: string): Error {
    return malformed(this.#template, at, problem, hint);
  }
}

/** The bytes of a topic's name, made once for the records of one topic in a row. */
function topicBytes(): (topic: string) => Buffer {
  let last = '';
  let bytes = Buffer.alloc(0);
  return (topic) => {
    if (topic !== last) bytes = Buffer.from(topic);
    last = topic;
    return bytes;
  };
}

function counter(): ReadNumber {
  let count = 0;
  return () => ++count;
}
