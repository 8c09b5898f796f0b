import fc from 'fast-check';
import type { Api, Schema } from '../../src/protocol/api.ts';
import { assignment, subscription } from '../../src/protocol/consumer-protocol.ts';
import { encode } from '../../src/protocol/encoder.ts';
import { APIS } from '../../src/protocol/messages/index.ts';
import type { Field, Layout, WireType } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';

/** Every schema there is. */
export const SCHEMAS: readonly Schema[] = [
  ...APIS.flatMap((api: Api) => [api.request, api.response]),
  subscription,
  assignment,
];

export function versionsOf({ versions: [first, last] }: Pick<Schema, 'versions'>): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Every schema in every version, as rows for `it.each`. */
export const CASES = SCHEMAS.flatMap((schema) =>
  versionsOf(schema).map((version) => ({ name: schema.name, version, schema })),
);

/** What a message of that version may hold: the fields it has; a field with a default is sometimes left out. */
export function messages(schema: Schema, version: number): fc.Arbitrary<Record<string, unknown>> {
  return struct(schema.layout, version);
}

function struct(layout: Layout, version: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(layout).filter(([, field]) => field.isIn(version));
  return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, value(field, version)])));
}

function value(field: Field, version: number): fc.Arbitrary<unknown> {
  const known = typed(field.type, version);
  const nullable = version >= field.nullableSince;
  const told = nullable ? fc.option(known, { nil: null }) : known;
  const mayBeDefault = field.absent !== null || nullable;
  return mayBeDefault ? fc.oneof({ weight: 4, arbitrary: told }, fc.constant(field.absent)) : told;
}

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const buffer = (constraints: fc.IntArrayConstraints) => fc.uint8Array(constraints).map((bytes) => Buffer.from(bytes));

function typed(type: WireType, version: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'int8':
      return integer(8);
    case 'int16':
      return integer(16);
    case 'int32':
      return integer(32);
    case 'int64':
      return fc.maxSafeInteger();
    case 'boolean':
      return fc.boolean();
    case 'uuid':
      return buffer({ minLength: 16, maxLength: 16 });
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 160, size: 'small' });
    case 'bytes':
    case 'records':
      return buffer({ maxLength: 200 });
    case 'array':
      return fc.array(typed(type.of, version), { maxLength: 3 });
    case 'struct':
      return struct(type.layout, version);
  }
}

/** A message in one piece; `firstChunk` bytes of it are made room for at first. */
export function encoded(schema: Schema, version: number, message: Record<string, unknown>, firstChunk = 512): Buffer {
  const writer = new Writer(schema.name, firstChunk);
  encode(schema, version, message, writer);
  return Buffer.concat(writer.finish());
}

/** Messages of one version, always the same ones. */
export function samples(schema: Schema, version: number, count: number): Record<string, unknown>[] {
  return fc.sample(messages(schema, version), { seed: 2606 + version, numRuns: count });
}
