import type { OutputBuffer } from '../output/output-buffer.ts';

/** A way to write a number, and to read it where it has a width of its own (`size` bytes). Numbers are truncated to the width. */
export interface NumberFormat {
  readonly name: string;
  write(out: OutputBuffer, n: number): void;
  readonly size?: number;
  /** NaN when the bytes are no such number. */
  read?(bytes: Buffer): number;
}

const TWO_32 = 2 ** 32;
const high = (n: number): number => Math.floor(n / TWO_32) >>> 0;

function writeBytes(out: OutputBuffer, n: number, order: readonly number[]): void {
  for (const shift of order) out.byte(((shift >= 32 ? high(n) : n >>> 0) >>> (shift % 32)) & 0xff);
}

function hexOf(n: number, digits: number): string {
  const all = high(n).toString(16).padStart(8, '0') + (n >>> 0).toString(16).padStart(8, '0');
  return all.slice(16 - digits);
}

function fromHex(bytes: Buffer): number {
  const text = bytes.toString('latin1');
  return /^[0-9a-fA-F]+$/.test(text) ? signed(BigInt(`0x${text}`)) : Number.NaN;
}

/** Sixty-four bits are two's complement (a producer id may be -1); fewer are what they say. */
function signed(n: bigint): number {
  return Number(BigInt.asIntN(64, n));
}

const shifts = (bits: number): number[] => Array.from({ length: bits / 8 }, (_, i) => bits - 8 - 8 * i);

function hex(bits: number): NumberFormat {
  const size = bits / 4;
  return { name: `hex${bits}`, size, write: (out, n) => out.text(hexOf(n, size)), read: fromHex };
}

function big(bits: number, name = `big${bits}`): NumberFormat {
  const order = shifts(bits);
  return {
    name,
    size: bits / 8,
    write: (out, n) => writeBytes(out, n, order),
    read: (bytes) => fromHex(Buffer.from(bytes.toString('hex'))),
  };
}

function little(bits: number): NumberFormat {
  const order = shifts(bits).reverse();
  return {
    name: `little${bits}`,
    size: bits / 8,
    write: (out, n) => writeBytes(out, n, order),
    read: (bytes) => fromHex(Buffer.from(Buffer.from(bytes).reverse().toString('hex'))),
  };
}

/** rpk's names. `ascii` is what a number without a modifier is; read, it is as many digits as there are. */
export const NUMBER_FORMATS: readonly NumberFormat[] = [
  { name: 'ascii', write: (out, n) => out.number(n) },
  ...[64, 32, 16, 8, 4].map(hex),
  { name: 'hex', write: (out, n) => out.text(n < 0 ? hexOf(n, 16) : n.toString(16)) },
  ...[64, 32, 16, 8].map((bits) => big(bits)),
  ...[64, 32, 16, 8].map(little),
  big(8, 'byte'),
  { name: 'bool', write: (out, n) => out.text(n === 0 ? 'false' : 'true') },
];

export function numberFormat(name: string): NumberFormat | undefined {
  return NUMBER_FORMATS.find((row) => row.name === name);
}
