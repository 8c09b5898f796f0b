import type { OutputBuffer } from '../output/output-buffer.ts';
import { unknownUnpack, unpackWriter } from './unpack.ts';

/** Prints `src[start, end)`. */
export type WriteText = (out: OutputBuffer, src: Buffer, start: number, end: number) => void;

/** A modifier of `%t %k %v`. */
export interface TextFormat {
  readonly name: string;
  /** Makes what prints it; absent where it is only read. `argument` is what stood in brackets. */
  writer?(argument: string): WriteText;
  /** Whether it wants an argument, and the first character of one that is wrong. */
  readonly argument?: (text: string) => string | undefined;
  /** The bytes that the text of an input stands for; null when it is no such text. Absent where `read` has its own way. */
  decode?(text: Buffer): Buffer | null;
}

const encoded = (encoding: 'hex' | 'base64', trim = false): WriteText => {
  return (out, src, start, end) => {
    const text = src.toString(encoding, start, end);
    out.text(trim ? text.replace(/=+$/, '') : text);
  };
};

/** rpk's names; `json` and `re` are for reading alone. */
export const TEXT_FORMATS: readonly TextFormat[] = [
  { name: 'hex', writer: () => encoded('hex'), decode: decodeHex },
  { name: 'base64', writer: () => encoded('base64'), decode: decodeBase64 },
  { name: 'base64raw', writer: () => encoded('base64', true), decode: (text) => decodeBase64(padded(text)) },
  { name: 'unpack', writer: unpackWriter, argument: unknownUnpack },
  { name: 'json' },
  { name: 're', argument: () => undefined },
];

export function textFormat(name: string): TextFormat | undefined {
  return TEXT_FORMATS.find((row) => row.name === name);
}

/** The bytes of base64 in the standard alphabet, with its padding; null for anything else. */
export function decodeBase64(text: Buffer | string): Buffer | null {
  const said = text.toString('latin1');
  const bytes = Buffer.from(said, 'base64');
  return bytes.toString('base64') === said ? bytes : null;
}

function padded(text: Buffer): string {
  const said = text.toString('latin1');
  return said + '='.repeat((4 - (said.length % 4)) % 4);
}

function decodeHex(text: Buffer): Buffer | null {
  const said = text.toString('latin1');
  return said.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(said) ? Buffer.from(said, 'hex') : null;
}
