import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/protocol/decoder.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { blankStruct, type Layout, type WireType } from '../../src/protocol/schema.ts';
import { CASES, encoded, messages } from './arbitraries.ts';

/** What decoding gives of a message: also the fields that its version lacks (W1). */
function complete(layout: Layout, message: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(message).map(([name, value]) => [name, part(layout[name]?.type as WireType, value)]);
  return { ...blankStruct(layout), ...Object.fromEntries(known) };
}

function part(type: WireType, value: unknown): unknown {
  if (value === null) return null;
  if (type.kind === 'array') return (value as unknown[]).map((item) => part(type.of, item));
  return type.kind === 'struct' ? complete(type.layout, value as Record<string, unknown>) : value;
}

describe('every message in every version', () => {
  it.each(CASES)('$name $version: what is encoded and decoded again is the same (W1)', ({ schema, version }) => {
    fc.assert(
      fc.property(messages(schema, version), fc.integer({ min: 1, max: 64 }), (message, firstChunk) => {
        const bytes = encoded(schema, version, message, firstChunk);
        const reader = new Reader(bytes, schema.name);
        expect(decode(schema, version, reader)).toEqual(complete(schema.layout, message));
        expect(reader.at).toBe(bytes.length);
      }),
      { numRuns: 40 },
    );
  });
});
