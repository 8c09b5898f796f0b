import { describe, expect, it, vi } from 'vitest';
import { compress, decompress } from '../../src/record/codec.ts';
import { crc32c } from '../../src/record/crc32c.ts';
import { decodeSnappyBlock } from '../../src/record/snappy-block.ts';

const missing = vi.hoisted(() => new Set<string>());

vi.mock('../../src/record/load-package.ts', async (original) => {
  const real = await original<typeof import('../../src/record/load-package.ts')>();
  const refuse = (name: string) => {
    if (missing.has(name)) throw new real.PackageMissing(name, undefined);
    return name;
  };
  return {
    ...real,
    loadPackage: (name: string) => real.loadPackage(refuse(name)),
    locatePackage: (name: string) => real.locatePackage(refuse(name)),
  };
});

describe('where a package is missing', () => {
  it('lz4 is UNSUPPORTED_COMPRESSION_TYPE, both ways', () => {
    missing.add('lz4-napi');
    for (const use of [compress, decompress]) {
      expect(() => use('lz4', Buffer.from('x'))).toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED_COMPRESSION_TYPE', message: expect.stringContaining('lz4-napi') }),
      );
    }
  });

  it('snappy goes on in JavaScript', () => {
    missing.add('snappy');
    const bytes = Buffer.from('again and again and again and again');
    const packed = compress('snappy', bytes);
    expect(packed.length).toBeLessThan(bytes.length);
    expect(decodeSnappyBlock(packed)).toEqual(bytes);
    expect(decompress('snappy', packed)).toEqual(bytes);
  });

  it('checksums go on in JavaScript', () => {
    missing.add('@node-rs/crc32');
    const block = Buffer.alloc(300_000);
    block.write('123456789');
    expect(crc32c(block, 0, 9)).toBe(0xe3069283);
    expect(crc32c(block)).toBe(0x9e43970f);
  });
});
