import type { Schema } from './api.ts';
import { perVersion } from './per-version.ts';
import type { Encodable, Layout, WireType } from './schema.ts';
import type { Writer } from './writer.ts';

/** Bytes that are made room for at first for a tagged field: most are small. */
const TAG_CHUNK = 64;

type Write = (writer: Writer, value: unknown) => void;

interface Step {
  readonly name: string;
  readonly absent: unknown;
  readonly write: Write;
}

interface TaggedStep extends Step {
  readonly tag: number;
  readonly type: WireType;
}

const FIXED: Partial<Record<WireType['kind'], Write>> = {
  int8: (writer, value) => writer.int8(value as number),
  int16: (writer, value) => writer.int16(value as number),
  int32: (writer, value) => writer.int32(value as number),
  int64: (writer, value) => writer.int64(value as number),
  boolean: (writer, value) => writer.boolean(value as boolean),
  uuid: (writer, value) => writer.uuid(value as Buffer),
};

const encoderOf = perVersion(({ layout, flexible }, version) => structEncoder(layout, version, version >= flexible));

/**
 * Writes one message. Fields that the version lacks are ignored, those left out have their default (W1, W5).
 * @throws BrokerError MALFORMED_FRAME for what the version cannot say: a null, a string over 32 767 bytes, the version itself
 */
export function encode<L extends Layout>(
  schema: Schema<L>,
  version: number,
  value: Encodable<L>,
  writer: Writer,
): void {
  encoderOf(schema, version)(writer, value);
}

function structEncoder(layout: Layout, version: number, flexible: boolean): Write {
  const steps: Step[] = [];
  const tagged: TaggedStep[] = [];
  for (const [name, field] of Object.entries(layout)) {
    if (!field.isIn(version)) continue;
    const { type, tag, absent } = field;
    const known = typeEncoder(type, version, flexible);
    const write = version >= field.nullableSince ? nullable(type, known, flexible) : notNull(name, type, known);
    if (tag === undefined) steps.push({ name, absent, write });
    else tagged.push({ name, absent, write, tag, type });
  }
  tagged.sort((a, b) => a.tag - b.tag);
  return flexible ? flexibleStruct(steps, tagged) : plainStruct(steps);
}

function typeEncoder(type: WireType, version: number, flexible: boolean): Write {
  switch (type.kind) {
    case 'string':
      return (writer, value) => writer.text(value as string, flexible);
    case 'bytes':
    case 'records':
      return (writer, value) => writeBytes(writer, value as Pieces, flexible);
    case 'array':
      return arrayEncoder(typeEncoder(type.of, version, flexible), flexible);
    case 'struct':
      return structEncoder(type.layout, version, flexible);
    default:
      return FIXED[type.kind] as Write;
  }
}

function notNull(name: string, type: WireType, write: Write): Write {
  if (FIXED[type.kind]) return write;
  return (writer, value) => {
    if (value === null) throw writer.fault(`${name} cannot be null`);
    write(writer, value);
  };
}

/** Null is the length -1; a struct that may be null has a byte before it instead: -1 for null, else 1. */
function nullable(type: WireType, write: Write, flexible: boolean): Write {
  if (type.kind === 'struct') {
    return (writer, value) => {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) write(writer, value);
    };
  }
  const width = type.kind === 'string' ? 2 : 4;
  return (writer, value) => {
    if (value === null) writer.lengthOf(-1, flexible, width);
    else write(writer, value);
  };
}

type Fields = Readonly<Record<string, unknown>>;
type Pieces = Buffer | readonly Buffer[];

function given({ name, absent }: Step, value: Fields): unknown {
  const part = value[name];
  return part === undefined ? absent : part;
}

function plainStruct(steps: readonly Step[]): Write {
  return (writer, value) => {
    for (const step of steps) step.write(writer, given(step, value as Fields));
  };
}

function flexibleStruct(steps: readonly Step[], tagged: readonly TaggedStep[]): Write {
  return (writer, value) => {
    for (const step of steps) step.write(writer, given(step, value as Fields));
    const told = tagged.length === 0 ? tagged : tagged.filter((step) => isTold(step, (value as Fields)[step.name]));
    writer.uvarint(told.length);
    for (const step of told) writeTag(writer, step, (value as Fields)[step.name]);
  };
}

function writeTag(writer: Writer, { tag, write }: TaggedStep, value: unknown): void {
  const part = writer.apart(TAG_CHUNK);
  write(part, value);
  writer.uvarint(tag);
  writer.uvarint(part.length);
  for (const piece of part.finish()) writer.append(piece);
}

/** Whether a tagged field has to be written: unless it was left out or is at its default (W5). */
function isTold({ type, absent }: TaggedStep, value: unknown): boolean {
  return value !== undefined && !isDefault(type, value, absent);
}

function isDefault(type: WireType, value: unknown, absent: unknown): boolean {
  if (value === null || absent === null) return value === absent;
  if (type.kind === 'array') return (value as readonly unknown[]).length === 0;
  if (type.kind === 'uuid') return (value as Buffer).equals(absent as Buffer);
  if (type.kind !== 'struct') return value === absent;
  return Object.entries(type.layout).every(([name, field]) => {
    const part = (value as Fields)[name];
    return part === undefined || isDefault(field.type, part, field.absent);
  });
}

function writeBytes(writer: Writer, value: Pieces, flexible: boolean): void {
  const pieces = Buffer.isBuffer(value) ? [value] : value;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  writer.lengthOf(length, flexible, 4);
  for (const piece of pieces) writer.append(piece);
}

function arrayEncoder(element: Write, flexible: boolean): Write {
  return (writer, value) => {
    const values = value as readonly unknown[];
    writer.lengthOf(values.length, flexible, 4);
    for (const item of values) element(writer, item);
  };
}
