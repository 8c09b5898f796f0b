import { expect, it } from 'vitest';
import { murmur2, partitionFor } from '../../src/record/murmur2.ts';
import { goldenLines } from './golden.ts';

interface Vector {
  readonly hex: string;
  readonly murmur2: number;
  readonly partition: { readonly of: number[]; readonly is: number[] };
}

it.each(goldenLines<Vector>('murmur2'))('hashes $hex as the Java client does', (vector) => {
  const key = Buffer.from(vector.hex, 'hex');
  const around = Buffer.concat([Buffer.from('xyz'), key, Buffer.from('!')]);
  expect(murmur2(key)).toBe(vector.murmur2);
  expect(murmur2(around, 3, 3 + key.length)).toBe(vector.murmur2);
  expect(vector.partition.of.map((n) => partitionFor(around, 3, 3 + key.length, n))).toEqual(vector.partition.is);
});
