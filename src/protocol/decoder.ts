import type { Schema } from './api.ts';
import { perVersion } from './per-version.ts';
import type { Reader } from './reader.ts';
import { blankStruct, type Decoded, type Layout, type WireType } from './schema.ts';

/** How to read one thing, made once for a schema and a version: no version is looked at while reading. */
interface Decoder {
  readonly read: (reader: Reader) => unknown;
  /** Bytes that it takes at the least. */
  readonly least: number;
}

interface Step {
  readonly name: string;
  readonly read: Decoder['read'];
}

const FIXED: Partial<Record<WireType['kind'], Decoder>> = {
  int8: { least: 1, read: (reader) => reader.int8() },
  int16: { least: 2, read: (reader) => reader.int16() },
  int32: { least: 4, read: (reader) => reader.int32() },
  int64: { least: 8, read: (reader) => reader.int64() },
  boolean: { least: 1, read: (reader) => reader.boolean() },
  uuid: { least: 16, read: (reader) => reader.uuid() },
};

const decoderOf = perVersion(({ layout, flexible }, version) => structDecoder(layout, version, version >= flexible));

/**
 * Reads one message from where the reader stands; fields that the version lacks have their default (W1).
 * @throws BrokerError MALFORMED_FRAME, also for a version that is not implemented
 */
export function decode<L extends Layout>(schema: Schema<L>, version: number, reader: Reader): Decoded<L> {
  return decoderOf(schema, version).read(reader) as Decoded<L>;
}

function structDecoder(layout: Layout, version: number, flexible: boolean): Decoder {
  const blank = blankStruct(layout);
  const fields = Object.entries(layout).filter(([, field]) => field.isIn(version));
  const steps: Step[] = [];
  const tagged = new Map<number, Step>();
  let least = flexible ? 1 : 0;
  for (const [name, field] of fields) {
    const decoder = typeDecoder(field.type, version, flexible, version >= field.nullableSince);
    if (field.tag === undefined) {
      steps.push({ name, read: decoder.read });
      least += decoder.least;
    } else tagged.set(field.tag, { name, read: decoder.read });
  }
  return { least, read: flexible ? flexibleStruct(blank, steps, tagged) : plainStruct(blank, steps) };
}

function plainStruct(blank: Record<string, unknown>, steps: readonly Step[]): Decoder['read'] {
  return (reader) => {
    const value = { ...blank };
    for (const { name, read } of steps) value[name] = read(reader);
    return value;
  };
}

function flexibleStruct(
  blank: Record<string, unknown>,
  steps: readonly Step[],
  tagged: ReadonlyMap<number, Step>,
): Decoder['read'] {
  return (reader) => {
    const value = { ...blank };
    for (const { name, read } of steps) value[name] = read(reader);
    for (let left = reader.uvarint(); left > 0; left--) readTag(reader, tagged, value);
    return value;
  };
}

/** A tagged field ends where its size says, whatever was read of it (W5). */
function readTag(reader: Reader, tagged: ReadonlyMap<number, Step>, value: Record<string, unknown>): void {
  const step = tagged.get(reader.uvarint());
  const size = reader.uvarint();
  const from = reader.skip(size);
  if (!step) return;
  const end = reader.end;
  reader.at = from;
  reader.end = from + size;
  value[step.name] = step.read(reader);
  reader.at = from + size;
  reader.end = end;
}

function typeDecoder(type: WireType, version: number, flexible: boolean, nullable: boolean): Decoder {
  switch (type.kind) {
    case 'string':
      return lengthDecoder(flexible, 2, nullable, (reader, length) => reader.text(length));
    case 'bytes':
    case 'records':
      return lengthDecoder(flexible, 4, nullable, (reader, length) => reader.slice(length));
    case 'array':
      return arrayDecoder(typeDecoder(type.of, version, flexible, false), flexible, nullable);
    case 'struct':
      return nullableStruct(structDecoder(type.layout, version, flexible), nullable);
    default:
      return FIXED[type.kind] as Decoder;
  }
}

function lengthDecoder(
  flexible: boolean,
  width: 2 | 4,
  nullable: boolean,
  readPart: (reader: Reader, length: number) => unknown,
): Decoder {
  const read: Decoder['read'] = (reader) => {
    const length = reader.length(flexible, width);
    if (length >= 0) return readPart(reader, length);
    if (!nullable) throw reader.fault(`null before byte ${reader.at}`);
    return null;
  };
  return { least: flexible ? 1 : width, read };
}

function arrayDecoder(element: Decoder, flexible: boolean, nullable: boolean): Decoder {
  return lengthDecoder(flexible, 4, nullable, (reader, length) => {
    reader.demand(length, element.least);
    const values: unknown[] = [];
    for (let left = length; left > 0; left--) values.push(element.read(reader));
    return values;
  });
}

/** A struct that may be null has a byte before it: -1 for null, else 1. */
function nullableStruct(struct: Decoder, nullable: boolean): Decoder {
  if (!nullable) return struct;
  return { least: 1, read: (reader) => (reader.int8() < 0 ? null : struct.read(reader)) };
}
