import type { OutputBuffer } from '../output/output-buffer.ts';
import type { WriteText } from './texts.ts';

/** One letter of an unpack layout: how many bytes it takes (null: all that are left), and what it prints of them. */
interface Unpacker {
  readonly size: number | null;
  print(out: OutputBuffer, src: Buffer, at: number, end: number, little: boolean): void;
}

function number(size: number, read: (src: Buffer, at: number, little: boolean) => number | bigint): Unpacker {
  return { size, print: (out, src, at, _, little) => out.text(String(read(src, at, little))) };
}

const asIs = (size: number | null): Unpacker => ({ size, print: (out, src, at, end) => out.bytes(src, at, end) });

/** The letters of Python's struct that rpk knows, and its own. */
const LETTERS: Readonly<Record<string, Unpacker>> = {
  b: number(1, (src, at) => src.readInt8(at)),
  B: number(1, (src, at) => src.readUInt8(at)),
  h: number(2, (src, at, little) => (little ? src.readInt16LE(at) : src.readInt16BE(at))),
  H: number(2, (src, at, little) => (little ? src.readUInt16LE(at) : src.readUInt16BE(at))),
  i: number(4, (src, at, little) => (little ? src.readInt32LE(at) : src.readInt32BE(at))),
  I: number(4, (src, at, little) => (little ? src.readUInt32LE(at) : src.readUInt32BE(at))),
  q: number(8, (src, at, little) => (little ? src.readBigInt64LE(at) : src.readBigInt64BE(at))),
  Q: number(8, (src, at, little) => (little ? src.readBigUInt64LE(at) : src.readBigUInt64BE(at))),
  c: asIs(1),
  '.': asIs(1),
  s: asIs(null),
  x: { size: 0, print: (out) => out.byte(0x20) },
};

/** The first character that an unpack layout cannot hold; undefined when there is none. */
export function unknownUnpack(layout: string): string | undefined {
  return [...layout].find((c) => !Object.hasOwn(LETTERS, c) && !'<>$'.includes(c));
}

/**
 * Prints bytes as rpk's `{unpack[…]}` does: numbers in decimal (`bBhHiIqQ`; `<` and `>` set the order of bytes, big-endian
 * at first), `c` or `.` one byte as it is, `s` all the rest, `x` a space, `$` nothing may be left. Where the bytes do not fit, the
 * output says so, and the record goes on.
 */
export function unpackWriter(layout: string): WriteText {
  return (out, src, start, end) => unpack(layout, out, src, start, end);
}

function unpack(layout: string, out: OutputBuffer, src: Buffer, start: number, end: number): void {
  let at = start;
  let little = false;
  for (const c of layout) {
    const letter = LETTERS[c];
    if (letter !== undefined) {
      const size = letter.size ?? end - at;
      if (at + size > end) return out.text(`%!${c}(${size} bytes wanted, ${end - at} left)`);
      letter.print(out, src, at, at + size, little);
      at += size;
    } else if (c !== '$') little = c === '<';
    else if (at < end) return out.text(`%!$(${end - at} bytes left)`);
  }
}
