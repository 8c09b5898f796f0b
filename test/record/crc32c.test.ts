import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, crc32cSlicing } from '../../src/record/crc32c.ts';

/** The definition, bit by bit. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
  }
  return ~crc >>> 0;
}

describe('CRC-32C', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j', (text, crc) => {
    expect(crc32c(Buffer.from(text))).toBe(crc);
  });

  it('agrees with its definition for every length and part', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, from) => {
        const start = Math.min(from, bytes.length);
        expect(crc32cSlicing(bytes, start)).toBe(bitwise(bytes.subarray(start)));
      }),
    );
  });

  it('is the same before and after the native package takes over', () => {
    const block = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 31) & 0xff));
    const expected = bitwise(block.subarray(7, 4990));
    for (let n = 0; n < 100; n++) expect(crc32c(block, 7, 4990)).toBe(expected);
  });
});
