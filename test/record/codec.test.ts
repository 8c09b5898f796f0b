import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_OVERHEAD } from '../../src/record/batch.ts';
import { compress, decompress } from '../../src/record/codec.ts';
import { loadPackage, locatePackage, PackageMissing } from '../../src/record/load-package.ts';
import { decodeSnappyBlock } from '../../src/record/snappy-block.ts';
import { compressZstdWasm, decompressZstdWasm } from '../../src/record/zstd-wasm.ts';
import { CODECS } from '../../src/types.ts';
import { goldenBatches } from './golden.ts';

const require = createRequire(import.meta.url);
const snappyjs = require('snappyjs') as { compress(plain: Uint8Array): Uint8Array };

const CORRUPT = expect.objectContaining({ code: 'CORRUPT_MESSAGE' });
const PACKED = CODECS.filter((codec) => codec !== 'none');

/** Bytes that compress well, badly, and not at all, up to several blocks of any codec. */
const plain = fc.oneof(
  fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 5000 }))
    .map(([text, n]) => Buffer.from(text.repeat(n))),
  fc.constant(readFileSync(require.resolve('typescript/package.json'))),
);

describe('every codec', () => {
  it.each(CODECS)('%s gives back what went in', (codec) => {
    fc.assert(
      fc.property(plain, (bytes) => {
        expect(decompress(codec, compress(codec, bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each(PACKED)('%s refuses what is cut short', (codec) => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i) % 251));
    const packed = compress(codec, bytes);
    for (const length of [1, 5, packed.length >> 1, packed.length - 9]) {
      expect(() => decompress(codec, packed.subarray(0, length)), `${length}`).toThrow(CORRUPT);
    }
  });

  it.each(PACKED)('%s refuses to unpack more than the limit', (codec) => {
    const bomb = compress(codec, Buffer.alloc(3_000_000));
    expect(decompress(codec, bomb, 3_200_000).length).toBe(3_000_000);
    expect(() => decompress(codec, bomb, 2_900_000)).toThrow(CORRUPT);
  });
});

describe('lz4', () => {
  it('writes frames of independent blocks, the only ones that Java reads', () => {
    for (const size of [0, 10, 5_000_000]) expect(compress('lz4', Buffer.alloc(size))[4]).toBe(0x60);
  });
});

describe('zstd in WebAssembly', () => {
  it('and the one of this Node read each other', () => {
    fc.assert(
      fc.property(plain, (bytes) => {
        expect(decompress('zstd', Buffer.from(compressZstdWasm(bytes))).equals(bytes)).toBe(true);
        expect(Buffer.from(decompressZstdWasm(compress('zstd', bytes), 1e7)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('reads frames that do not say their size, and refuses too large ones', () => {
    const [java] = goldenBatches('java-zstd');
    const frame = (java as Buffer).subarray(BATCH_OVERHEAD);
    const bytes = decompressZstdWasm(frame, 1e6);
    expect(bytes.length).toBeGreaterThan(frame.length);
    expect(() => decompressZstdWasm(frame, bytes.length - 1)).toThrow('more than');
  });
});

describe('snappy', () => {
  const raw = (text: string) => compress('snappy', Buffer.from(text));

  it('reads one raw block and xerial framing', () => {
    const chunk = (block: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, block.length]), block]);
    const header = Buffer.from('82534e415050590000000001 00000001'.replace(' ', ''), 'hex');
    expect(decompress('snappy', raw('hello')).toString()).toBe('hello');
    expect(decompress('snappy', Buffer.concat([header, chunk(raw('hello ')), chunk(raw('world'))])).toString()).toBe(
      'hello world',
    );
    expect(decompress('snappy', header).length).toBe(0);
    expect(() => decompress('snappy', Buffer.concat([header, Buffer.from([0, 0])]))).toThrow(CORRUPT);
    expect(() => decompress('snappy', Buffer.concat([header, Buffer.from([0, 0, 0, 9]), raw('x')]))).toThrow(CORRUPT);
    expect(() => decompress('snappy', Buffer.concat([header, Buffer.from([255, 0, 0, 9]), raw('x')]))).toThrow(CORRUPT);
  });

  it('is read in JavaScript too, whoever wrote it', () => {
    fc.assert(
      fc.property(plain, (bytes) => {
        expect(decodeSnappyBlock(compress('snappy', bytes)).equals(bytes)).toBe(true);
        expect(decodeSnappyBlock(snappyjs.compress(bytes)).equals(bytes)).toBe(true);
        expect(decompress('snappy', Buffer.from(snappyjs.compress(bytes))).equals(bytes)).toBe(true);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['a length without end', 'ffffffffff'],
    ['a literal beyond the end', '05f0'],
    ['a literal of 4 GiB (snappyjs 0.7.0 never returns)', '05fcfaffffff'],
    ['a copy from before the beginning', '050100'],
    ['more than it says', '010461626364'],
    ['less than it says', '05006161'],
  ])('refuses %s', (_, hex) => {
    const block = Buffer.from(hex, 'hex');
    expect(() => decodeSnappyBlock(block)).toThrow();
    expect(() => decompress('snappy', block)).toThrow(CORRUPT);
  });

  it('takes no other bytes for a block than the native package does', () => {
    const native = require('snappy') as { uncompressSync(block: Uint8Array, options: object): Buffer };
    const block = raw('a line that repeats itself itself itself and then a line that repeats itself again');
    const damage = fc.array(fc.tuple(fc.nat(block.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(damage, (changes) => {
        const copy = Buffer.from(block);
        copy[0] = block[0] as number;
        for (const [at, byte] of changes) if (at > 0) copy[at] = byte;
        expect(outcome(() => decodeSnappyBlock(copy))).toBe(
          outcome(() => native.uncompressSync(copy, { asBuffer: true })),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a package that is missing', () => {
  it('is said by name', () => {
    expect(() => loadPackage('no-such-package')).toThrow(PackageMissing);
    expect(() => locatePackage('no-such-package')).toThrow('no-such-package');
  });
});

function outcome(decode: () => Buffer): string {
  try {
    return decode().toString('hex');
  } catch {
    return 'refused';
  }
}
