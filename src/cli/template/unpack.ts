import type { OutputBuffer } from '../output/output-buffer.ts';
import type { WriteText } from './texts.ts';

/** One letter of an unpack layout: how many bytes it takes, and what it prints of them. */
interface Unpacker {
  readonly size: number;
  print(src: Buffer, at: number, little: boolean): string;
}

const unpacker = (size: number, print: Unpacker['print']): Unpacker => ({ size, print });

/** The letters that read numbers, as in Python's struct. */
const LETTERS: Readonly<Record<string, Unpacker>> = {
  b: unpacker(1, (src, at) => String(src.readInt8(at))),
  B: unpacker(1, (src, at) => String(src.readUInt8(at))),
  h: unpacker(2, (src, at, little) => String(little ? src.readInt16LE(at) : src.readInt16BE(at))),
  H: unpacker(2, (src, at, little) => String(little ? src.readUInt16LE(at) : src.readUInt16BE(at))),
  i: unpacker(4, (src, at, little) => String(little ? src.readInt32LE(at) : src.readInt32BE(at))),
  I: unpacker(4, (src, at, little) => String(little ? src.readUInt32LE(at) : src.readUInt32BE(at))),
  q: unpacker(8, (src, at, little) => String(little ? src.readBigInt64LE(at) : src.readBigInt64BE(at))),
  Q: unpacker(8, (src, at, little) => String(little ? src.readBigUInt64LE(at) : src.readBigUInt64BE(at))),
};

const KNOWN = /^[<>xbBhHiIqQcs.$ ]*$/;

/** The first character that an unpack layout cannot hold; undefined when there is none. */
export function unknownUnpack(layout: string): string | undefined {
  return [...layout].find((c) => !KNOWN.test(c));
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
    const size = letter?.size ?? (c === 'c' || c === '.' ? 1 : 0);
    if (at + size > end) return out.text(`%!${c}(${size} bytes wanted, ${end - at} left)`);
    if (c === '$' && at < end) return out.text(`%!$(${end - at} bytes left)`);
    if (c === '<' || c === '>') little = c === '<';
    else if (c === 'x') out.byte(0x20);
    else if (letter !== undefined) out.text(letter.print(src, at, little));
    else out.bytes(src, at, c === 's' ? end : at + size);
    at = c === 's' ? end : at + size;
  }
}
