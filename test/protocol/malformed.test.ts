import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import type { Schema } from '../../src/protocol/api.ts';
import { decode } from '../../src/protocol/decoder.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { syncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { seeded } from '../support/seed.ts';
import { CASES, encoded, samples } from './arbitraries.ts';

/** Decodes bytes from outside: a value, or MALFORMED_FRAME and nothing else (W2). True for a value. */
function survives(schema: Schema, version: number, bytes: Buffer): boolean {
  const reader = new Reader(bytes, schema.name);
  try {
    decode(schema, version, reader);
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'MALFORMED_FRAME') return false;
    throw new Error(`${schema.name} ${version}: ${bytes.toString('hex')}`, { cause: error });
  }
  if (reader.at > bytes.length) throw new Error(`read to ${reader.at} of ${bytes.length}`);
  return true;
}

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xff];
const random = seeded('changed bytes of messages');
const below = (limit: number): number => Math.floor(random() * limit);

describe('bytes that make no sense', () => {
  it.each(CASES)('$name $version: cut anywhere it is malformed (W2)', ({ schema, version }) => {
    for (const message of samples(schema, version, 5)) {
      const bytes = encoded(schema, version, message);
      const ends = Array.from({ length: bytes.length }, (_, end) => end);
      // views, so that reading on would find the rest
      expect(ends.filter((end) => survives(schema, version, bytes.subarray(0, end)))).toEqual([]);
    }
  });

  it.each(CASES)('$name $version: with bytes changed it throws nothing else (W2)', (row) => {
    for (const message of samples(row.schema, row.version, 5)) {
      const good = encoded(row.schema, row.version, message);
      for (let round = 0; good.length > 0 && round < 60; round++) {
        const bytes = Buffer.from(good);
        for (let change = below(4); change >= 0; change--) {
          bytes[below(bytes.length)] = below(2) === 0 ? below(256) : (INTERESTING[below(5)] as number);
        }
        survives(row.schema, row.version, bytes);
      }
    }
  });
});

describe('a length is compared with what is left before anything is made for it (W3)', () => {
  const refused = (schema: Schema, version: number, hex: string) => () =>
    decode(schema, version, new Reader(Buffer.from(hex, 'hex'), `${schema.name} ${version}`));

  it.each([
    ['a list of 2^31 - 1 topics', metadata.request, 8, '7fffffff', '4294967294 bytes are wanted at byte 4, 0 are left'],
    [
      'a compact list of 2^32 - 2',
      metadata.request,
      9,
      'ffffffff0f',
      '8589934588 bytes are wanted at byte 5, 0 are left',
    ],
    [
      'more elements than their least size allows',
      metadata.request,
      12,
      '020000',
      '18 bytes are wanted at byte 1, 2 are left',
    ],
    ['bytes', syncGroup.response, 0, '000040000000', '1073741824 bytes are wanted at byte 6, 0 are left'],
  ] as const)('%s', (_, schema, version, hex, problem) => {
    expect(refused(schema, version, hex)).toThrow(problem);
  });

  it.each([
    ['a length of -2', metadata.request, 8, 'fffffffe', 'the length -2 before byte 4'],
    ['a null list where none may be', metadata.request, 0, 'ffffffff', 'null before byte 4'],
    ['a compact string of 32 768 bytes', metadata.request, 9, '02818002', 'a string of 32768 bytes'],
    ['a varint of 6 bytes', metadata.request, 9, '808080808001', 'a varint over 32 bits'],
    ['a varint of 2^32', metadata.request, 9, '8080808010', 'a varint over 32 bits'],
  ] as const)('%s', (_, schema, version, hex, problem) => {
    expect(refused(schema, version, hex)).toThrow(problem);
  });
});

it.each([
  ['2^53', '0020000000000000', undefined],
  ['2^53 - 1', '001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['-1', 'ffffffffffffffff', -1],
  ['-2^53', 'ffe0000000000000', undefined],
  ['-2^53 + 1', 'ffe0000000000001', -Number.MAX_SAFE_INTEGER],
])('the 64-bit number %s is a safe integer, or malformed (W6)', (_, hex, value) => {
  const read = () => new Reader(Buffer.from(hex, 'hex'), 'a number').int64();
  if (value === undefined) expect(read).toThrow(BrokerError);
  else expect(read()).toBe(value);
});

it('a version that is not implemented is malformed in both directions', () => {
  const problem = 'Metadata request 13: there is no such version here';
  expect(() => decode(metadata.request, 13, new Reader(Buffer.alloc(9), ''))).toThrow(problem);
  expect(() => encoded(metadata.request, 13, { topics: null })).toThrow(problem);
});
